"""What cannot be used ends in one line that names the place and the remedy, never in a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.command import firedoor, process

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: c}]}\n"


def bomb() -> str:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdef", "bcdefg", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    return "\n".join(lines) + "\n"


FILES = {
    "binary.yaml": (b"\x7fELF\x00\x00\xff\xfe" * 50, "binary", "text"),
    "bomb.yaml": (bomb().encode(), "alias bomb", "write the values out"),
    "cyclic.yaml": (b"a: &a\n  b: *a\n", "inside its own anchor", "break the cycle"),
    "truncated.json": (b'{"apiVersion": "v1", "kind": "Po', "truncated JSON", "get the whole file"),
    "deep.yaml": (b"[" * 5000 + b"]" * 5000, "nested", ""),
    "tab.yaml": (b"kind: Pod\nmetadata:\n\tname: x\n", "tab", ""),
}


@pytest.mark.parametrize("command", ["diagnose", "reach"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_used(tmp_path: Path, name: str, command: str) -> None:
    content, problem, remedy = FILES[name]
    (tmp_path / name).write_bytes(content)
    ran = firedoor(command, name, cwd=tmp_path)
    assert ran.code == 2
    assert ran.error.startswith(f"{name}:")
    assert problem in ran.error
    assert remedy in ran.error


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large.yaml").open("wb") as file:
        file.truncate(65 << 20)
    ran = firedoor("diagnose", "large.yaml", cwd=tmp_path)
    assert ran.code == 2
    assert ran.error.startswith("large.yaml: 68,157,440 bytes is more than")
    assert "JSON" in ran.error


def test_a_process_says_the_same_and_nothing_of_its_inside(tmp_path: Path) -> None:
    (tmp_path / "bomb.yaml").write_text(bomb())
    ran = process("diagnose", "bomb.yaml", cwd=tmp_path)
    assert ran == firedoor("diagnose", "bomb.yaml", cwd=tmp_path)
    assert "Traceback" not in ran.err


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(POD)
    (tmp_path / "secret.yaml").chmod(0)
    assert "secret.yaml: permission denied" in firedoor("diagnose", "secret.yaml", cwd=tmp_path).error


NO_PLACE = {
    ("diagnose", "missing.yaml"): "missing.yaml: no such file or folder; check the path",
    (
        "diagnose",
        "empty",
    ): "empty: no .yaml, .yml or .json file in this folder; give the folder that holds the manifests",
    ("reach", "texts"): "texts: no .yaml, .yml or .json file in this folder; give the folder that holds the manifests",
    ("snapshot", "info", "pod.yaml"): "pod.yaml: this is not a saved snapshot; make one with `firedoor snapshot save`",
    ("snapshot", "diff", "missing", "pod.yaml"): "missing: no such file or folder; check the path",
    ("snapshot", "save", "pod.yaml", "pod.yaml"): "pod.yaml: the file exists already; choose another name, or ",
    ("demo", "--write", "empty"): "empty: already exists; name a folder that does not",
    ("diagnose", "--kubeconfig", "missing"): "missing: there is no such kubeconfig file; name an existing file with ",
    ("diagnose", "pod.yaml", "--context", "x"): "--kubeconfig and --context are for the live cluster, and paths were ",
    ("diagnose", "pod.yaml", "--cni", "calcio"): "there is no CNI profile 'calcio'; use one of spec, calico, ",
    ("diagnose", "pod.yaml", "--kubernetes-version", "new"): "not a Kubernetes release: 'new'; write it like 1.31",
    ("reach", "pod.yaml", "--port", "http"): "'http' is no port; write a number from 1 to 65535, as in 8080 or 53/UDP",
    ("reach", "pod.yaml", "--port", "70000"): "'70000' is no port; write a number from 1 to 65535",
    ("reach", "pod.yaml", "--port", "53/ICMP"): "'53/ICMP' is no port; write a number from 1 to 65535",
    ("reach", "pod.yaml", "-l", "a in b"): "cannot read 'a in b' in the label selector 'a in b'; write it as kubectl",
    ("reach", "pod.yaml", "--from", "wbe"): "wbe: no pod or workload of that name takes part in the network; write ",
    ("reach", "pod.yaml", "--to", "default/wbe"): (
        "default/wbe: no pod or workload of that name takes part in the network (did you mean default/web?); write "
    ),
    ("reach", "pod.yaml", "--to", "defualt/*"): "defualt/*: there is no namespace defualt (did you mean default?); ",
    ("explain", "pod.yaml", "--from", "wbe", "--to", "web", "--port", "80"): (
        "wbe: no pod or workload of that name takes part in the network (did you mean default/web?); list what there is"
    ),
    ("explain", "pod.yaml", "--from", "a/b/c/d", "--to", "web", "--port", "80"): "'a/b/c/d' names no pod; write ",
    ("explain", "pod.yaml", "--from", "web", "--port", "80"): "missing option '--to'; see `firedoor explain --help`",
    ("checks", "dns-bloked"): "there is no check 'dns-bloked'; did you mean dns-blocked? `firedoor checks` lists all",
    ("diagnos",): "there is no command 'diagnos' (did you mean 'diagnose'?); see `firedoor --help`",
    ("diagnose", "--xyzzy"): "no such option '--xyzzy'; see `firedoor diagnose --help`",
    ("reach", "-o", "xml"): "invalid value for '-o' / '--output': 'xml' is not one of ",
    ("completion", "csh"): "invalid value for '{bash|zsh|fish}': 'csh' is not one of ",
}


@pytest.mark.parametrize("arguments", NO_PLACE, ids=" ".join)
def test_a_question_that_cannot_be_answered(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "notes.txt").write_text("no manifest")
    ran = firedoor(*arguments, cwd=tmp_path)
    assert ran.code == 2
    assert ran.error.startswith(NO_PLACE[arguments])


NOTHING = {
    ("reach", "empty.yaml"): "no pod or workload was found; check the path",
    ("explain", "empty.yaml", "--from", "a", "--to", "b", "--port", "1"): "no pod or workload was found; check ",
    ("reach", "pod.yaml", "-n", "defualt"): "there is no namespace defualt (did you mean default?); leave -n out",
    ("diagnose", "pod.yaml", "-n", "defualt"): "there is no namespace defualt (did you mean default?); leave -n out",
}


@pytest.mark.parametrize("arguments", NOTHING, ids=" ".join)
def test_nothing_in_scope_has_a_code_of_its_own(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    named = POD.replace("name: web", "name: web, namespace: default")
    (tmp_path / "pod.yaml").write_text(named)
    (tmp_path / "empty.yaml").write_text("# nothing yet\n")
    ran = firedoor(*arguments, cwd=tmp_path)
    assert ran.code == 3
    assert ran.error.startswith(NOTHING[arguments])


def test_names_from_files_cannot_break_the_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text('a: &a\n  "b\\n\\u001b[31m": *a\n')
    assert "\x1b" not in firedoor("diagnose", "x.yaml", cwd=tmp_path).error
