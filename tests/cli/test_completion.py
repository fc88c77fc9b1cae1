from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.cli.command import firedoor, process


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_the_command(shell: str) -> None:
    ran = firedoor("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert f"_FIREDOOR_COMPLETE={shell}_complete" in ran.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_accepts_the_script() -> None:
    script = firedoor("completion", "bash").out
    # --noprofile and --norc: only what the script itself does counts.
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eu"],  # noqa: S607 - whatever bash is there
        input=f"{script}\ncomplete -p firedoor\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "_firedoor_completion" in done.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [("firedoor rea", "reach"), ("firedoor reach --cni cal", "calico"), ("firedoor snapshot sa", "save")],
)
def test_the_command_completes_what_the_script_asks(words: str, expected: str) -> None:
    last = str(len(words.split()) - 1)
    ran = process(_FIREDOOR_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=last)
    assert ran.out.split() == [f"plain,{expected}"]
