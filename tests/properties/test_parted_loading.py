"""A list that two processes read in parts is the list that one reads, wherever it is parted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, BytesIO
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from firedoor.adapters.manifests import first_part, json_lists
from firedoor.adapters.manifests.documents import DocumentReader
from firedoor.adapters.manifests.first_part import FirstPart, Task, read_first_part
from firedoor.adapters.manifests.json_lists import read_list_stream
from firedoor.adapters.manifests.json_stream import Layout, UnusualError
from firedoor.adapters.manifests.validation import LATEST
from firedoor.model.assembly import SnapshotBuilder
from firedoor.model.snapshot import Origin, Snapshot
from tests.examples import some
from tests.properties.test_fast_loading import OTHERS, lists
from tests.reference.manifests import Manifest
from tests.strategies.clusters import clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


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


def _parted(file: Path, text: str, share: float) -> tuple[Snapshot | None, bool]:
    """Return what both parts give, read by one process, and whether there were two."""
    parts: list[FirstPart] = []

    @contextmanager
    def here(stream: BufferedReader, layout: Layout, namespace: str) -> Iterator[object]:
        start = first_part._parted(stream, layout)
        if start is None:
            yield None
            return

        def result() -> FirstPart | None:
            task = Task(start - len(layout.between), namespace)
            try:
                part = read_first_part(BytesIO(text.encode()), task)
            except UnusualError:
                return None
            parts.append(msgspec.msgpack.decode(msgspec.msgpack.encode(part), type=FirstPart))
            return parts[0]

        yield SimpleNamespace(start=start, result=result)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_lists, "is_worth_parting", lambda _: True)
        patch.setattr(json_lists, "reading_first_part", here)
        patch.setattr(first_part, "_SHARE", share)
        return _read(file, text), bool(parts)


@some
@given(lists(), st.floats(0, 1))
def test_any_list_in_two_parts_is_the_list_as_a_whole(file: Path, text: str, share: float) -> None:
    found, were_two = _parted(file, text, share)
    event(f"parted: {were_two}")
    assert found == _read(file, text)


@some
@given(clusters(), st.sampled_from((None, 1, 4)), st.floats(0, 0.5))
def test_a_list_of_objects_as_programs_print_it_is_parted(
    file: Path, cluster: list[Manifest], indent: int | None, share: float
) -> None:
    items = [{**each, "metadata": {**each["metadata"], "uid": "u"}} for each in [*cluster, *OTHERS, *cluster]]
    text = json.dumps({"apiVersion": "v1", "items": items, "kind": "List"}, indent=indent)
    found, were_two = _parted(file, text, share)
    assert were_two
    assert found == _read(file, text)
