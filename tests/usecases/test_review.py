from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from firedoor.engine.reach.cni import SPEC
from firedoor.model.exceptions import Baseline, Disabled, Pattern, Rules, Settings, Waiver, WaiverState
from firedoor.model.findings import Severity
from firedoor.model.label_text import parse_selector
from firedoor.model.places import ObjectRef
from firedoor.usecases.diagnose import Diagnosis, diagnose
from firedoor.usecases.rbac_risks import rbac_risks
from firedoor.usecases.review import baseline_of
from tests.loading import snapshot_of

TODAY = date(2026, 6, 1)
SNAPSHOT = snapshot_of(
    """
    apiVersion: v1
    kind: Namespace
    metadata: {name: shop, annotations: {firedoor.dev/ignore: "namespace-without-default-deny=later; nonsense"}}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: web, namespace: shop, labels: {app: web}}
    spec: {containers: [{name: c, image: i}]}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: db, namespace: data, labels: {app: db}}
    spec: {containers: [{name: c, image: i}]}
    """
)
RBAC = snapshot_of(
    """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: reader}
    rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list]}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: reads, namespace: shop}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
    subjects: [{kind: ServiceAccount, name: web, namespace: shop}, {kind: User, name: eve}]
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: web, namespace: shop, annotations: {firedoor.dev/ignore: "secrets-read@2026-12-31=it must; x"}}
    """
)


def waiver(check: str, name: str = "") -> Waiver:
    return Waiver((check,), Pattern(name=name), "known", ".firedoor.yaml:1")


def of_settings(namespace: str = "", **fields: object) -> Diagnosis:
    return diagnose(SNAPSHOT, SPEC, namespace, Rules(TODAY, replace(Settings("file"), **fields)))


def checks(found: Diagnosis) -> set[tuple[str, str]]:
    """Return the findings of the two checks that these tests are about."""
    return {(each.check, each.object.name) for each in found.findings if each.check in CHECKS}


CHECKS = ("namespace-without-default-deny", "pod-unprotected")
EVERYTHING = {
    ("namespace-without-default-deny", "shop"),
    ("namespace-without-default-deny", "data"),
    ("pod-unprotected", "web"),
    ("pod-unprotected", "db"),
}


def test_without_rules_exceptions_are_not_looked_at() -> None:
    found = diagnose(SNAPSHOT, SPEC)
    assert checks(found) == EVERYTHING
    assert found.gaps == SNAPSHOT.gaps
    assert found.review.exceptions == ()


def test_exceptions_on_objects_count_and_those_that_make_no_sense_are_gaps() -> None:
    found = of_settings()
    assert checks(found) == EVERYTHING - {("namespace-without-default-deny", "shop")}
    assert [each.waiver.reason for each in found.review.suppressed] == ["later"]
    (gap,) = [each for each in found.gaps if each not in SNAPSHOT.gaps]
    assert "'nonsense' has no reason" in gap.reason
    assert found.summary()["suppressed"] == 1


def test_labels_choose_the_objects_of_an_exception() -> None:
    by_label = Waiver(("pod-unprotected",), Pattern(labels=parse_selector("app=db")), "known", "file:1")
    assert ("pod-unprotected", "db") not in checks(of_settings(waivers=(by_label,)))
    assert ("pod-unprotected", "web") in checks(of_settings(waivers=(by_label,)))


def test_a_namespace_shows_the_exceptions_and_gaps_that_concern_it() -> None:
    waivers = (waiver("pod-unprotected", name="db"), waiver("pod-unprotected", name="nobody"))
    shop, data = (of_settings(each, waivers=waivers) for each in ("shop", "data"))
    assert checks(shop) == {("pod-unprotected", "web")}
    assert checks(data) == {("namespace-without-default-deny", "data")}
    assert [each.finding.object.name for each in data.review.suppressed] == ["db"]
    # What became of an exception is judged on the whole cluster.
    assert [each.state for each in shop.review.exceptions] == [WaiverState.USED, WaiverState.USED, WaiverState.UNUSED]
    assert [each.state for each in data.review.exceptions] == [WaiverState.USED, WaiverState.UNUSED]
    assert (len(shop.gaps), len(data.gaps)) == (1, 0)


