"""The part ``watch`` of a configuration: sinks, rules and silences, every fault with its line."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from firedoor.adapters.settings.rule_reading import read_rule, read_silence
from firedoor.adapters.settings.values import entries, one_of, seconds, whole_number
from firedoor.model.alerting import STATE_KINDS, Secret, SinkKind, SinkPlan, WatchPlan
from firedoor.model.placed import Part

PARTS = ("sinks", "rules", "silences")
SECRET_FIELDS = ("env", "file")
NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
MOST_WAITING = 1_000_000
_COMMON = ("name", "type", "most-waiting")
_HTTP = (*_COMMON, "url", "ca", "timeout")
FIELDS = {
    SinkKind.WEBHOOK: (*_HTTP, "secret", "token"),
    SinkKind.SLACK: _HTTP,
    SinkKind.TEAMS: _HTTP,
    SinkKind.ALERTMANAGER: (*_HTTP, "token", "lasts"),
    SinkKind.SYSLOG: _HTTP,
    SinkKind.OCSF: (*_HTTP, "token"),
    SinkKind.OTLP: (*_HTTP, "token"),
    SinkKind.KUBERNETES_EVENTS: _COMMON,
    SinkKind.POLICY_REPORT: ("name", "type"),
    SinkKind.OPENREPORTS: ("name", "type"),
}
"""What may be said of a sink of each kind; a URL must be, where there may be one."""
SECRET_URLS = frozenset({SinkKind.SLACK, SinkKind.TEAMS})


def read_watch_plan(part: Part) -> WatchPlan:
    """Return what a part of a document says; raises ``UsageError`` at the first fault."""
    keys = part.keys(PARTS)
    sinks = tuple(map(_sink, entries(keys, "sinks")))
    _refuse_twice(sinks, entries(keys, "sinks"))
    targets = [each.name for each in sinks if each.kind not in STATE_KINDS]
    rules = tuple(read_rule(each, targets) for each in entries(keys, "rules"))
    silences = tuple(map(read_silence, entries(keys, "silences")))
    return WatchPlan(sinks, rules, silences)


def _sink(part: Part) -> SinkPlan:
    every = tuple(dict.fromkeys(field for fields in FIELDS.values() for field in fields))
    keys = part.keys(every, ("name", "type"))
    kind = one_of(keys["type"], SinkKind, "type of sink")
    fields = FIELDS[kind]
    keys = part.keys(fields, ("url",) if "url" in fields else ())
    name = keys["name"].text("security-team").strip()
    if not re.fullmatch(NAME, name) or len(name) > 63:  # noqa: PLR2004 - it becomes the name of a file
        keys["name"].fail(f"{name[:60]!r} is no name of a sink", "write small letters, digits and dashes, as in soc-2")
    secrets = {each: _secret(keys[each]) for each in ("secret", "token") if each in keys}
    url = _url(keys["url"], kind) if "url" in keys else None
    if url is not None and secrets.get("token") is not None and urlsplit(url.text).scheme == "http":
        keys["url"].fail("a token would be sent without TLS", "use https://")
    return SinkPlan(
        name,
        kind,
        part.place,
        url,
        secrets.get("secret"),
        secrets.get("token"),
        keys["ca"].text("/etc/ssl/private-ca.pem").strip() if "ca" in keys else "",
        whole_number(keys["most-waiting"], range(1, MOST_WAITING + 1)) if "most-waiting" in keys else 10_000,
        seconds(keys["timeout"]) if "timeout" in keys else 10.0,
        seconds(keys["lasts"]) if "lasts" in keys else 86_400.0,
    )


def _url(part: Part, kind: SinkKind) -> Secret:
    if isinstance(part.value, dict):
        return _secret(part)
    if kind in SECRET_URLS:
        part.fail(
            "whoever knows this URL may write to the channel: it has no place in a configuration",
            "write {env: VARIABLE} or {file: PATH}",
        )
    schemes = ("tls", "tcp", "udp") if kind is SinkKind.SYSLOG else ("https", "http")
    text = part.text(f"{schemes[0]}://logs.example").strip()
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or "@" in parts.netloc:
        part.fail(
            "this is no URL, or it has a user in it",
            f"write it as in {schemes[0]}://logs.example, or as {{env: VARIABLE}} or {{file: PATH}}",
        )
    return Secret(text=text)


def _secret(part: Part) -> Secret:
    if not isinstance(part.value, dict):
        part.fail("a secret has no place in a configuration", "write {env: VARIABLE} or {file: PATH}")
    keys = part.keys(SECRET_FIELDS)
    if len(keys) != 1:
        part.fail("expected env or file, one of them", "write {env: VARIABLE} or {file: PATH}")
    ((key, value),) = keys.items()
    text = value.text("SOC_SECRET" if key == "env" else "/run/secrets/soc").strip()
    if key == "env" and not re.fullmatch(VARIABLE, text):
        value.fail(f"{text[:60]!r} is no name of an environment variable", "write it as in SOC_SECRET")
    return Secret(env=text) if key == "env" else Secret(file=text)


def _refuse_twice(sinks: Collection[SinkPlan], parts: list[Part]) -> None:
    seen: dict[str, str] = {}
    for each, part in zip(sinks, parts, strict=True):
        if each.name in seen:
            part.fail(f"there is a sink {each.name} already, at {seen[each.name]}", "give one of them another name")
        seen[each.name] = each.place
