"""
Write `src/firedoor/model/default_roles_data.py` from the sources of Kubernetes.

Each release of Kubernetes holds the roles that its API server makes at start
(``rbac/bootstrappolicy/testdata``). They are read from the Go module proxy, and written
down once for all releases in which they are the same::

    python -m tools.record_default_roles
"""

from __future__ import annotations

import io
import sys
import urllib.request
import zipfile
from pathlib import Path
from typing import Any, Final

import yaml

OLDEST: Final = 20
NEWEST: Final = 37
_MODULE: Final = "https://proxy.golang.org/k8s.io/kubernetes/@v/v1.{minor}.0.zip"
_FOLDER: Final = "/rbac/bootstrappolicy/testdata/"
_FILES: Final = ("cluster-roles.yaml", "controller-roles.yaml", "namespace-roles.yaml")
_TARGET: Final = Path(__file__).parents[1] / "src" / "firedoor" / "model" / "default_roles_data.py"
_WIDTH: Final = 119
_HEAD: Final = f'''"""
The roles that API servers make at start, of Kubernetes 1.{OLDEST} to 1.{NEWEST}.

Written by `tools/record_default_roles.py` from the sources of each release; what a feature gate that is off
by default adds is left out.

A line at the margin is a role: its kind, its name (with its namespace, if any), and the labels for or by which
rules are aggregated. An indented line is a rule: the minor releases that have it, and what it holds.
"""

from __future__ import annotations

OLDEST = {OLDEST}
NEWEST = {NEWEST}

ROLES = """\\
'''

_Role = tuple[str, list[tuple[str, set[int]]]]


def main() -> None:
    """Read all releases and write the module."""
    found: dict[str, list[tuple[str, set[int]]]] = {}
    for minor in range(OLDEST, NEWEST + 1):
        sys.stderr.write(f"1.{minor}\n")
        for role in _roles(minor):
            _merge(found.setdefault(_title(role), []), [_rule(each) for each in role.get("rules") or []], minor)
    lines = []
    for title, rules in sorted(found.items()):
        lines.append(title)
        lines += [_folded(f"  {min(minors)}-{max(minors)} {rule}") for rule, minors in rules]
    _TARGET.write_text(_HEAD + "\n".join(lines) + '\n"""\n', encoding="utf-8")


def _roles(minor: int) -> list[dict[str, Any]]:
    with urllib.request.urlopen(_MODULE.format(minor=minor)) as answer:  # noqa: S310 - the address is ours
        archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    names = [name for name in archive.namelist() if _FOLDER in name and name.rpartition("/")[2] in _FILES]
    return [role for name in sorted(names) for role in yaml.safe_load(archive.read(name))["items"]]


def _title(role: dict[str, Any]) -> str:
    meta = role["metadata"]
    parts = [role["kind"], "/".join(filter(None, (meta.get("namespace"), meta["name"])))]
    parts += [f"label={key}" for key in meta.get("labels", {}) if key.startswith("rbac.authorization.k8s.io/")]
    for selector in role.get("aggregationRule", {}).get("clusterRoleSelectors", ()):
        parts += [f"selects={key}" for key in selector["matchLabels"]]
    return " ".join(parts)


def _rule(rule: dict[str, Any]) -> str:
    fields = {
        "verbs": rule["verbs"],
        "groups": rule.get("apiGroups"),
        "resources": rule.get("resources"),
        "names": rule.get("resourceNames"),
        "urls": rule.get("nonResourceURLs"),
    }
    return " ".join(f"{key}={','.join(values)}" for key, values in fields.items() if values)


def _folded(line: str) -> str:
    """Return a line in pieces that Python puts together again."""
    return "\\\n".join(line[start : start + _WIDTH] for start in range(0, len(line), _WIDTH))


def _merge(known: list[tuple[str, set[int]]], rules: list[str], minor: int) -> None:
    """Add the rules of one release in its order; one that stands elsewhere than in the release before is told anew."""
    position = 0
    for rule in rules:
        same = (index for index in range(position, len(known)) if known[index][0] == rule)
        at = next((index for index in same if minor - 1 in known[index][1]), position)
        if at == len(known) or known[at][0] != rule:
            known.insert(at, (rule, set()))
        known[at][1].add(minor)
        position = at + 1


if __name__ == "__main__":
    main()
