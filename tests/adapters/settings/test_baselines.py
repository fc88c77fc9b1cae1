from __future__ import annotations

import json
from pathlib import Path
from unittest import mock

import pytest

from firedoor.adapters.settings.baselines import MOST_BYTES, SCHEMA, read_baseline, write_baseline
from firedoor.errors import SourceError
from firedoor.model.exceptions import Baseline, BaselineEntry
from firedoor.model.places import ObjectRef

WEB = BaselineEntry("pod-unprotected", ObjectRef("Deployment", "shop", "wéb"), "it is open")
DNS = BaselineEntry("dns-blocked", ObjectRef("Pod", "shop", "x"), "no names")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "baseline.json"


def test_what_is_written_is_read_sorted(file: Path) -> None:
    write_baseline(Baseline(str(file), (WEB, DNS, WEB)))
    assert read_baseline(str(file)) == Baseline(str(file), (DNS, WEB, WEB))
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["schema"] == SCHEMA
    assert document["findings"][0] == {
        "check": "dns-blocked",
        "object": {"kind": "Pod", "namespace": "shop", "name": "x"},
        "message": "no names",
    }
    assert file.read_bytes().endswith(b"}\n")


def test_the_order_of_findings_does_not_change_the_file(file: Path) -> None:
    write_baseline(Baseline(str(file), (WEB, DNS)))
    first = file.read_bytes()
    write_baseline(Baseline(str(file), (DNS, WEB)))
    assert file.read_bytes() == first


@pytest.mark.parametrize("text", ["", "{}", '{"schema": "firedoor/findings/v1"}', "kind: Pod", "\0", "[" * 100_000])
def test_another_file_is_neither_read_nor_replaced(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(SourceError, match="this is no baseline"):
        read_baseline(str(file))
    with pytest.raises(SourceError, match="which is not replaced; choose another name"):
        write_baseline(Baseline(str(file), ()))
    assert file.read_text() == text


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ('[{"check": "a"}]', "missing required field `object`"),
        ('[{"check": 1, "object": {"kind": "", "namespace": "", "name": ""}, "message": ""}]', r"\$\.findings"),
        ("{}", "Expected `array`"),
    ],
)
def test_a_damaged_baseline_is_told_with_the_field(file: Path, findings: str, words: str) -> None:
    file.write_text(f'{{"schema": "{SCHEMA}", "findings": {findings}}}')
    with pytest.raises(SourceError, match=words) as raised:
        read_baseline(str(file))
    assert raised.value.place == str(file)


def test_a_file_that_is_not_there_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read_baseline(str(tmp_path / "none.json"))
    with pytest.raises(SourceError, match="cannot be read"):
        read_baseline(str(tmp_path))
    with pytest.raises(SourceError, match="which is not replaced"):
        write_baseline(Baseline(str(tmp_path), ()))
    with pytest.raises(SourceError, match="cannot be written: No such file"):
        write_baseline(Baseline(str(tmp_path / "no" / "baseline.json"), ()))


def test_a_file_that_is_too_large_is_not_parsed(file: Path) -> None:
    with file.open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    with pytest.raises(SourceError, match="are no baseline"):
        read_baseline(str(file))


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(file: Path) -> None:
    write_baseline(Baseline(str(file), (WEB,)))
    before = file.read_bytes()
    with (
        mock.patch("firedoor.adapters.settings.baselines.os.fsync", side_effect=OSError(28, "No space left on device")),
        pytest.raises(SourceError, match="No space left on device"),
    ):
        write_baseline(Baseline(str(file), ()))
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_link_stays_a_link(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link.json"
    write_baseline(Baseline(str(file), ()))
    link.symlink_to(file)
    write_baseline(Baseline(str(link), (WEB,)))
    assert link.is_symlink()
    assert read_baseline(str(file)).entries == (WEB,)
