from __future__ import annotations

from pathlib import Path

import pytest

from firedoor.adapters.manifests.editing.saving import Pending, save
from firedoor.adapters.manifests.editing.workspace import ManifestWorkspace
from firedoor.errors import EditRefusedError, SourceError
from firedoor.interfaces import Silent
from firedoor.model.places import ObjectRef

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {space}}}\ndata: {{a: '1'}}\n"
HEAD = '"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "namespace": "shop"}'
JSON = f'{{{HEAD}, "data": {{"a": "1"}}}}'
WEB = ObjectRef("ConfigMap", "shop", "web")
POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "deny", "namespace": "shop"},
    "spec": {"podSelector": {}},
}


def config(name: str = "web", space: str = "shop") -> str:
    return MAP.format(name=name, space=space)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def workspace(path: Path, text: str = "", *, name: str = "a.yaml", folder: str = "") -> ManifestWorkspace:
    if text:
        (path / name).write_bytes(text.encode())
    return ManifestWorkspace((str(path),), folder=folder)


def edit(found: ManifestWorkspace, ref: ObjectRef = WEB) -> str:
    (home,) = found.find(ref)
    found.edit(home, {**home.value, "data": {"a": "2"}})
    return found.edits()[0].after


@pytest.mark.parametrize(
    "text",
    [
        config(),
        "# head\n--- # first\n" + config("other") + "---\n" + config() + "...\n---\n\n" + config("last"),
        "\ufeff" + config(),
        config().replace("\n", "\r\n"),
        config().removesuffix("\n"),
        JSON,
    ],
)
def test_one_object_of_a_file_is_changed_and_every_other_byte_stays(tmp_path: Path, text: str) -> None:
    found = workspace(tmp_path, text)
    changed = edit(found)
    assert changed.replace("'2'", "'1'").replace('"2"', '"1"') == text
    found.save()
    assert (tmp_path / "a.yaml").read_bytes() == changed.encode()
    assert names(tmp_path) == ["a.yaml"]


def test_objects_are_found_with_their_places_in_documents_lists_and_typed_lists(tmp_path: Path) -> None:
    items = "".join(f"- metadata: {{name: {name}}}\n" for name in ("web", "api"))
    (tmp_path / "list.yml").write_text(f"\n---\n# x\nkind: ConfigMapList\napiVersion: v1\nitems:\n{items}")
    found = workspace(tmp_path)
    (home,) = found.find(ObjectRef("ConfigMap", "default", "api"))
    assert (str(home), home.path) == (f"{tmp_path}/list.yml:8", ("items", 1))
    assert found.find(WEB) == ()


def test_an_object_that_is_written_twice_has_two_homes(tmp_path: Path) -> None:
    found = workspace(tmp_path, config() + "---\n" + config())
    assert [home.line for home in found.find(WEB)] == [1, 6]


def test_what_is_not_yaml_or_not_an_object_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_bytes(b"web \xff")
    (tmp_path / "c.yaml").write_text("web: [\n---\n- web\n---\nmetadata: {name: web}\n")
    assert len(workspace(tmp_path, config()).find(WEB)) == 1


