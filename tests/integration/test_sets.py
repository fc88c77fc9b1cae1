"""The fixture sets: what a person worked out by hand about them is what the engine and the loader say."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from firedoor.adapters.manifests.source import ManifestSource
from firedoor.engine.reach.network import Network
from firedoor.interfaces import Silent
from firedoor.model.snapshot import Snapshot
from firedoor.model.verdicts import Verdict

SETS = Path(__file__).parents[1] / "fixtures" / "sets"
Entry = dict[str, Any]


def _entries(file: str) -> list[Any]:
    return [
        pytest.param(
            path.parent.name,
            entry,
            id=f"{path.parent.name}-{number}",
        )
        for path in sorted(SETS.glob(f"*/{file}"))
        for number, entry in enumerate(json.loads(path.read_text()))
    ]


@cache
def _snapshot(name: str, folder: Path) -> Snapshot:
    # The hand-written answers lie in the folder of the manifests, and are none.
    answers = shutil.ignore_patterns("truth.json", "problems.json")
    copied = shutil.copytree(SETS / name, folder / name, ignore=answers)
    return ManifestSource((str(copied),)).load(Silent())


@cache
def _network(name: str, folder: Path) -> Network:
    return Network(_snapshot(name, folder))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sets")


def _ends(network: Network, text: str) -> list[int | str]:
    if text.startswith("ip:"):
        return [text.removeprefix("ip:")]
    return [
        position
        for position, member in enumerate(network.members)
        if text in (f"{member.namespace}/{member.workload.name}", member.full_name)
    ]


@pytest.mark.parametrize(("name", "entry"), _entries("truth.json"))
def test_the_engine_agrees_with_every_answer_worked_out_by_hand(name: str, entry: Entry, folder: Path) -> None:
    network = _network(name, folder)
    sources, destinations = _ends(network, entry["src"]), _ends(network, entry["dst"])
    assert sources, f"no pod of {entry['src']} was read"
    assert destinations, f"no pod of {entry['dst']} was read"
    verdicts = {
        network.verdict(source, destination, entry["protocol"], entry["port"])
        for source in sources
        for destination in destinations
    }
    assert verdicts == {Verdict(entry["verdict"])}, entry["why"]


@pytest.mark.parametrize(("name", "entry"), _entries("problems.json"))
def test_every_broken_file_is_reported_with_what_is_wrong(name: str, entry: Entry, folder: Path) -> None:
    gaps = [gap for gap in _snapshot(name, folder).gaps if Path(gap.source).name.split(":")[0] == entry["file"]]
    assert gaps, f"nothing is said of {entry['file']}"
    reasons = [gap.reason for gap in gaps]
    assert any(entry["reason_contains"].lower() in reason.lower() for reason in reasons), reasons
    assert all(gap.remedy for gap in gaps)


def test_good_files_beside_broken_ones_count(folder: Path) -> None:
    snapshot = _snapshot("broken", folder)
    blamed = {Path(gap.source).name.split(":")[0] for gap in snapshot.gaps}
    assert not {"good-policy.yaml", "good-workloads.yaml"} & blamed
    places = [each.place for each in snapshot.network_policies] + [each.place for each in snapshot.workloads]
    read = {Path(place.source).name for place in places}
    assert {"good-policy.yaml", "good-workloads.yaml"} <= read
    intact = [each.metadata.name for each in snapshot.services if "one-bad-of-three" in each.place.source]
    assert intact == ["first", "third"]


def test_every_broken_file_has_its_expected_problem_written_down() -> None:
    files = {path.name for path in (SETS / "broken").iterdir()} - {"problems.json"}
    expected = {entry["file"] for entry in json.loads((SETS / "broken" / "problems.json").read_text())}
    assert files - expected == {"good-policy.yaml", "good-workloads.yaml"}
