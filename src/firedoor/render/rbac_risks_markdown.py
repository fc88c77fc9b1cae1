"""The catalogue of dangerous permissions as a page of the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_risks import CATALOGUE
from firedoor.engine.rbac_risks.releases import release_text
from firedoor.engine.rbac_risks.risk import PermissionRisk
from firedoor.render.mapping_words import mappings_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.rbac_risks.permission import Permission
    from firedoor.engine.rbac_risks.risk import Risk, Way

_INTRODUCTION = """# Dangerous permissions

What `firedoor rbac risks` looks for. [How to read its answer](../howto/rbac-risks.md) is on another page. Ids are
stable. A permission is found by the rules of the API server's own matcher: `*` stands for everything, `*/exec` for that
subresource of everything, `pods` is not `pods/exec`, and `pods/*` is nothing.
"""


def rbac_risks_markdown() -> str:
    """Return the page: a table of all risks, then a section for each."""
    lines = [_INTRODUCTION, "| id | severity | what it is |", "|---|---|---|"]
    lines += [f"| [{each.id}](#{each.id}) | {each.severity.value} | {each.title} |" for each in CATALOGUE]
    for each in CATALOGUE:
        lines += ["", f"## {each.id}", "", *_section(each)]
    return "\n".join(lines) + "\n"


def _section(risk: Risk) -> Iterator[str]:
    page = f"https://attack.mitre.org/techniques/{risk.technique.replace('.', '/')}/"
    yield f"{risk.title}. MITRE ATT&CK [{risk.technique}]({page})."
    yield ""
    if isinstance(risk, PermissionRisk):
        yield _severity(risk)
        yield ""
        for number, way in enumerate(risk.ways):
            yield from _way(way, is_first=number == 0)
    else:
        yield f"Severity: {risk.severity.value} as a rule; the finding says what it is."
        yield ""
    yield f"Why: {_sentence(risk.why)}"
    yield ""
    yield f"Remedy: {_sentence(risk.remedy)}"
    yield ""
    yield f"[Frameworks](frameworks.md): {mappings_text(risk.mappings)}."


def _severity(risk: PermissionRisk) -> str:
    levels = risk.levels
    told = f"Severity: {levels.cluster.value} in the whole cluster"
    if not all(each.is_clustered for each in risk.permissions):
        told += f", {levels.system.value} in `kube-system`, {levels.namespace.value} in another namespace"
    others = f" other than {_code(risk.worst_names)}" if risk.worst_names else ""
    return f"{told}; at most {levels.named.value} for named objects{others}."


def _way(way: Way, *, is_first: bool) -> Iterator[str]:
    if not is_first:
        yield "or"
        yield ""
    yield "| | verbs | resources | API group | only |"
    yield "|---|---|---|---|---|"
    for number, part in enumerate(way):
        for position, each in enumerate(part):
            word = "or" if position else "and" if number else ""
            yield f"| {word} | {_verbs(each)} | {_resources(each)} | {_group(each)} | {_limits(each)} |"
    yield ""


def _verbs(each: Permission) -> str:
    return f"`{each.beginning}...`" if each.beginning else _code(each.verbs)


def _resources(each: Permission) -> str:
    return _code(tuple("any" if name == "?" else name.replace("?", "...") for name in each.resources)) or "any"


def _group(each: Permission) -> str:
    if each.resources[:1] and each.resources[0].startswith("/"):
        return "(URLs)"
    return "any" if each.beginning else f"`{each.group}`" if each.group else "core"


def _limits(each: Permission) -> str:
    found = [
        "cluster-wide" if each.is_clustered else "",
        f"in `{each.home}`" if each.home else "",
        f"named {_code(each.names)}" if each.names else "",
        f"from {release_text(each.since)} on" if each.since else "",
        f"before {release_text(each.until)}" if each.until else "",
        f"on {each.platform}" if each.platform else "",
    ]
    return ", ".join(filter(None, found))


def _code(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{each}`" for each in words)


def _sentence(text: str) -> str:
    return f"{text.replace('*', '`*`')}."
