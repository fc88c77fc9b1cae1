from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from firedoor.adapters.manifests.editing.workspace import ManifestWorkspace
from firedoor.engine.reach.cni import SPEC
from firedoor.errors import EditRefusedError
from firedoor.interfaces import Silent
from firedoor.model.difference import ChangeKind
from firedoor.model.edits import FixReport
from firedoor.model.findings import Confidence, Finding, Fix, Severity
from firedoor.model.places import ObjectRef
from firedoor.usecases import fix as module
from firedoor.usecases.diagnose import diagnose
from firedoor.usecases.diff import diff
from firedoor.usecases.fix import Wanted, fix, proposed
from firedoor.usecases.fix_planning import collisions, home_of, is_there, steps_of

PODS = "".join(
    f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}\n"
    "spec: {containers: [{name: a, image: 'a:1', ports: [{containerPort: 80}]}]}\n---\n"
    for name in ("front", "db")
)
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
  namespace: shop
  annotations: {note: kept}
spec:
  policyTypes: [Egress, Ingress]   # both
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: front}}}]   # the front
  - from:
    - podSelector: {}   # everybody
"""
WEB = ObjectRef("Deployment", "shop", "web")


def editor(folder: Path, text: str, name: str = "a.yaml") -> ManifestWorkspace:
    (folder / name).write_text(text)
    return ManifestWorkspace((str(folder),))


def fixed(found: ManifestWorkspace, *checks: str, unsafe: bool = True) -> FixReport:
    return fix(found, SPEC, Wanted(frozenset(checks), unsafe=unsafe))


def finding(check: str, patch: dict[str, Any], *, is_patch: bool = True, about: ObjectRef = WEB) -> Finding:
    metadata = {"name": about.name, "namespace": about.namespace}
    manifest = {"kind": about.kind, "metadata": metadata, **patch}
    remedy = Fix("do", (manifest,), is_patch=is_patch)
    return Finding(check, Severity.LOW, Confidence.HIGH, WEB, "a.yaml:1", "it is so", "", (), remedy)


def test_several_fixes_of_one_policy_are_made_one_after_the_other(tmp_path: Path) -> None:
    found = editor(tmp_path, PODS + POLICY)
    report = fixed(found, "ingress-all-ports")
    assert [each.finding.check for each in report.applied] == ["ingress-all-ports"] * 2
    assert report.refused == ()
    assert all(each.is_gone for each in report.applied)
    (file,) = report.files
    for kept in ("{note: kept}", "[Egress, Ingress]   # both", "# the front", "{}   # everybody"):
        assert kept in file.after
    assert file.after.count("port: 80") == 2
    assert fixed(found, "ingress-all-ports").applied == ()


def test_what_is_left_after_the_last_round_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROUNDS", 1)
    report = fixed(editor(tmp_path, PODS + POLICY), "ingress-all-ports")
    assert (len(report.applied), len(report.refused)) == (1, 1)
    assert report.refused[0].reason.startswith("too many fixes")


def test_an_object_that_is_not_in_a_file_of_its_own_is_told() -> None:
    class Nowhere:
        def find(self, _: ObjectRef) -> tuple[()]:
            return ()

    with pytest.raises(EditRefusedError, match="Deployment shop/web is not written in a file"):
        home_of(Nowhere(), WEB)  # type: ignore[arg-type]


def test_a_new_object_that_two_findings_want_is_made_once(tmp_path: Path) -> None:
    text = PODS.replace(", labels: {app: front}", "").replace(", labels: {app: db}", "")
    report = fixed(editor(tmp_path, text), "pod-unprotected")
    assert [len(each.places) for each in report.applied] == [1, 0]
    assert [Path(each.path).name for each in report.files] == ["networkpolicy-default-deny.yaml"]


def test_a_new_object_whose_name_is_taken_is_refused(tmp_path: Path) -> None:
    taken = POLICY.replace("name: db", "name: front-default-deny")
    report = fixed(editor(tmp_path, PODS + taken), "pod-unprotected")
    (refused,) = report.refused
    assert refused.reason == "NetworkPolicy shop/front-default-deny is there already, and is something else"
    assert refused.place == f"{tmp_path}/a.yaml:11"


def test_a_fix_of_two_objects_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "networkpolicy-default-deny.yaml").write_text("# mine\n")
    (tmp_path / "networkpolicy-shop-default-deny.yaml").write_text("# mine too\n")
    (tmp_path / "networkpolicy-shop-allow-dns.yaml").write_text("# mine too\n")
    report = fixed(editor(tmp_path, PODS), "namespace-without-default-deny")
    assert report.files == ()
    assert "none is overwritten" in report.refused[0].reason


def test_a_container_that_the_manifest_does_not_have_is_told(tmp_path: Path) -> None:
    found = editor(tmp_path, PODS)
    about = ObjectRef("Pod", "shop", "db")
    sidecar = finding("x", {"spec": {"containers": [{"name": "proxy", "tty": True}]}}, about=about)
    (step,) = steps_of(sidecar, found.load(Silent()))
    with pytest.raises(EditRefusedError, match="the manifest has no containers proxy"):
        step.target(home_of(found, about))


def test_fixes_that_want_a_field_to_be_different_are_both_named(tmp_path: Path) -> None:
    snapshot = editor(tmp_path, PODS).load(Silent())
    other = ObjectRef("Deployment", "shop", "api")
    wanted = [
        finding("a", {"spec": {"x": 1}}),
        finding("b", {"spec": {"x": 2}}),
        finding("c", {"spec": {"x": 1, "y": 1}}),
        finding("d", {"spec": {"z": 1}}),
        finding("e", {"spec": {"x": 3}}, about=other),
    ]
    plans = [(each, steps_of(each, snapshot)) for each in wanted]
    reason = "the fix of {} wants spec.x of Deployment shop/web to be different"
    assert dict(collisions(plans)) == {0: reason.format("b"), 1: reason.format("a"), 2: reason.format("b")}
    new = [finding(each, {"spec": {"x": each}}, is_patch=False, about=other) for each in ("a", "b")]
    found = dict(collisions([(each, steps_of(each, snapshot)) for each in new]))
    assert found[0] == "the fix of b wants everything of Deployment shop/api to be different"


def test_colliding_fixes_are_both_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = editor(tmp_path, PODS)
    about = ObjectRef("Pod", "shop", "db")
    both = [finding(name, {"spec": {"hostPID": value}}, about=about) for name, value in (("a", True), ("b", False))]
    work = module._Work(found, [], [])
    assert work.round(both, found.load(Silent())) == []
    assert work.applied == []
    assert [each.is_failure for each in work.refused] == [True, True]


def test_objects_without_another_way_to_be_written_are_merged(tmp_path: Path) -> None:
    text = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default, namespace: shop}\n"
    found = editor(tmp_path, PODS + text + "spec: {mtls: {mode: PERMISSIVE}, selector: {}}\n")
    about = ObjectRef("PeerAuthentication", "shop", "default")
    strict = finding("x", {"spec": {"mtls": {"mode": "STRICT"}}}, is_patch=False, about=about)
    (step,) = steps_of(replace(strict, object=about), found.load(Silent()))
    home = home_of(found, about)
    found.edit(home, step.target(home))
    assert found.edits()[0].after.endswith("spec: {mtls: {mode: STRICT}, selector: {}}\n")
    (new,) = steps_of(strict, found.load(Silent()))
    with pytest.raises(EditRefusedError, match="is there already"):
        is_there(found, new)
    found.edit(home_of(found, about), {**home.value, "spec": {"mtls": {"mode": "STRICT"}}})
    assert is_there(found, new)


def test_what_each_fix_would_change_is_told_apart(tmp_path: Path) -> None:
    found = editor(tmp_path, PODS + POLICY)
    snapshot = found.load(Silent())
    findings = diagnose(snapshot, SPEC).findings
    edits = proposed(found, snapshot, findings)
    assert len(edits) == len(findings)
    told = {each.check: [file.path for file in changed] for each, changed in zip(findings, edits, strict=True)}
    assert told["ingress-all-ports"] == [f"{tmp_path}/a.yaml"]
    assert told["pod-unprotected"] == []
    assert told["bare-pod"] == []
    assert found.edits() == ()


def test_what_may_not_be_tried_is_no_failure(tmp_path: Path) -> None:
    report = fixed(editor(tmp_path, PODS + POLICY), "ingress-all-ports", "bare-pod", unsafe=False)
    assert report.files == ()
    assert [each.is_failure for each in report.refused] == [False] * 4
    assert {each.place for each in report.refused} > {f"{tmp_path}/a.yaml:1"}


FIXTURES = Path(__file__).parents[1] / "engine" / "posture" / "fixtures"


@pytest.mark.parametrize(
    ("check", "number"),
    [
        ("dns-blocked", 3),
        ("egress-metadata-service", 2),
        ("ingress-all-ports", 1),
        ("istio-deny-evadable", 2),
        ("namespace-pss-weak", 2),
        ("namespace-without-default-deny", 2),
        ("one-sided-allow", 2),
        ("policy-contradicts-name", 8),
        ("pss-capabilities-restricted", 2),
        ("pss-host-ports", 1),
        ("rule-allows-everything", 5),
        ("selector-volatile-label", 2),
    ],
)
def test_every_kind_of_fix_does_away_with_its_finding(check: str, number: int, tmp_path: Path) -> None:
    text = (FIXTURES / check / "bad.yaml").read_text(encoding="utf-8")
    report = fixed(editor(tmp_path, text), check)
    assert [each.is_gone for each in report.applied] == [True] * number
    assert [each.reason for each in report.refused if each.is_failure] == []


def test_a_safe_fix_takes_no_connection_away(tmp_path: Path) -> None:
    text = (FIXTURES / "dns-blocked" / "bad.yaml").read_text(encoding="utf-8")
    found = editor(tmp_path, text)
    before = found.load(Silent())
    assert len(fixed(found, "dns-blocked", unsafe=False).applied) == 3
    changed = diff((before, found.load(Silent())), ("old", "new"), SPEC).connections
    assert {each.kind for each in changed} <= {ChangeKind.ADDED, ChangeKind.WIDENED}
