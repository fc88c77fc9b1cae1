from __future__ import annotations

from firedoor.model.faults import Fault


def test_a_fault_rejects_unless_it_says_otherwise() -> None:
    fault = Fault("spec.order", "found the text 'first', expected a number")
    assert (fault.rejects, fault.remedy) == (True, "")
    assert str(fault) == "spec.order: found the text 'first', expected a number"


def test_a_fault_ends_with_its_remedy() -> None:
    assert (
        str(Fault("spec.tier", "found nothing", "name a tier", rejects=False))
        == "spec.tier: found nothing (name a tier)"
    )