def test_the_snapshot_is_that_of_the_changed_files(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    found = workspace(tmp_path, text)
    (home,) = found.find(ObjectRef("Namespace", "", "shop"))
    mark = found.mark()
    found.edit(home, {**home.value, "metadata": {"name": "shop", "labels": {"a": "b"}}})
    path = found.add(POLICY, str(tmp_path / "a.yaml"))
    snapshot = found.load(Silent())
    assert snapshot.namespaces[0].metadata.labels == {"a": "b"}
    assert [str(each.place) for each in snapshot.network_policies] == [f"{path}:1"]
    found.reset(mark)
    assert found.edits() == ()
    assert found.load(Silent()).network_policies == ()
    assert (tmp_path / "a.yaml").read_text() == text


def test_a_file_that_cannot_be_read_is_a_gap(tmp_path: Path) -> None:
    found = workspace(tmp_path, config())
    (tmp_path / "b.yaml").mkdir()
    found._files.append(str(tmp_path / "b.yaml"))
    assert [gap.source for gap in found.load(Silent()).gaps] == [str(tmp_path / "b.yaml")]
    assert len(found.find(WEB)) == 1


def test_a_folder_without_manifests_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no \.yaml"):
        workspace(tmp_path)


@pytest.mark.parametrize(
    ("files", "name", "reason"),
    [
        ({"chart/Chart.yaml": "name: chart\n"}, "chart/templates/sub/a.yaml", "a template of the Helm chart chart"),
        ({}, "a.yaml", "template syntax is left in it"),
        ({}, "b.yaml", "helm made it of shop/templates/web.yaml"),
        ({}, "c.yaml", "a program wrote it"),
        ({"kustomization.yaml": "patches: [{path: over/d.yaml}, {patch: '- op: x'}]\n"}, "over/d.yaml", "a patch of"),
        ({"Kustomization": "patchesStrategicMerge:\n- e.yaml\n- |-\n  kind: X\n"}, "e.yaml", "a patch of"),
    ],
)
def test_files_that_are_made_of_others_are_refused(
    tmp_path: Path, files: dict[str, str], name: str, reason: str
) -> None:
    heads = {
        "a.yaml": "# {{ .Values.x }}\n",
        "b.yaml": "---\n# Source: shop/templates/web.yaml\n",
        "c.yaml": "# Code generated by x. DO NOT EDIT.\n",
    }
    for path, text in (files | {name: heads.get(name, "") + config()}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    found = workspace(tmp_path)
    (home,) = found.find(WEB)
    with pytest.raises(EditRefusedError, match=reason) as refused:
        found.edit(home, {**home.value, "data": {}})
    assert refused.value.place == str(home)
    assert found.edits() == ()
    if name not in {"a.yaml", "b.yaml"}:
        with pytest.raises(EditRefusedError, match="no place for a new object"):
            found.add(POLICY, home.file)
        found.folder = str(tmp_path)
        assert found.add(POLICY, home.file) == str(tmp_path / "networkpolicy-deny.yaml")


@pytest.mark.parametrize("text", ["resources: [a.yaml]\n", "patches: {x: 1}\n", "- a\n", "a: [\n", ""])
def test_other_kustomizations_are_in_nobodys_way(tmp_path: Path, text: str) -> None:
    (tmp_path / "kustomization.yaml").write_text(text)
    found = workspace(tmp_path, config())
    edit(found)
    found.add(POLICY, str(tmp_path / "a.yaml"))
    assert found.notes() == (f"add networkpolicy-deny.yaml to the resources of {tmp_path}/kustomization.yaml",)


def test_a_place_of_a_refusal_is_the_line_in_the_file(tmp_path: Path) -> None:
    found = workspace(tmp_path, "a: 1\n---\n\n" + config().replace("{a: '1'}", "\n  a: |\n    x\n"))
    (home,) = found.find(WEB)
    with pytest.raises(EditRefusedError, match="several lines") as refused:
        found.edit(home, {**home.value, "data": {"a": "y"}})
    assert refused.value.place == f"{tmp_path}/a.yaml:8"


def test_what_a_live_cluster_gave_is_refused(tmp_path: Path) -> None:
    found = workspace(tmp_path, config().replace("{name: web", "{uid: 1-2, name: web"))
    (home,) = found.find(WEB)
    with pytest.raises(EditRefusedError, match="read from a live cluster"):
        found.edit(home, {**home.value, "data": {}})
    with pytest.raises(EditRefusedError, match="no place for a new object: it was read from a live cluster"):
        found.add(POLICY, home.file)


def test_dollars_of_a_script_are_in_no_new_objects_way(tmp_path: Path) -> None:
    found = workspace(tmp_path, config().replace("'1'", "'curl ${HOST}'"))
    assert found.add(POLICY, str(tmp_path / "a.yaml"))


def test_new_objects_get_names_of_their_own(tmp_path: Path) -> None:
    found = workspace(tmp_path, config())
    beside = str(tmp_path / "a.yaml")
    other = {**POLICY, "metadata": {"name": "deny", "namespace": "other"}}
    assert [Path(found.add(each, beside)).name for each in (POLICY, other)] == [
        "networkpolicy-deny.yaml",
        "networkpolicy-other-deny.yaml",
    ]
    with pytest.raises(EditRefusedError, match="none is overwritten"):
        found.add(other, beside)
    assert found.notes() == ()
    found.save()
    assert (tmp_path / "networkpolicy-deny.yaml").read_text().splitlines()[:5] == [
        "apiVersion: networking.k8s.io/v1",
        "kind: NetworkPolicy",
        "metadata:",
        "  name: deny",
        "  namespace: shop",
    ]


@pytest.mark.parametrize(("space", "is_named"), [("default", True), ("", False)])
def test_a_new_object_names_its_namespace_as_its_neighbours_do(tmp_path: Path, space: str, is_named: bool) -> None:
    text = config(space=space) if space else config().replace(", namespace: shop", "")
    found = workspace(tmp_path, text)
    path = found.add({**POLICY, "metadata": {"name": "deny", "namespace": "default"}}, str(tmp_path / "a.yaml"))
    assert ("namespace" in found._new[path]) is is_named
    (home,) = found.find(ObjectRef("NetworkPolicy", "default", "deny"))
    found.edit(home, {**home.value, "spec": {"podSelector": {"matchLabels": {"a": "b"}}}})
    assert "a: b" in found.edits()[0].after


def test_new_objects_go_to_a_folder_that_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "er"
    found = workspace(tmp_path, config(), folder=str(folder))
    found.add(POLICY, str(tmp_path / "a.yaml"))
    found.save()
    assert [each.name for each in folder.iterdir()] == ["networkpolicy-deny.yaml"]
    (tmp_path / "file").write_text("")
    blocked = workspace(tmp_path, folder=str(tmp_path / "file" / "x"))
    blocked.add(POLICY, str(tmp_path / "a.yaml"))
    with pytest.raises(SourceError, match="cannot be made"):
        blocked.save()


def test_mode_bits_stay_and_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "web.yaml.txt"
    real.write_text(config())
    real.chmod(0o640)
    (tmp_path / "a.yaml").symlink_to(real)
    found = workspace(tmp_path)
    edit(found)
    found.save()
    assert (tmp_path / "a.yaml").is_symlink()
    assert "'2'" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640


def test_nothing_is_written_where_one_file_is_read_only_or_changed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(config(name))
    found = workspace(tmp_path)
    for name in ("a", "b"):
        edit(found, ObjectRef("ConfigMap", "shop", name))
    (tmp_path / "b.yaml").chmod(0o444)
    with pytest.raises(SourceError, match=r"b\.yaml: the file is read-only; nothing was written"):
        found.save()
    (tmp_path / "b.yaml").chmod(0o644)
    (tmp_path / "b.yaml").write_text(config("b") + "# more\n")
    with pytest.raises(SourceError, match="the file changed while it was read"):
        found.save()
    assert "'1'" in (tmp_path / "a.yaml").read_text()
    assert names(tmp_path) == ["a.yaml", "b.yaml"]


def test_a_new_file_takes_no_name_that_somebody_took_meanwhile(tmp_path: Path) -> None:
    found = workspace(tmp_path, config())
    path = Path(found.add(POLICY, str(tmp_path / "a.yaml")))
    path.write_text("mine")
    with pytest.raises(SourceError, match="this file is there already"):
        found.save()
    assert path.read_text() == "mine"


def test_a_disk_that_refuses_is_one_line_and_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "a.yaml"
    target.write_text("old")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SourceError, match="cannot be written: No space left on device"):
        save([Pending(str(target), b"old", b"new")])
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.yaml"]


def test_a_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be written: No such file or directory"):
        save([Pending(str(tmp_path / "gone" / "a.yaml"), None, b"new")])
