"""How the conformance mode prints what it found, and ends."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from firedoor.cli.conformance import exit_code, print_found
from firedoor.model.conformance import CaseResult, CaseStatus, Conformance, ProfileResult
from tests.cli.command import firedoor

CASE = CaseResult("port-range", "endPort", "A range opens its ports.", CaseStatus.PASSES, ())
CALICO = ProfileResult("calico", "CIDRs match any address.", 0, (), (), ())
FOUND = Conformance((CASE,), (), (CALICO,), ("calico",), "calico", 0)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (FOUND, 0),
        (replace(FOUND, cases=(replace(CASE, status=CaseStatus.OPEN),)), 0),
        (replace(FOUND, cases=(replace(CASE, status=CaseStatus.FAILS),)), 10),
        (replace(FOUND, profiles=(replace(CALICO, wrong=1, features=("endPort",)),)), 10),
        (replace(FOUND, best=()), 4),
    ],
)
def test_the_exit_code_says_whether_all_is_as_foretold(found: Conformance, code: int) -> None:
    assert exit_code(found) == code


def test_each_format_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_found(FOUND, "text")
    assert "fits best: calico" in capsys.readouterr().out
    print_found(FOUND, "json")
    assert json.loads(capsys.readouterr().out)["profiles"]["best"] == ["calico"]
    print_found(FOUND, "junit")
    assert ET.fromstring(capsys.readouterr().out).get("tests") == "1"  # noqa: S314 - our own output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-n", "shop", "--yes"), "-n was given too"),
        (("--mode", "exec", "--yes"), "--mode was given too"),
        (("--yes", "-o", "html"), "shows no conformance"),
        (("--yes", "--cni", "flannell"), "there is no CNI profile"),
        ((), "there is no terminal to ask on"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(arguments: tuple[str, ...], told: str) -> None:
    assert told in firedoor("verify", "--conformance", *arguments).error