def test_a_severity_of_the_settings_replaces_the_usual_one_and_sorts() -> None:
    found = of_settings(severities={"namespace-without-default-deny": Severity.CRITICAL})
    assert [each.severity for each in found.findings][:1] == [Severity.CRITICAL]
    assert found.worst is Severity.CRITICAL


def test_a_disabled_check_does_not_run_and_its_exceptions_are_not_called_unused() -> None:
    off = Disabled("pod-unprotected", "why", "file:1")
    found = of_settings(disabled=(off,), waivers=(waiver("pod-unprotected"), waiver("secrets-read")))
    assert checks(found) == {("namespace-without-default-deny", "data")}
    assert found.review.disabled == (off,)
    assert [each.state for each in found.review.exceptions][1:] == [WaiverState.SKIPPED] * 2


def test_what_a_baseline_knows_is_shown_and_does_not_count() -> None:
    before = of_settings()
    baseline = baseline_of(before.findings, "b.json")
    same = diagnose(SNAPSHOT, SPEC, "", Rules(TODAY, Settings(), baseline))
    assert same.findings == before.findings
    assert (same.worst, same.new, same.review.known, same.review.fixed) == (None, (), len(before.findings), ())
    none = diagnose(SNAPSHOT, SPEC, "", Rules(TODAY, Settings(), baseline, new_only=True))
    assert (none.findings, none.known, none.review.known) == ((), frozenset(), len(before.findings))


def test_what_is_new_counts_and_what_is_gone_is_told() -> None:
    entries = baseline_of(of_settings().findings, "b.json").entries
    gone = replace(entries[0], object=ObjectRef("Pod", "shop", "gone"))
    other = replace(gone, check="secrets-read")
    rules = Rules(TODAY, Settings(), Baseline("b.json", (*entries[1:], gone, other)))
    found = diagnose(SNAPSHOT, SPEC, "", rules)
    assert [(each.check, each.object) for each in found.new] == [(entries[0].check, entries[0].object)]
    assert found.worst is found.new[0].severity
    # An entry of a check that did not run may well be there still.
    assert found.review.fixed == (gone,)
    assert diagnose(SNAPSHOT, SPEC, "data", rules).review.fixed == ()


def test_a_known_finding_that_falls_under_an_exception_is_not_fixed() -> None:
    baseline = baseline_of(diagnose(SNAPSHOT, SPEC).findings, "b.json")
    found = diagnose(SNAPSHOT, SPEC, "", Rules(TODAY, Settings(), baseline))
    assert (found.review.known, len(found.review.suppressed), found.review.fixed) == (len(baseline.entries) - 1, 1, ())


def test_dangerous_permissions_are_sifted_the_same_way() -> None:
    assert {each.finding.object.name for each in rbac_risks(RBAC).findings} >= {"web", "eve"}
    settings = Settings("file", severities={"secrets-read": Severity.LOW})
    found = rbac_risks(RBAC, rules=Rules(TODAY, settings))
    reads = [each.finding for each in found.findings if each.finding.check == "secrets-read"]
    assert [(each.object.name, each.severity) for each in reads] == [("eve", Severity.LOW)]
    assert [each.finding.object.name for each in found.review.suppressed] == ["web"]
    assert [each for each in found.gaps if "'x' has no reason" in each.reason]
    late = rbac_risks(RBAC, rules=Rules(date(2027, 1, 1)))
    assert late.review.suppressed == ()
    assert [each.state for each in late.review.exceptions] == [WaiverState.EXPIRED]


def test_a_baseline_of_dangerous_permissions_knows_them() -> None:
    before = rbac_risks(RBAC, rules=Rules(TODAY))
    baseline = baseline_of((each.finding for each in before.findings), "b.json")
    same = rbac_risks(RBAC, namespace="shop", rules=Rules(TODAY, Settings(), baseline))
    assert len(same.known) == len(same.findings) > 0
    assert same.worst is None
    off = Settings(disabled=(Disabled("secrets-read", "why", "file:1"),))
    assert not [
        each for each in rbac_risks(RBAC, rules=Rules(TODAY, off)).findings if each.finding.check == "secrets-read"
    ]
