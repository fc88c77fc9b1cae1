from __future__ import annotations

import pytest

from firedoor.engine.pod_security import BY_ID, CONTROLS, LATEST, NEWEST_MINOR, Level, Version, parse_version
from firedoor.engine.pod_security.namespaces import ENFORCE, ENFORCE_VERSION, enforced_by
from firedoor.engine.pod_security.registry import controls_at
from firedoor.model.server_version import minor_version


def ids(level: Level, minor: int) -> set[str]:
    return {control.id for control in controls_at(level, minor)}


@pytest.mark.parametrize(
    ("text", "minor"), [("latest", None), ("v1.0", 0), ("v1.9", 9), ("v1.25", 25), ("v1.999", 999)]
)
def test_a_version_is_what_the_label_may_hold(text: str, minor: int | None) -> None:
    found = parse_version(text)
    assert found == Version(minor)
    assert str(found) == text


@pytest.mark.parametrize("text", ["", "1.25", "v2.0", "v1.025", "v1.25.3", "v1.", "v1.-1", "Latest", "v1.25 "])
def test_what_the_api_server_would_not_take_is_no_version(text: str) -> None:
    assert parse_version(text) is None


@pytest.mark.parametrize(
    ("version", "server", "minor"),
    [
        (LATEST, None, NEWEST_MINOR),
        (LATEST, 29, 29),
        (LATEST, NEWEST_MINOR + 5, NEWEST_MINOR),
        (Version(25), None, 25),
        (Version(34), 29, 29),
        (Version(99), None, NEWEST_MINOR),
    ],
)
def test_no_server_knows_newer_standards_than_its_own(version: Version, server: int | None, minor: int) -> None:
    assert version.effective(server) == minor


@pytest.mark.parametrize(
    ("release", "minor"), [("v1.29.4-gke.1", 29), ("1.33", 33), ("v1.30+", 30), ("", None), ("v2.1", None)]
)
def test_the_minor_release_is_told_from_what_a_server_calls_itself(release: str, minor: int | None) -> None:
    assert minor_version(release) == minor


def test_nothing_is_forbidden_at_the_level_privileged() -> None:
    assert ids(Level.PRIVILEGED, NEWEST_MINOR) == set()


def test_every_control_is_part_of_its_level_from_its_release_on() -> None:
    for control in CONTROLS:
        assert control.id in ids(control.level, control.since)
        assert control.since == 0 or control.id not in ids(control.level, control.since - 1)


def test_restricted_controls_stand_in_the_place_of_those_of_the_baseline() -> None:
    for control in CONTROLS:
        if control.overrides:
            assert BY_ID[control.overrides].level is Level.BASELINE
            assert control.overrides in ids(Level.BASELINE, control.since)
            assert control.overrides not in ids(Level.RESTRICTED, control.since)


def test_labels_say_what_a_namespace_enforces() -> None:
    nothing = enforced_by({"a": "b"})
    assert (nothing.level, nothing.version, nothing.is_invalid) == (Level.PRIVILEGED, LATEST, False)
    found = enforced_by({ENFORCE: "baseline", ENFORCE_VERSION: "v1.25"})
    assert (str(found), found.is_invalid) == ("baseline:v1.25", False)


def test_a_label_that_cannot_be_read_is_the_strictest_level_or_the_latest_version() -> None:
    found = enforced_by({ENFORCE: "Baseline", ENFORCE_VERSION: "1.25"})
    assert (found.level, found.version, found.is_invalid) == (Level.RESTRICTED, LATEST, True)
    assert enforced_by({ENFORCE: "baseline", ENFORCE_VERSION: "1.25"}).is_invalid
    assert not enforced_by({ENFORCE: "baseline"}).is_invalid
