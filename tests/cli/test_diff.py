from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tests.adapters.cluster.worlds import small_cluster, write_kubeconfig
from tests.adapters.git.test_git import git
from tests.cli.command import Ran, assert_golden, firedoor, process
from tests.fake_api_server import FakeAPIServer

POLICIES = "shop/policies"


@pytest.fixture
def states(tmp_path: Path) -> Path:
    """A folder with the demo shop as it is, and with two policies less, one wider and a workload more."""
    assert firedoor("demo", "--write", str(tmp_path / "old")).code == 0
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    (tmp_path / "new" / POLICIES / "cart-from-frontend.yaml").unlink()
    wide = tmp_path / "new" / "shop-data" / "policies" / "redis-ingress.yaml"
    wide.write_text(wide.read_text().replace("6379", "6380"))
    (tmp_path / "new" / "extra.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: extra, namespace: shop-data, labels: {app: extra}}\n"
    )
    return tmp_path


def diff(states: Path, *arguments: str, stdin: bytes = b"") -> Ran:
    return firedoor("diff", *arguments, cwd=states, stdin=stdin)


def document(ran: Ran) -> dict[str, object]:
    assert (ran.code, ran.err) == (10, "")
    found: dict[str, object] = yaml.safe_load(ran.out)
    return found


def test_the_table_is_as_stored(states: Path) -> None:
    ran = diff(states, "old", "new")
    assert (ran.code, ran.err) == (10, "")
    assert_golden("diff-demo.txt", ran.out)


def test_the_markdown_is_as_stored(states: Path) -> None:
    ran = diff(states, "old", "new", "-o", "markdown")
    assert ran.code == 10
    assert_golden("diff-demo.md", ran.out)


def test_json_and_yaml_are_the_same_document(states: Path) -> None:
    found = document(diff(states, "old", "new", "-o", "json"))
    assert found == document(diff(states, "old", "new", "-o", "yaml"))
    assert found["schema"] == "firedoor/diff/v1"
    assert (found["old"], found["new"]) == ("old", "new")
    policies = found["policies"]
    assert isinstance(policies, list)
    assert {(each["change"], each["object"]["name"], *each["fields"]) for each in policies} == {
        ("removed", "cart-from-frontend"),
        ("changed", "redis-ingress", "spec.ingress"),
    }


def test_the_same_state_does_not_differ(states: Path) -> None:
    ran = diff(states, "old", "old")
    assert (ran.code, ran.out) == (0, "no connection changed\n")
    assert "no connection changed" in diff(states, "old", "old", "-o", "markdown").out


def test_a_process_prints_the_same_as_a_call(states: Path) -> None:
    assert process("diff", "old", "new", cwd=states) == diff(states, "old", "new")


def test_a_saved_snapshot_and_standard_input_are_states_too(states: Path) -> None:
    assert firedoor("snapshot", "save", "old.fds", "old", cwd=states).code == 0
    assert diff(states, "old.fds", "old").code == 0
    text = (states / "new/extra.yaml").read_bytes()
    assert diff(states, "-", "new/extra.yaml", stdin=text).code == 0
    assert "both standard input" in diff(states, "-", "-").error


def test_revisions_in_git_are_compared(states: Path) -> None:
    (states / "old").rename(states / "deploy")
    git(states, "init", "-q", "-b", "main")
    git(states, "add", "deploy")
    git(states, "commit", "-q", "-m", "one")
    shutil.rmtree(states / "deploy")
    shutil.copytree(states / "new", states / "deploy")
    git(states, "add", "deploy")
    git(states, "commit", "-q", "-m", "two")
    by_folder = diff(states, "git:HEAD~1:deploy", "new")
    by_revision = diff(states, "git:HEAD~1:deploy", "git:main:deploy")
    assert by_folder == by_revision
    assert by_revision.code == 10
    assert diff(states, "git:main:deploy", "new").code == 0
    assert "no revision 'nope'" in diff(states, "git:nope:deploy", "new").error
    assert "begin with a dash" in diff(states, "git:-x:deploy", "new").error


def test_a_gap_in_a_revision_names_the_revision(states: Path) -> None:
    git(states, "init", "-q", "-b", "main")
    (states / "old/broken.yaml").write_text("kind: NetworkPolicy\nmetadata: [\n")
    git(states, "add", "old")
    git(states, "commit", "-q", "-m", "one")
    found = yaml.safe_load(diff(states, "git:main:old", "new", "-o", "json").out)
    assert [each["source"] for each in found["gaps"]["old"]] == ["git:main:old/broken.yaml:3"]


def test_a_saved_snapshot_in_a_revision_is_refused_with_a_way_out(states: Path) -> None:
    assert firedoor("snapshot", "save", "old.fds", "old", cwd=states).code == 0
    git(states, "init", "-q", "-b", "main")
    git(states, "add", "old.fds")
    git(states, "commit", "-q", "-m", "one")
    assert "git show" in diff(states, "git:main:old.fds", "old").error


def test_a_namespace_shows_only_its_own_changes(states: Path) -> None:
    found = document(diff(states, "old", "new", "-n", "shop", "-o", "json"))
    changes = found["changes"]
    assert isinstance(changes, list)
    assert changes
    ends = [{each[end].get("workload", "").partition("/")[0] for end in ("src", "dst")} for each in changes]
    assert all("shop" in each for each in ends)
    assert diff(states, "old", "new", "-n", "chop").code == 3


def test_pods_are_compared_one_by_one_if_asked(states: Path) -> None:
    found = document(diff(states, "old", "new", "--pods", "-o", "json"))
    changes = found["changes"]
    assert isinstance(changes, list)
    assert "shop-data/redis-0" in {each["dst"].get("pod") for each in changes}


def test_cluster_is_the_live_one_and_a_folder_of_that_name_is_not(
    states: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(states / "none"))
    for word in ("cluster", "cluster:prod"):
        assert "no such kubeconfig file" in diff(states, word, "new").error
    (states / "cluster").mkdir()
    assert "write ./cluster" in diff(states, "cluster", "new").error


def test_live_clusters_are_compared_by_context(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        options = ("--kubeconfig", write_kubeconfig(tmp_path, server.url))
        assert firedoor("snapshot", "save", str(tmp_path / "saved.fds"), *options).code == 0
        assert diff(tmp_path, "cluster", "cluster:here", *options).code == 0
        assert diff(tmp_path, "saved.fds", "cluster:", *options).code == 0
        assert "there" in diff(tmp_path, "cluster:there", "cluster", *options).error


@pytest.mark.parametrize(
    "arguments", [("nowhere", "new"), ("old",), ("old", "new", "third"), ("old", "new", "--cni=x")]
)
def test_bad_input_is_one_line(states: Path, arguments: tuple[str, ...]) -> None:
    ran = diff(states, *arguments)
    assert ran.code == 2
    assert ran.error


def test_states_without_pods_are_out_of_scope(states: Path) -> None:
    (states / "empty").mkdir()
    (states / "empty/ns.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")
    assert diff(states, "empty", "empty").code == 3
