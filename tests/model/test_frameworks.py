from __future__ import annotations

import re

import pytest

from firedoor.model.frameworks import FRAMEWORKS, FrameworkId, Mappings, faults

FORMS = {
    FrameworkId.CIS: r"[1-5]\.\d+(\.\d+)?",
    FrameworkId.NSA: r"[a-z]+(-[a-z]+)*",
    FrameworkId.NIST_800_207: r"[1-7]",
    FrameworkId.NIST_800_53: r"[A-Z]{2}-\d+(\(\d+\))?",
    FrameworkId.MITRE: r"T\d{4}(\.\d{3})?",
    FrameworkId.PCI_DSS_4: r"(A1|\d+)(\.\d+){2,3}",
}


@pytest.mark.parametrize("name", FrameworkId)
def test_items_have_numbers_as_their_framework_writes_them_and_stand_there_once(name: FrameworkId) -> None:
    framework = FRAMEWORKS[name]
    assert framework.id == name
    assert [each.id for each in framework.items if not re.fullmatch(FORMS[name], each.id)] == []
    assert len(framework.titles) == len(framework.items)
    assert all(each.title and each.part for each in framework.items)
    assert framework.page.startswith("https://")


def test_mappings_are_told_by_the_words_of_documents() -> None:
    mappings = Mappings(cis=("5.3.2",), nist_800_207=("2", "3"), pci_dss_4=("1.3.1",))
    assert mappings.document == {
        "cis": ["5.3.2"], "nsa": [], "nist-800-207": ["2", "3"], "nist-800-53": [], "mitre": [], "pci-dss-4": ["1.3.1"],
    }  # fmt: skip
    assert mappings.of(FrameworkId.NIST_800_207) == ("2", "3")
    assert faults(mappings) == ()


def test_items_that_a_framework_has_not_and_items_that_are_there_twice_are_faults() -> None:
    assert faults(Mappings(cis=("5.3.9",), mitre=("T1046", "T1046"))) == (
        "cis has no item 5.3.9", "mitre T1046 is there twice",
    )  # fmt: skip


def test_an_item_without_a_number_is_spoken_of_by_its_title() -> None:
    assert FRAMEWORKS[FrameworkId.NSA].told("network-policies") == "Network policies"
    assert FRAMEWORKS[FrameworkId.NIST_800_53].told("AC-4") == "AC-4 Information Flow Enforcement"
