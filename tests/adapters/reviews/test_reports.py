from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firedoor.adapters import reviews
from firedoor.adapters.reviews import keep_report, latest_report
from firedoor.errors import SourceError
from firedoor.model.places import ObjectRef
from firedoor.model.review import ItemKind, ReviewPart

TIME = "2026-03-10T12:00:00Z"
ITEM = {
    "kind": "rule-unused",
    "fingerprint": "f1",
    "message": "not used",
    "object": {"kind": "NetworkPolicy", "namespace": "shop", "name": "db"},
    "evidence": [],
}


def report(**changes: Any) -> str:
    usual = {"schema": "firedoor/review/v1", "time": TIME, "namespace": "", "parts": ["network"], "items": [ITEM]}
    return json.dumps({**usual, **changes})


def test_a_report_is_read_back(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "reports"
    assert latest_report(str(folder), TIME, "") is None
    kept = keep_report(str(folder), TIME, report())
    assert Path(kept) == folder / "review-20260310T120000Z.json"
    found = latest_report(str(folder), TIME, "")
    assert found is not None
    assert (found.name, found.time, found.scope, found.parts) == (
        "review-20260310T120000Z.json", TIME, "", (ReviewPart.NETWORK,)
    )  # fmt: skip
    (item,) = found.items
    assert (item.kind, item.fingerprint) == (ItemKind.RULE_UNUSED, "f1")
    assert item.object == ObjectRef("NetworkPolicy", "shop", "db")


def test_no_report_is_ever_overwritten_and_the_latest_counts(tmp_path: Path) -> None:
    folder = str(tmp_path)
    for number in range(12):
        keep_report(folder, TIME, report(parts=["network"] if number < 11 else ["network", "rbac"]))
    keep_report(folder, "2026-03-11T12:00:00Z", report(parts=[]))
    assert len(list(tmp_path.iterdir())) == 13
    found = latest_report(folder, TIME, "")
    assert found is not None
    assert found.name == "review-20260310T120000Z-12.json"
    assert found.parts == (ReviewPart.NETWORK, ReviewPart.RBAC)
    found = latest_report(folder, "2026-03-12T12:00:00Z", "")
    assert found is not None
    assert found.parts == ()


def test_reports_of_another_namespace_and_other_files_are_passed_over(tmp_path: Path) -> None:
    folder = str(tmp_path)
    keep_report(folder, TIME, report(namespace="shop"))
    (tmp_path / "review-notes.json").write_text("{")
    assert latest_report(folder, TIME, "") is None
    assert latest_report(folder, TIME, "shop") is not None


@pytest.mark.parametrize("text", ["{", "[]", "\udcff", report(schema="firedoor/diff/v1"), report(parts=["x"])])
def test_a_file_that_is_no_report_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "review-20260310T120000Z.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SourceError, match=r"this is no report \(firedoor/review/v1\)") as told:
        latest_report(str(tmp_path), TIME, "")
    assert told.value.place == str(path)


def test_a_report_that_is_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "MOST_BYTES", 10)
    keep_report(str(tmp_path), TIME, report())
    with pytest.raises(SourceError, match="more than 10 bytes are no report"):
        latest_report(str(tmp_path), TIME, "")


def test_what_is_no_folder_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(SourceError, match="cannot be read"):
        latest_report(str(file), TIME, "")
    with pytest.raises(SourceError, match="cannot be written"):
        keep_report(str(file), TIME, report())
    (tmp_path / "review-20260310T120000Z.json").mkdir()
    with pytest.raises(SourceError, match="cannot be read"):
        latest_report(str(tmp_path), TIME, "")
