from __future__ import annotations

from datetime import date

import pytest

from firedoor.engine.posture.fingerprints import fingerprint, identity
from firedoor.engine.posture.sifting import compared, waived
from firedoor.model.exceptions import BaselineEntry, Carrier, Pattern, Waiver, WaiverState
from firedoor.model.findings import Confidence, Finding, Fix, Severity
from firedoor.model.label_text import parse_selector
from firedoor.model.places import ObjectRef

TODAY = date(2026, 6, 1)
WEB = ObjectRef("Deployment", "shop", "web")
API = ObjectRef("Deployment", "shop", "api")
SHOP = ObjectRef("Namespace", "", "shop")
RAN = ("pod-unprotected", "dns-blocked")


def finding(check: str, about: ObjectRef, message: str = "it is so", source: str = "file:1") -> Finding:
    return Finding(check, Severity.LOW, Confidence.HIGH, about, source, message, "why", (source,), Fix("do"))


FINDINGS = (finding("pod-unprotected", WEB), finding("dns-blocked", WEB), finding("pod-unprotected", API))


def waiver(check: str, scope: Carrier | Pattern, expires: date | None = None) -> Waiver:
    return Waiver((check,), scope, f"{check} {scope}", "file:1", expires)


def suppressed(*waivers: Waiver) -> list[bool]:
    return [each is not None for each in waived(FINDINGS, waivers, {WEB: ({"app": "web"},)}, TODAY, RAN)[0]]


def states(*waivers: Waiver) -> list[tuple[WaiverState, int]]:
    return [(each.state, each.findings) for each in waived(FINDINGS, waivers, {}, TODAY, RAN)[1]]


def test_an_exception_takes_the_findings_of_its_checks_about_its_objects() -> None:
    assert suppressed() == [False, False, False]
    assert suppressed(waiver("pod-unprotected", Carrier(WEB))) == [True, False, False]
    assert suppressed(waiver("pod-unprotected", Carrier(SHOP))) == [True, False, True]
    assert suppressed(waiver("*", Carrier(WEB))) == [True, True, False]
    assert suppressed(waiver("*", Pattern(name="a*"))) == [False, False, True]
    assert suppressed(waiver("dns-blocked", Pattern(labels=parse_selector("app=web")))) == [False, True, False]
    assert suppressed(waiver("pod-unprotected", Pattern(labels=parse_selector("app=web")))) == [True, False, False]


def test_the_exception_nearest_to_the_object_is_told() -> None:
    far, near = waiver("dns-blocked", Pattern()), waiver("dns-blocked", Carrier(WEB))
    middle = waiver("dns-blocked", Carrier(SHOP))
    assert waived(FINDINGS, (far, middle, near), {}, TODAY, RAN)[0] == (None, near, None)
    assert waived(FINDINGS, (far, middle), {}, TODAY, RAN)[0] == (None, middle, None)
    # All of them have a finding, so that none is called unused.
    assert states(far, middle, near) == [(WaiverState.USED, 1)] * 3


@pytest.mark.parametrize(
    ("expires", "state", "taken"),
    [
        (date(2026, 5, 31), WaiverState.EXPIRED, False),
        (date(2026, 6, 1), WaiverState.USED, True),
        (date(2026, 6, 2), WaiverState.USED, True),
    ],
)
def test_an_exception_holds_up_to_its_last_day(expires: date, state: WaiverState, taken: bool) -> None:
    each = waiver("dns-blocked", Carrier(WEB), expires)
    assert suppressed(each) == [False, taken, False]
    assert states(each) == [(state, 1)]


def test_an_expired_exception_leaves_the_finding_to_the_next() -> None:
    old, new = waiver("dns-blocked", Carrier(WEB), date(2026, 1, 1)), waiver("dns-blocked", Pattern())
    assert waived(FINDINGS, (old, new), {}, TODAY, RAN)[0] == (None, new, None)


def test_an_exception_without_findings_is_unused_unless_a_check_of_it_did_not_run() -> None:
    nobody = Pattern(name="nobody")
    assert states(waiver("dns-blocked", nobody), waiver("*", nobody), waiver("secrets-read", Carrier(WEB))) == [
        (WaiverState.UNUSED, 0),
        (WaiverState.UNUSED, 0),
        (WaiverState.SKIPPED, 0),
    ]
    assert states(
        waiver("dns-blocked", nobody, date(2026, 1, 1)), waiver("secrets-read", nobody, date(2026, 1, 1))
    ) == [
        (WaiverState.EXPIRED, 0),
        (WaiverState.SKIPPED, 0),
    ]
    both = Waiver(("dns-blocked", "secrets-read"), Carrier(WEB), "", "")
    assert states(both) == [(WaiverState.USED, 1)]


def entry(each: Finding) -> BaselineEntry:
    return BaselineEntry(each.check, each.object, each.message)


def test_a_baseline_knows_what_it_lists_and_tells_what_is_gone() -> None:
    gone = BaselineEntry("dns-blocked", API, "it was so")
    assert compared(FINDINGS, (entry(FINDINGS[1]), gone)) == ((False, True, False), (gone,))
    assert compared((), (gone, gone)) == ((), (gone, gone))


def test_of_findings_that_are_alike_as_many_are_known_as_are_listed() -> None:
    alike = [finding("dns-blocked", WEB, f"spec.ingress[{number}] is open") for number in range(3)]
    assert compared(alike, [entry(alike[2])] * 2) == ((True, True, False), ())
    assert compared(alike[:1], [entry(alike[2])] * 2) == ((True,), (entry(alike[2]),))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("spec.ingress[0].from[1] is open", "spec.ingress[7].from[0] is open"),
        ("nothing enforces the 3 NetworkPolicies", "nothing enforces the 1 NetworkPolicy"),
        ("it holds 1 address of the cluster", "it holds 25 addresses of the cluster"),
    ],
)
def test_positions_and_counts_do_not_make_another_finding(one: str, other: str) -> None:
    first, second = (finding("dns-blocked", WEB, each) for each in (one, other))
    assert identity(first) == identity(second)
    assert fingerprint(first) == fingerprint(second) == fingerprint(entry(second))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("allows TCP/80 here", "allows TCP/81 here"),
        ("allows port 80 of it", "allows port 81 of it"),
        ("allows ports 80 and 81", "allows ports 80 and 82"),
        ("10.0.0.0/8 holds it", "10.0.0.0/9 holds it"),
        ("have the same priority 10 in tier", "have the same priority 20 in tier"),
        ("runs v1.19 here", "runs v1.18 here"),
        ("to pod web-0 here", "to pod web-1 here"),
    ],
)
def test_ports_addresses_priorities_and_versions_do(one: str, other: str) -> None:
    assert fingerprint(finding("dns-blocked", WEB, one)) != fingerprint(finding("dns-blocked", WEB, other))


def test_check_and_object_make_another_finding() -> None:
    assert len({fingerprint(each) for each in FINDINGS}) == 3
