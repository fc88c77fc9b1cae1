"""
What containers are started with, reduced to what may be kept.

Of commands, arguments and the values of variables nothing is kept but the flags of the
programs of a control plane, the hosts and ports that they name, and the names of what
holds a secret in plain text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec.structs import force_setattr

from firedoor.model.calls import calls_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.model.volumes import Variable
    from firedoor.model.workloads import Container

ETCD = "etcd"

KEPT_FLAGS: dict[str, frozenset[str]] = {
    program: frozenset(flags.split())
    for program, flags in {
        "kube-apiserver": "anonymous-auth audit-log-path audit-policy-file audit-webhook-config-file "
        "authentication-config authorization-config authorization-mode disable-admission-plugins "
        "enable-admission-plugins encryption-provider-config etcd-cafile etcd-servers insecure-bind-address "
        "insecure-port kubelet-certificate-authority profiling token-auth-file",
        "kube-controller-manager": "bind-address profiling use-service-account-credentials",
        "kube-scheduler": "bind-address config profiling",
        ETCD: "auto-tls client-cert-auth config-file listen-client-urls listen-peer-urls peer-auto-tls "
        "peer-client-cert-auth",
        "aws-network-policy-agent": "enable-network-policy enable-policy-event-logs metrics-bind-addr",
        "kube-router": "metrics-port run-firewall",
    }.items()
}
"""The programs of control planes and networks, and the flags whose values are kept; none of them is a secret."""

_BY_IMAGE = frozenset({"aws-network-policy-agent", "kube-router"})
"""Programs that images start by themselves, under the image's own name."""

# The same names stand in many objects.
_NAMED = lru_cache(4096)(
    re.compile(
        r"(?:^|[_.-])(?:(?P<sure>password|passwd|passphrase|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key)"
        r"|(?P<maybe>secret|token|credentials?))$",
        re.IGNORECASE,
    ).search
)
_LONGEST_SCHEME = 21
_SHORTEST_SHAPED = len("a://:abc@")
# Repetitions have bounds, so that no text, however long it is, takes long.
_SHAPED_TOKEN = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}"
    r"|\bxox[abprs]-[0-9A-Za-z-]{10}|\beyJ[\w-]{8,500}\.eyJ[\w-]{8,2000}\.[\w-]{8}|\bglpat-[\w-]{20}",
).search
_TOKEN_STARTS = ("-----BEGIN", "AKIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "xox", "eyJ", "glpat-")
"""One of these is in every text that `_SHAPED_TOKEN` finds, and to look for them is faster."""
_WITH_PASSWORD = re.compile(r"://[^\s:/@$]{0,100}:[^\s/@$(){}]{3,200}@").finditer
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}\Z").search
_NOT_SECRET = re.compile(
    r"\s*|\$.*|<.*>|\{.*|%.*|\.{0,2}/.*|file:.*|https?://.*|true|false|none|null|yes|no|enabled|disabled",
    re.IGNORECASE | re.DOTALL,
).fullmatch
_NAME_OF_SOMETHING = re.compile(r"[a-z0-9]+(?:[./-][a-z0-9]+)*|\d*").fullmatch


def reduce_launch(containers: Iterable[Container]) -> None:
    """Leave of how containers are started what may be kept; nobody may have seen them yet."""
    for container in containers:
        calls = calls_of(container.env, container.command, container.args)
        if calls or container.calls:
            force_setattr(container, "calls", calls)
        if container.command or container.args:
            words = (*container.command, *container.args)
            revealing = _in_arguments(words)
            force_setattr(container, "args", tuple(_kept(words, container)))
            force_setattr(container, "command", ())
        else:
            revealing = ()
        if container.env:
            revealing += tuple(_in_variables(container.env))
            for each in container.env:
                force_setattr(each, "name", "")
                force_setattr(each, "value", "")
        if revealing:
            force_setattr(container, "revealing", tuple(dict.fromkeys(revealing)))


def _in_variables(variables: Sequence[Variable]) -> Iterator[str]:
    """Yield the names of the variables that hold secrets."""
    # Most hold none, and what none can be without is looked for first, in all of them at once.
    values = "\n".join([each.value for each in variables])
    has_tokens = any(map(values.__contains__, _TOKEN_STARTS))
    for each in variables:
        name, value = each.name, each.value
        if (has_tokens or "://" in value or _NAMED(name) is not None) and reveals(name, value):
            yield name


def reveals(name: str, value: str) -> bool:
    """
    Return whether a value is a secret, by its name or by its shape.

    References, paths, addresses and words as ``true`` are none; where the name may be
    that of an object (``TLS_SECRET``), neither is what could be such a name.
    """
    if not value:
        return False
    if len(value) >= _SHORTEST_SHAPED and _is_shaped(value):
        return True
    named = _NAMED(name)
    if named is None or _NOT_SECRET(value):
        return False
    return named["sure"] is not None or not _NAME_OF_SOMETHING(value)


def _is_shaped(text: str) -> bool:
    """Return whether a text has the shape of a secret."""
    if any(map(text.__contains__, _TOKEN_STARTS)) and _SHAPED_TOKEN(text):
        return True
    starts = (found.start() for found in _WITH_PASSWORD(text)) if "://" in text else ()
    return any(_SCHEME(text[max(0, start - _LONGEST_SCHEME) : start]) for start in starts)


def _in_arguments(words: Sequence[str]) -> tuple[str, ...]:
    """Return the flags that hold secrets, and the numbers of other words that do."""
    found: list[str] = []
    for number, (word, following) in enumerate(zip(words, [*words[1:], ""], strict=True)):
        flag, equals, value = word.partition("=")
        if not flag.startswith("--"):
            before = words[number - 1] if number else ""
            if _is_shaped(word) and not (before.startswith("--") and "=" not in before):
                found.append(f"argument {number + 1}")
            continue
        if reveals(flag, value if equals else "" if following.startswith("-") else following):
            found.append(flag)
    return tuple(found)


def _kept(words: Sequence[str], container: Container) -> Iterator[str]:
    """Yield the program of a control plane that is started, and its flags as ``--name=value``; nothing of others."""
    program = _program(words, container.image)
    known = KEPT_FLAGS.get(program)
    if known is None:
        return
    yield program
    # etcd reads its settings from variables too; flags outweigh them, and come after them.
    for each in container.env if program == ETCD else ():
        name = each.name.removeprefix("ETCD_").lower().replace("_", "-")
        if each.name.startswith("ETCD_") and name in known:
            yield f"--{name}={each.value}"
    for word, following in zip(words, [*words[1:], "-"], strict=True):
        flag, equals, value = word.partition("=")
        if flag.startswith("--") and flag[2:] in known:
            yield f"{flag}={value if equals else 'true' if following.startswith('-') else following}"


def _program(words: Sequence[str], image: str) -> str:
    if words[0].startswith("--"):
        name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
        return name if name in _BY_IMAGE else ""
    names = [word.rpartition("/")[2] for word in words[:2]]
    return names[1] if names[0] == "hyperkube" and len(names) > 1 else names[0]
