from __future__ import annotations

import os
from pathlib import Path

import pytest

from firedoor.adapters.manifests import source
from firedoor.adapters.manifests.source import ManifestSource, load_text
from firedoor.errors import SourceError
from firedoor.interfaces import Silent
from firedoor.model.places import GapKind
from firedoor.model.snapshot import Snapshot

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
POLICY = (
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\n"
    "spec: {podSelector: {}}\n"
)


class Counting:
    def __init__(self) -> None:
        self.steps: list[tuple[str, int, int | None]] = []

    def step(self, what: str, done: int, total: int | None) -> None:
        self.steps.append((what, done, total))


def _load(*paths: object, stdin: bytes | None = None) -> Snapshot:
    return ManifestSource(tuple(map(str, paths)), stdin).load(Silent())


def test_a_folder_is_read_file_by_file_and_progress_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(NAMESPACE)
    (tmp_path / "b.yaml").write_text("\n# first\n" + POLICY)
    progress = Counting()
    snapshot = ManifestSource((str(tmp_path),)).load(progress)
    assert progress.steps == [("files", 1, 2), ("files", 2, 2)]
    assert [str(each.place) for each in snapshot.network_policies] == [f"{tmp_path}/b.yaml:3"]
    assert snapshot.origin.sources == (str(tmp_path),)


def test_standard_input_is_one_of_the_paths(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(NAMESPACE)
    snapshot = _load(tmp_path / "a.yaml", "-", stdin=POLICY.encode())
    assert len(snapshot.namespaces) == 1
    assert snapshot.network_policies[0].place.source == "<stdin>"


def test_without_standard_input_there_is_nothing_on_it() -> None:
    assert ["empty" in gap.reason for gap in _load("-").gaps] == [True]


def test_a_folder_without_manifests_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no \.yaml"):
        _load(tmp_path)


def test_a_file_that_cannot_be_read_is_a_gap_beside_others_and_an_error_alone(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(NAMESPACE)
    (tmp_path / "b.yaml").symlink_to(tmp_path / "gone.yaml")
    (gap,) = _load(tmp_path).gaps
    assert gap.kind is GapKind.UNREADABLE
    assert gap.source == str(tmp_path / "b.yaml")
    with pytest.raises(SourceError, match="no such file"):
        _load(tmp_path / "b.yaml")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_single_file_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(NAMESPACE)
    (tmp_path / "a.yaml").chmod(0)
    with pytest.raises(SourceError, match="permission denied"):
        _load(tmp_path / "a.yaml")


def test_when_nothing_at_all_can_be_parsed_it_is_an_error_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 'b\n")
    with pytest.raises(SourceError, match="not valid YAML") as caught:
        _load(tmp_path / "a.yaml")
    assert caught.value.place.startswith(f"{tmp_path}/a.yaml:")


@pytest.mark.parametrize("data", [POLICY.encode("utf-16"), b"\0\1\2"])
def test_bytes_that_are_no_text_are_a_gap_beside_what_can_be_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.yaml").write_text(NAMESPACE)
    (tmp_path / "b.yaml").write_bytes(data)
    assert [gap.kind for gap in _load(tmp_path).gaps] == [GapKind.UNREADABLE]


def test_a_large_yaml_text_on_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_YAML_BYTES", 10)
    with pytest.raises(SourceError, match="more than the 10"):
        load_text(NAMESPACE)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"apiVersion": "v1", "kind": "Po', "truncated JSON"),
        ('{"apiVersion": "v1",, "kind": "Pod"}', "not valid JSON"),
        ("[" * 100_000, "nested too deeply|truncated"),
    ],
)
def test_broken_json_is_told_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(SourceError, match=problem):
        load_text(text)


def test_an_unreadable_policy_makes_the_verdicts_of_its_namespace_unknown() -> None:
    snapshot = load_text(f"{NAMESPACE}---\n{POLICY.replace('{podSelector: {}}', '{podSelector: ')}")
    (gap,) = snapshot.gaps
    assert gap.kind is GapKind.UNREADABLE
    assert gap.scope is not None
    assert gap.scope.namespace == "shop"


def test_the_lines_of_later_documents_are_those_of_the_file() -> None:
    snapshot = load_text(f"{NAMESPACE}---# Source: chart/templates/p.yaml\n{POLICY}---\n# nothing\n")
    assert snapshot.network_policies[0].place.line == 5
    assert snapshot.network_policies[0].place.document == 2
    assert not snapshot.gaps


def test_yaml_in_flow_style_is_no_broken_json() -> None:
    assert load_text("{apiVersion: v1, kind: Pod, metadata: {name: a}}").pods[0].metadata.name == "a"


def test_a_template_that_begins_with_a_brace_is_a_template() -> None:
    (gap,) = load_text("{{- if .Values.on }}\nkind: NetworkPolicy\n{{- end }}\n").gaps
    assert (gap.kind, gap.scope is not None) == (GapKind.TEMPLATE, True)


def test_json_values_one_after_the_other_are_all_read() -> None:
    pod = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s"}}\n'
    snapshot = load_text(pod % "first" + pod % "second")
    assert [(each.metadata.name, each.place.line) for each in snapshot.pods] == [("first", 1), ("second", 2)]
