from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tests.adapters.git.test_git import git
from tests.cli.command import Ran, assert_golden, firedoor, process

EXTRA = """
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: read-config}
rules:
- {apiGroups: [""], resources: [configmaps], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: frontend-config}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: read-config}
subjects: [{kind: ServiceAccount, name: frontend, namespace: shop}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: debug, namespace: shop}
rules:
- {apiGroups: [""], resources: [pods/exec], verbs: [create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: debug, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: debug}
subjects: [{kind: Group, name: "[on-call]"}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: nobody, namespace: shop}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get]}
"""


@pytest.fixture
def states(tmp_path: Path) -> Path:
    """A folder with the demo shop as it is, and with roles and bindings changed."""
    assert firedoor("demo", "--write", str(tmp_path / "old")).code == 0
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    frontend = tmp_path / "new/rbac/frontend.yaml"
    frontend.write_text(frontend.read_text().replace('["get", "list"]', '["get"]') + EXTRA)
    developers = tmp_path / "new/rbac/developers.yaml"
    developers.write_text(developers.read_text().replace("name: developers-view", "name: developers"))
    (tmp_path / "new/rbac/ci-deployer.yaml").unlink()
    return tmp_path


def diff(states: Path, *arguments: str, stdin: bytes = b"") -> Ran:
    return firedoor("rbac", "diff", *arguments, cwd=states, stdin=stdin)


def document(ran: Ran) -> dict[str, object]:
    assert (ran.code, ran.err) == (10, "")
    found: dict[str, object] = yaml.safe_load(ran.out)
    return found


def test_the_table_is_as_stored(states: Path) -> None:
    ran = diff(states, "old", "new")
    assert (ran.code, ran.err) == (10, "")
    assert_golden("rbac-diff-demo.txt", ran.out)


def test_the_markdown_is_as_stored(states: Path) -> None:
    ran = diff(states, "old", "new", "-o", "markdown")
    assert ran.code == 10
    assert_golden("rbac-diff-demo.md", ran.out)


def test_json_and_yaml_are_the_same_document(states: Path) -> None:
    found = document(diff(states, "old", "new", "-o", "json"))
    assert found == document(diff(states, "old", "new", "-o", "yaml"))
    assert (found["schema"], found["old"], found["new"]) == ("firedoor/rbac-diff/v1", "old", "new")
    assert found["summary"] == {"gained": 2, "became allowed": 0, "lost": 3, "became unknown": 0}


def test_the_same_state_does_not_differ(states: Path) -> None:
    ran = diff(states, "old", "old")
    assert ran.code == 0
    assert ran.out.endswith("nobody may do more or less\n")
    assert "nobody may do more or less" in diff(states, "old", "old", "-o", "markdown").out


def test_a_process_prints_the_same_as_a_call(states: Path) -> None:
    assert process("rbac", "diff", "old", "new", cwd=states) == diff(states, "old", "new")


def test_snapshots_revisions_and_standard_input_are_states_too(states: Path) -> None:
    assert firedoor("snapshot", "save", "old.fds", "old", cwd=states).code == 0
    assert diff(states, "old.fds", "old").code == 0
    text = (states / "new/rbac/frontend.yaml").read_bytes()
    assert diff(states, "-", "new/rbac/frontend.yaml", stdin=text).code == 0
    (states / "deploy").symlink_to("old")
    git(states, "init", "-q", "-b", "main")
    git(states, "add", "old")
    git(states, "commit", "-q", "-m", "one")
    assert diff(states, "git:main:old", "old").code == 0
    assert diff(states, "git:main:old", "new").code == 10


def test_a_namespace_is_all_that_is_shown(states: Path) -> None:
    assert diff(states, "old", "new", "-n", "monitoring").code == 0
    assert "on-call" in diff(states, "old", "new", "-n", "shop").out
    ran = diff(states, "old", "new", "-n", "nowhere")
    assert ran.code == 3
    assert "nothing of roles and bindings was found in namespace nowhere of old or new" in ran.error


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("missing", "new"), 2, "missing: no such file or folder"),
        (("old", "missing"), 2, "missing: no such file or folder"),
        (("-", "-"), 2, "OLD and NEW are both standard input"),
        (("git:nope:old", "new"), 2, "in no git repository"),
        (("old",), 2, "missing argument 'NEW'"),
        (("bare", "bare"), 3, "no role or binding was found in bare or bare"),
        (("old", "new", "-o", "csv"), 2, "'csv' is not one of"),
        (("old", "new", "--kubernetes-version", "x"), 2, "x"),
    ],
)
def test_bad_input_is_one_line(states: Path, arguments: tuple[str, ...], code: int, error: str) -> None:
    (states / "bare").mkdir()
    (states / "bare/a.yaml").write_text("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n")
    ran = diff(states, *arguments)
    assert ran.code == code
    assert ran.out == ""
    assert error in ran.err
    assert "Traceback" not in ran.err


def test_a_broken_file_leaves_open_what_anybody_may_do(states: Path) -> None:
    (states / "new/broken.yaml").write_text("kind: [\n")
    ran = diff(states, "old", "new")
    assert ran.code == 10
    assert "became unknown  ServiceAccount shop/frontend" in ran.out
    assert "  of anybody, now: " in ran.out
    assert ran.out.endswith("; gaps: 0 before, 1 after\n")
    shutil.copytree(states / "old", states / "broken")
    (states / "broken/broken.yaml").write_text("kind: [\n")
    assert diff(states, "old", "broken").code == 10


def test_a_rule_that_the_api_refuses_is_told_of_as_a_doubt(states: Path) -> None:
    text = EXTRA.replace(
        '{apiGroups: [""], resources: [configmaps], verbs', "{nonResourceURLs: [/x], resourceNames: [a], verbs"
    )
    (states / "refused.yaml").write_text(text)
    ran = diff(states, "old", "refused.yaml")
    assert (ran.code, ran.err) == (10, "")
    assert "rules cannot apply to both regular resources and non-resource URLs" in ran.out
