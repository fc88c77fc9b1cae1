from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from firedoor.adapters.git.reading import GitFiles
from firedoor.adapters.git.specs import GitSpec, parse_spec
from firedoor.errors import SourceError, UsageError
from firedoor.interfaces import Silent

FIXED = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.test", "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.test", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
}  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],  # noqa: S607 - git as the person has it
        cwd=folder,
        env={**os.environ, **FIXED},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    for name, text in {
        "deploy/a.yaml": "a: 1\n",
        "deploy/inner/with space ü.yaml": "b: 2\n",
        "deploy/notes.txt": "no manifest\n",
        "other/c.yaml": "c: 3\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "one")
    return tmp_path


def files(folder: Path, text: str, most_bytes: int = 1000) -> Iterator[tuple[str, bytes | SourceError]]:
    return GitFiles(parse_spec(text), lambda name: name.endswith(".yaml"), most_bytes, folder).read(Silent())


def test_the_files_of_a_folder_are_those_of_the_revision_and_not_of_the_disk(repository: Path) -> None:
    (repository / "deploy/a.yaml").write_text("a: 9\n")
    (repository / "deploy/new.yaml").write_text("n: 9\n")
    before = git(repository, "status", "--porcelain")
    assert list(files(repository, "git:main:deploy/")) == [
        ("git:main:deploy/a.yaml", b"a: 1\n"),
        ("git:main:deploy/inner/with space ü.yaml", b"b: 2\n"),
    ]
    assert git(repository, "status", "--porcelain") == before


def test_a_single_file_the_whole_revision_and_a_relative_path_are_read(repository: Path) -> None:
    assert list(files(repository, "git:main:other/c.yaml")) == [("git:main:other/c.yaml", b"c: 3\n")]
    assert [name for name, _ in files(repository, "git:HEAD")] == [
        "git:HEAD:deploy/a.yaml", "git:HEAD:deploy/inner/with space ü.yaml", "git:HEAD:other/c.yaml",
    ]  # fmt: skip
    assert [data for _, data in files(repository / "deploy", "git:main:./inner")] == [b"b: 2\n"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("git:nobody:deploy", "git knows no revision 'nobody'"),
        ("git:main:nowhere", "no file or folder 'nowhere' in revision 'main'"),
        ("git:main:deploy/notes.txt/x", "no file or folder"),
        ("git:main:../x", "no file or folder"),
    ],
)
def test_what_is_not_there_is_told_apart(repository: Path, text: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as raised:
        list(files(repository, text))
    assert raised.value.place == text
    assert raised.value.remedy


def test_a_folder_without_manifests_is_an_error(repository: Path) -> None:
    (repository / "empty").mkdir()
    (repository / "empty/readme.md").write_text("x")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "two")
    with pytest.raises(SourceError, match=r"no \.yaml, \.yml or \.json file"):
        list(files(repository, "git:main:empty"))


def test_outside_of_a_repository_and_without_git_the_error_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(SourceError, match="in no git repository"):
        list(files(tmp_path, "git:main:deploy"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="git is not installed"):
        list(files(tmp_path, "git:main:deploy"))


def test_what_is_no_file_is_named_and_the_rest_is_read(repository: Path) -> None:
    (repository / "deploy/link.yaml").symlink_to("a.yaml")
    (repository / "deploy/large.yaml").write_text("x" * 1001)
    git(repository, "add", "-A")
    commit = git(repository, "rev-parse", "HEAD")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{commit},deploy/module.yaml")
    git(repository, "commit", "-q", "-m", "two")
    found = dict(files(repository, "git:main:deploy"))
    assert found["git:main:deploy/a.yaml"] == b"a: 1\n"
    problems = {name: each.problem for name, each in found.items() if isinstance(each, SourceError)}
    assert {name.rpartition("/")[2]: text.split()[0] for name, text in problems.items()} == {
        "link.yaml": "symbolic", "module.yaml": "a", "large.yaml": "1,001",
    }  # fmt: skip


def test_a_missing_object_is_named(repository: Path) -> None:
    name = git(repository, "rev-parse", "main:deploy/a.yaml")
    path = repository / ".git/objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.unlink()
    found = dict(files(repository, "git:main:deploy"))
    problem = found["git:main:deploy/a.yaml"]
    assert isinstance(problem, SourceError)
    assert "not in this repository" in problem.problem
    assert found["git:main:deploy/inner/with space ü.yaml"] == b"b: 2\n"


def test_a_revision_may_hold_colons_in_braces() -> None:
    assert parse_spec("git:main@{2024-05-01 10:00}:a/b/") == GitSpec("main@{2024-05-01 10:00}", "a/b")
    assert str(parse_spec("git:v1:x")) == "git:v1:x"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("git::x", "no revision"),
        ("git:", "no revision"),
        ("git:--output=x:y", "begin with a dash"),
        ("git:a\nb:c", "control"),
    ],
)
def test_a_word_that_is_no_revision_is_refused_before_git_sees_it(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_spec(text)
