from __future__ import annotations

import csv
import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.adapters.audit.samples import line
from tests.cli.command import firedoor, process

ROLES = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web, namespace: shop}
rules:
- {apiGroups: [""], resources: [pods, secrets], verbs: [get, list, watch]}
- {apiGroups: [batch], resources: [jobs], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: basic, labels: {kubernetes.io/bootstrapping: rbac-defaults}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: system:basic-user}
subjects: [{kind: Group, name: "system:authenticated"}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: lost}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: gone}
subjects: [{kind: User, name: john}]
"""
JANE = {"username": "jane", "groups": ["devs", "system:authenticated"]}
JOHN = {"username": "john", "groups": ["devs", "system:authenticated"]}
ROOT = {"username": "root", "groups": ["system:masters"]}
SECRET = {"resource": "secrets", "namespace": "shop", "name": "db"}
JOB = {"resource": "jobs", "apiGroup": "batch", "namespace": "shop", "name": "night"}
FORBIDDEN = {"authorization.k8s.io/decision": "forbid"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rbac.yaml").write_text(ROLES)
    events = (
        line(),
        line(verb="get", objectRef=SECRET),
        line(verb="create", objectRef=JOB),
        line(verb="delete", objectRef=SECRET, annotations=FORBIDDEN),
        line(verb="get", objectRef=None, requestURI="/apis?timeout=32s"),
        line(user=JANE, verb="get", objectRef=None, requestURI="/metrics"),
        line(user=JOHN, verb="list", objectRef={"resource": "nodes"}),
        line(user=JANE, verb="get", objectRef={"resource": "*", "namespace": "shop"}),
        line(user=ROOT),
        line(stage="RequestReceived"),
        b"{broken\n",
    )
    (tmp_path / "audit.log").write_bytes(b"".join(events))
    return tmp_path


def test_the_yaml_holds_roles_and_bindings_that_firedoor_agrees_with(folder: Path) -> None:
    ran = firedoor("rbac", "minimize", "--audit-log", "audit.log", "--subject", "shop/web", cwd=folder)
    assert (ran.code, ran.err) == (0, "")
    documents = [each for each in yaml.safe_load_all(ran.out) if each]
    assert [(each["kind"], each["metadata"]["namespace"]) for each in documents] == [
        ("Role", "shop"),
        ("RoleBinding", "shop"),
    ]
    assert documents[0]["rules"] == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["db"], "verbs": ["get"]},
        {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create"]},
    ]
    assert documents[1]["subjects"] == [{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}]
    assert "# note: audit.log:11: the line is no audit event" in ran.out
    assert "# left out: 4 requests of 3 other subjects\n" in ran.out
    (folder / "least.yaml").write_text(ran.out)
    web = ("--as", "system:serviceaccount:shop:web", "-n", "shop", "least.yaml")
    for asked, code in ((("list", "pods"), 0), (("get", "secrets", "db"), 0), (("get", "secrets", "other"), 10)):
        assert firedoor("rbac", "can", *asked, *web, cwd=folder).code == code


def minimized(folder: Path, *arguments: str) -> Any:
    return firedoor("rbac", "minimize", "--audit-log", "audit.log", *arguments, "-o", "json", cwd=folder).document


def test_the_document_says_what_is_proved_denied_and_left_out(folder: Path) -> None:
    document = minimized(folder)
    assert document["schema"] == "firedoor/rbac-minimize/v1"
    assert [each["subject"]["name"] for each in document["subjects"]] == ["web", "jane", "john"]
    web, jane, _ = document["subjects"]
    assert web["requests"] == {"allowed": 4, "denied": 1, "common": 1}
    assert web["proof"] == {"holds": True, "requests": 3, "allowed": 3, "parts": 10, "needed": 10}
    assert [(each["verb"], each["count"]) for each in web["denied"]] == [("delete", 1)]
    assert [each["resource"] for each in jane["inexpressible"]] == ["*"]
    assert document["exempt"][0]["name"] == "root"
    assert document["log"]["skipped"] == {"stage": 1, "unreadable": 1}
    assert document["log"]["faults"][0]["source"] == "audit.log:11"
    assert web["held"] is None


def test_others_are_counted_and_missing_ones_are_told(folder: Path) -> None:
    document = minimized(folder, "--subject", "jane", "--subject", "shop/none")
    assert {each["name"]: each["requests"] for each in document["others"]} == {"web": 5, "john": 1, "root": 1}
    assert document["notes"] == ["the log holds no request of ServiceAccount shop/none"]
    assert [each["subject"]["name"] for each in minimized(folder, "-n", "shop")["subjects"]] == ["web"]


def test_members_of_a_group_share_roles(folder: Path) -> None:
    (found,) = minimized(folder, "--group", "devs")["subjects"]
    assert found["subject"] == {"kind": "Group", "name": "devs", "namespace": ""}
    assert found["proof"]["holds"]
    assert [each["kind"] for each in found["objects"]] == ["ClusterRole", "ClusterRoleBinding"]
    assert found["objects"][1]["subjects"][0]["apiGroup"] == "rbac.authorization.k8s.io"


def test_names_can_be_left_open(folder: Path) -> None:
    (found,) = minimized(folder, "--subject", "shop/web", "--names", "0")["subjects"]
    assert not any("resourceNames" in rule for rule in found["objects"][0]["rules"])


def test_what_would_be_taken_away_is_told(folder: Path) -> None:
    document = minimized(folder, "rbac.yaml", "--subject", "shop/web")
    (found,) = document["subjects"]
    assert found["held"]["rules"] == 2
    assert {"namespace": "shop", "apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["*"]} in found["held"][
        "taken_away"
    ]
    assert found["held"]["beyond"] == []
    ran = firedoor("rbac", "minimize", "--audit-log", "audit.log", "-o", "text", "rbac.yaml", cwd=folder)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("SUBJECT")
    assert "  taken away  shop: * on jobs.batch\n" in ran.out
    assert "  denied      delete secrets db in namespace shop\n" in ran.out
    assert "  no rule     get * in namespace shop\n" in ran.out
    assert "audit.log:11: the line is no audit event" in ran.out
    plain = firedoor("rbac", "minimize", "--audit-log", "audit.log", "-o", "text", cwd=folder)
    assert "not read" in plain.out


def test_who_hands_on_rights_is_asked_for_more(folder: Path) -> None:
    bindings = {"resource": "rolebindings", "apiGroup": "rbac.authorization.k8s.io", "namespace": "shop"}
    (folder / "audit.log").write_bytes(line(verb="create", objectRef=bindings))
    (found,) = minimized(folder)["subjects"]
    (text,) = found["also_asked"]
    for output in ("yaml", "text"):
        assert text in firedoor("rbac", "minimize", "--audit-log", "audit.log", "-o", output, cwd=folder).out


def unused(folder: Path, *arguments: str) -> Any:
    return firedoor("rbac", "unused", "rbac.yaml", "--audit-log", "audit.log", *arguments, cwd=folder)


def test_unused_rules_are_told_part_by_part(folder: Path) -> None:
    document = unused(folder, "-o", "json").document
    assert (document["schema"], document["checked"], document["skipped_bindings"]) == ("firedoor/rbac-unused/v1", 2, 1)
    first, second = document["grants"]
    assert (first["state"], first["rule"]["source"], first["requests"]) == ("partly", "rbac.yaml:5", 2)
    assert first["unused"] == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "watch"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["list", "watch"]},
    ]
    assert second["unused"] == []
    assert second["used"] == [{"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create"]}]
    assert document["unseen"] == []
    assert [note for note in document["notes"] if "gone" in note]
    assert unused(folder, "--all", "-o", "json").document["skipped_bindings"] == 0


def test_formats_of_unused_agree(folder: Path) -> None:
    document = unused(folder, "-o", "json").document
    assert yaml.safe_load(unused(folder, "-o", "yaml").out) == document
    rows = list(csv.DictReader(StringIO(unused(folder, "-o", "csv").out)))
    assert len(rows) == sum(len(each["unused"]) + len(each["used"]) for each in document["grants"])
    assert "warning: audit.log:11: the line is no audit event" in unused(folder, "-o", "csv").err
    text = unused(folder).out
    assert "ServiceAccount shop/web\n" in text
    assert "  partly  shop: RoleBinding shop/web -> Role shop/web rules[0] (rbac.yaml:5)\n" in text
    assert "2 granted rules: 0 unused; 2 used in part; 9 requests in the audit log from" in text.splitlines()[-1]


def test_logs_come_from_standard_input_and_packed(folder: Path) -> None:
    packed = gzip.compress((folder / "audit.log").read_bytes())
    ran = process("rbac", "minimize", "--audit-log", "-", "-o", "json", stdin=packed, cwd=folder)
    assert (ran.code, ran.err) == (0, "")
    assert [each["subject"]["name"] for each in json.loads(ran.out)["subjects"]] == ["web", "jane", "john"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("minimize",), 2, "--audit-log"),
        (("minimize", "--audit-log", "none.log"), 2, "none.log: no such file or folder"),
        (("minimize", "--audit-log", "empty.log"), 3, "the audit logs hold no request"),
        (("minimize", "--audit-log", "broken.log"), 3, "left out: 1 unreadable; the first: broken.log:1:"),
        (("minimize", "--audit-log", "audit.log", "--subject", "nobody"), 3, "hold no request of nobody"),
        (("minimize", "--audit-log", "audit.log", "--subject", "/x"), 2, "/x is no service account"),
        (("minimize", "--audit-log", "audit.log", "--subject", ""), 2, "the name of a subject is empty"),
        (("minimize", "--audit-log", "audit.log", "--audit-log", "audit.log"), 2, "given twice"),
        (("minimize", "--audit-log", "audit.log", "--cluster", "rbac.yaml"), 2, "--cluster and paths"),
        (("minimize", "--audit-log", "-", "-"), 2, "standard input is given twice"),
        (("unused", "--audit-log", "-", "-"), 2, "standard input is given twice"),
        (("unused", "rbac.yaml", "--audit-log", "empty.log"), 3, "everything would count as unused"),
        (("unused", "pod.yaml", "--audit-log", "audit.log"), 3, "no binding was found"),
    ],
)
def test_bad_questions_say_what_is_wrong(folder: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    (folder / "empty.log").write_text("")
    (folder / "broken.log").write_text("{x\n")
    (folder / "pod.yaml").write_text("{apiVersion: v1, kind: Namespace, metadata: {name: a}}")
    ran = firedoor("rbac", *arguments, cwd=folder)
    assert ran.code == code
    assert words in ran.error
