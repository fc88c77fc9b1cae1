from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firedoor.cli.exit_codes import ExitCode
from tests.cli.command import SETS, Ran, firedoor

WEB = """\
# the web of the shop
apiVersion: v1
kind: Namespace
metadata:
  name: shop   # ours
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostNetwork: true
      containers:
        # from our registry
        - name: "web"
          image: registry.example/web:1.2   # pinned
          securityContext:
            privileged: true   # TODO: why
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other, namespace: shop}
data:
    odd:   "layout"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s" / "web.yaml").write_text(WEB)
    return tmp_path


def run(folder: Path, *arguments: str) -> Ran:
    return firedoor("fix", "k8s", *arguments, cwd=folder)


def answer(folder: Path, *arguments: str) -> Any:
    return json.loads(run(folder, "-o", "json", *arguments).out)


def test_a_diff_is_printed_and_nothing_is_written(shop: Path) -> None:
    ran = run(shop, "--unsafe", "--check", "pss-privileged")
    assert ran.code == ExitCode.ANSWER_NO
    assert ran.out.splitlines() == [
        "--- a/k8s/web.yaml",
        "+++ b/k8s/web.yaml",
        "@@ -18,7 +18,7 @@",
        '         - name: "web"',
        "           image: registry.example/web:1.2   # pinned",
        "           securityContext:",
        "-            privileged: true   # TODO: why",
        "+            privileged: false   # TODO: why",
        " ---",
        " apiVersion: v1",
        " kind: ConfigMap",
    ]
    assert ran.err == "1 fix in 1 file, and nothing was written (--write does); 0 not fixed.\n"
    assert (shop / "k8s" / "web.yaml").read_text() == WEB


def test_files_are_written_and_the_findings_are_gone(shop: Path) -> None:
    checks = (
        "--check",
        "pss-privileged",
        "--check",
        "pss-host-namespaces",
        "--check",
        "pss-allow-privilege-escalation",
    )
    ran = run(shop, "--unsafe", "--write", *checks)
    assert ran.code == ExitCode.OK
    assert ran.err.endswith("\nWrote 3 fixes in 1 file; 0 not fixed.\n")
    expected = WEB.replace("hostNetwork: true", "hostNetwork: false").replace(
        "privileged: true   # TODO: why\n",
        "privileged: false   # TODO: why\n            allowPrivilegeEscalation: false\n",
    )
    assert (shop / "k8s" / "web.yaml").read_text() == expected
    again = run(shop, "--unsafe", "--write", *checks)
    assert (again.code, again.out, again.err) == (ExitCode.OK, "", "Nothing to change; 0 not fixed.\n")


def test_new_objects_go_beside_what_they_are_for(shop: Path) -> None:
    found = answer(shop, "--unsafe", "--check", "namespace-without-default-deny")
    assert found["files"] == []
    (shop / "k8s" / "web.yaml").write_text(WEB.replace("      hostNetwork: true\n", ""))
    found = answer(shop, "--unsafe", "--check", "namespace-without-default-deny")
    assert [(each["path"], each["new"]) for each in found["files"]] == [
        ("k8s/networkpolicy-allow-dns.yaml", True),
        ("k8s/networkpolicy-default-deny.yaml", True),
    ]
    assert found["files"][1]["diff"].startswith("--- /dev/null\n+++ b/k8s/networkpolicy-default-deny.yaml\n@@ -0,0 +1,")
    assert found["applied"][0]["gone"] is True
    elsewhere = answer(shop, "--unsafe", "--check", "namespace-without-default-deny", "--new-objects", "policies")
    assert elsewhere["files"][0]["path"] == "policies/networkpolicy-allow-dns.yaml"
    assert run(shop, "--unsafe", "--write", "--check", "namespace-without-default-deny").code == ExitCode.OK
    assert len([*(shop / "k8s").iterdir()]) == 3


def test_unsafe_fixes_are_told_and_left(shop: Path) -> None:
    found = answer(shop, "--check", "pss-privileged")
    assert found == {
        "schema": "firedoor/fix/v1",
        "written": False,
        "applied": [],
        "refused": [
            {
                "check": "pss-privileged",
                "severity": "high",
                "object": {"kind": "Deployment", "namespace": "shop", "name": "web"},
                "reason": "it may stop an app that runs, or needs a choice: see --unsafe",
                "place": "k8s/web.yaml:21",
                "failed": False,
            }
        ],
        "files": [],
        "introduced": [],
        "notes": [],
    }
    assert run(shop, "--check", "pss-privileged").code == ExitCode.OK


def test_a_safe_fix_needs_no_option(shop: Path) -> None:
    found = answer(shop, "--severity", "medium", "--check", "namespace-pss-missing")
    (applied,) = found["applied"]
    assert (applied["safe"], applied["places"]) == (True, ["k8s/web.yaml:2"])
    assert "+  labels:\n+    pod-security.kubernetes.io/warn: baseline\n" in found["files"][0]["diff"]
    assert answer(shop, "--severity", "critical")["applied"] == []


def test_what_is_refused_is_grouped_by_reason_and_listed_on_demand(shop: Path) -> None:
    many = "---\n".join(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}, namespace: shop}}\n"
        "spec: {containers: [{name: a, image: a}]}\n"
        for number in range(5)
    )
    (shop / "k8s" / "pods.yaml").write_text(many)
    ran = run(shop, "--check", "image-latest-tag")
    assert ran.err.startswith("not fixed (5): no manifest can remedy it by itself\n  k8s/pods.yaml:1: image-latest-tag")
    assert "  and 2 more (-v lists them)\n" in ran.err
    assert "more" not in run(shop, "--check", "image-latest-tag", "-v").err


def test_an_exception_is_left_alone(shop: Path) -> None:
    (shop / ".firedoor.yaml").write_text("ignore: [{check: pss-privileged, name: web, reason: a driver}]\n")
    assert answer(shop, "--unsafe", "--check", "pss-privileged")["applied"] == []
    config = shop / "none.yaml"
    config.write_text("")
    found = answer(shop, "--unsafe", "--check", "pss-privileged", "--config", str(config))
    assert len(found["applied"]) == 1


def test_a_refused_fix_ends_with_ten_also_when_writing(shop: Path) -> None:
    added = "privileged: false\n            capabilities:\n              add:\n"
    added += "              - SYS_ADMIN  # for mounts\n              - NET_RAW\n"
    (shop / "k8s" / "web.yaml").write_text(WEB.replace("privileged: true   # TODO: why\n", added))
    found = run(shop, "--unsafe", "--write", "--check", "pss-capabilities-baseline")
    assert found.code == ExitCode.ANSWER_NO
    assert "not fixed (1): a comment would be lost\n  k8s/web.yaml:7: pss-capabilities-baseline" in found.err


def test_findings_that_appear_and_those_that_stay_are_told(shop: Path) -> None:
    calling = "---\n".join(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}\n"
        "spec: {containers: [{name: a, image: 'a:1'}]}\n"
        for name in ("front", "db")
    )
    policy = (
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: db, namespace: shop}\n"
        "spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{ports: [{port: 5}], from: "
        "[{podSelector: {matchLabels: {app: front}}}]}]}\n"
    )
    (shop / "k8s" / "web.yaml").write_text(calling + policy)
    ran = run(shop, "--unsafe", "--check", "namespace-without-default-deny")
    assert "new after the fixes: medium one-sided-allow: " in ran.err
    (shop / "k8s" / "web.yaml").write_text(WEB)
    assert "still found after the fix: namespace-pss-missing Namespace shop\n" in run(shop).err


def test_a_kustomization_has_to_be_told_of_new_files(shop: Path) -> None:
    (shop / "k8s" / "web.yaml").write_text(WEB.replace("      hostNetwork: true\n", ""))
    (shop / "k8s" / "kustomization.yaml").write_text("resources: [web.yaml]\n")
    ran = run(shop, "--unsafe", "--check", "pod-unprotected")
    assert "to do: add networkpolicy-web-default-deny.yaml to the resources of k8s/kustomization.yaml\n" in ran.err


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), "a live cluster is not changed; give the files or folders that the manifests are kept in"),
        (("--context", "x"), "a live cluster is not changed; "),
        (("-",), "standard input cannot be changed; "),
        (("saved.fds",), "saved.fds: a saved snapshot is not changed; "),
        (("nowhere",), "nowhere: no such file or folder; check the path"),
        (("k8s", "--check", "odd"), "there is no check 'odd'; `firedoor checks` lists them"),
        (("k8s", "--kubernetes-version", "9"), "not a Kubernetes release: '9'; "),
    ],
)
def test_what_cannot_be_changed_is_one_line(shop: Path, arguments: tuple[str, ...], error: str) -> None:
    firedoor("snapshot", "save", "saved.fds", "k8s", cwd=shop)
    ran = firedoor("fix", *arguments, cwd=shop)
    assert ran.code == ExitCode.USAGE
    assert ran.error.startswith(error)


def test_a_read_only_file_is_one_line(shop: Path) -> None:
    (shop / "k8s" / "web.yaml").chmod(0o444)
    ran = run(shop, "--unsafe", "--write", "--check", "pss-privileged")
    assert ran.error == "k8s/web.yaml: the file is read-only; nothing was written; make it writable"


@pytest.mark.parametrize("name", sorted(each.name for each in SETS.iterdir() if each.is_dir()))
def test_every_set_is_fixed_without_a_fault_and_never_half(name: str) -> None:
    ran = firedoor("fix", name, "--unsafe", "-o", "json")
    assert ran.code in {ExitCode.OK, ExitCode.ANSWER_NO, ExitCode.NOTHING_IN_SCOPE, ExitCode.USAGE}
    if ran.out:
        found = json.loads(ran.out)
        assert all(each["reason"] and each["place"] for each in found["refused"])


def test_sarif_has_the_changes_of_the_text_and_the_suppressions(shop: Path) -> None:
    exception = "  annotations: {firedoor.dev/ignore: 'image-latest-tag=fine'}\n"
    (shop / "k8s" / "web.yaml").write_text(WEB.replace("metadata: {name: web, namespace: shop}\n", (
        "metadata:\n  name: web\n  namespace: shop\n" + exception
    )).replace("web:1.2", "web"))  # fmt: skip
    document = json.loads(firedoor("diagnose", "k8s", "-o", "sarif", "--show-ignored", cwd=shop).out)
    results = document["runs"][0]["results"]
    (fixed,) = (each for each in results if each["ruleId"] == "pss-privileged")
    (change,) = fixed["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "k8s/web.yaml", "uriBaseId": "%SRCROOT%"}
    (replaced,) = change["replacements"]
    assert replaced["insertedContent"]["text"] == "            privileged: false   # TODO: why\n"
    (ignored,) = (each for each in results if each["ruleId"] == "image-latest-tag")
    assert ignored["suppressions"][0]["justification"] == "fine"
    piped = firedoor("diagnose", "-", "-o", "sarif", stdin=WEB.encode())
    assert all("fixes" not in each for each in json.loads(piped.out)["runs"][0]["results"])
