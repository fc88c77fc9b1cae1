"""Lists that compiled code reads, in one part or in two, are the lists that Python reads."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from firedoor import native
from firedoor.adapters.manifests import json_lists, pod_lists
from firedoor.adapters.manifests.documents import DocumentReader
from firedoor.adapters.manifests.json_lists import read_list_stream
from firedoor.adapters.manifests.json_stream import ListStream
from firedoor.adapters.manifests.nulls import without_nulls
from firedoor.adapters.manifests.pod_lists import PodsApart, read_apart
from firedoor.adapters.manifests.validation import LATEST
from firedoor.model.assembly import SnapshotBuilder
from firedoor.model.members import Member
from firedoor.model.population import members
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.native import is_there
from tests.examples import some
from tests.properties.test_fast_loading import OTHERS, lists
from tests.reference.manifests import Manifest
from tests.strategies.clusters import clusters

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(7200),
    pytest.mark.skipif(not is_there(), reason="firedoor's compiled part is not built: tools/build_native.py"),
]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parted") / "list.json"


def _read(file: Path, text: str) -> Snapshot | None:
    file.write_text(text)
    builder = SnapshotBuilder()
    reader = DocumentReader(builder, "list.json", "default", LATEST)
    with file.open("rb") as stream:
        was_list = read_list_stream(stream, "list.json", "default", builder, reader)
    return builder.build(Origin("manifests", ("list.json",))) if was_list else None


def _compiled(file: Path, text: str, share: float) -> tuple[Snapshot | None, int]:
    """Return what compiled code gives, and in how many parts; none where it left the list to Python."""
    parts: list[int] = []

    def told(*args: Any) -> PodsApart | None:
        found = read_apart(*args)
        parts.append(0 if found is None else len(pod_lists._parts(args[0], ListStream(BytesIO(text.encode())))))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_lists, "read_apart", told)
        patch.setattr(pod_lists, "SMALLEST_BYTES", 0)
        patch.setattr(pod_lists, "_processors", lambda: 2)
        patch.setattr(pod_lists, "_SHARE", share)
        return _read(file, text), sum(parts)


def _in_python(file: Path, text: str) -> Snapshot | None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(native.SWITCH, "0")
        return _read(file, text)


@some
@given(lists(), st.floats(0, 1))
def test_any_list_read_by_compiled_code_is_the_list_read_in_python(file: Path, text: str, share: float) -> None:
    found, parts = _compiled(file, text, share)
    event(f"parts: {parts}")
    assert found == _in_python(file, text)


@some
@given(clusters(), st.sampled_from((None, 1, 4)), st.floats(0, 0.5))
def test_a_list_of_objects_as_programs_print_it_is_read_in_two_parts(
    file: Path, cluster: list[Manifest], indent: int | None, share: float
) -> None:
    # A server leaves nulls out of objects; what only looks as if it were served is left to Python.
    whole = [without_nulls(each) for each in [*cluster, *OTHERS, *cluster]]
    items = [{**each, "metadata": {**each["metadata"], "uid": "u"}} for each in whole]
    text = json.dumps({"apiVersion": "v1", "items": items, "kind": "List"}, indent=indent)
    found, parts = _compiled(file, text, share)
    assert parts == 2
    expected = _in_python(file, text)
    assert found is not None
    assert expected is not None
    assert list(map(_told, members(found))) == list(map(_told, members(expected)))
    assert found == expected


def _told(member: Member) -> tuple[Any, ...]:
    return member.kin, member.is_template, member.node, member.pod


@some
@given(lists(), st.integers(0, 10_000), st.floats(0, 1))
def test_a_list_that_ends_too_early_is_no_list(file: Path, text: str, cut: int, share: float) -> None:
    short = text.rstrip()[: -1 - cut]
    found, _ = _compiled(file, short, share)
    assert found == _in_python(file, short)
