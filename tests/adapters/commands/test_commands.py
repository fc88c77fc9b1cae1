from __future__ import annotations

import sys

import pytest

from firedoor.adapters.commands import run_command, split_command
from firedoor.errors import UsageError

PYTHON = sys.executable


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (f"{PYTHON} -c pass", ""),
        (f"{PYTHON} -c 'import sys; print(1); sys.exit(\"last words\")'", "ended with 1: last words"),
        (f"{PYTHON} -c 'import sys; sys.exit(7)'", "ended with 7"),
        (f"{PYTHON} -c 'import time; time.sleep(60)'", "did not end within 0.5 s"),
        ("no-such-program-at-all", "cannot be run: No such file or directory"),
    ],
)
def test_why_a_command_failed(command: str, said: str) -> None:
    found = run_command(command, 0.5 if "sleep" in command else 60)
    assert found == (f"{command!r} {said}" if said else "")


def test_there_is_no_shell() -> None:
    assert split_command("a 'b c' $HOME; d") == ["a", "b c", "$HOME;", "d"]
    with pytest.raises(UsageError, match="cannot be read"):
        split_command("'")
    with pytest.raises(UsageError, match="is empty"):
        split_command("  ")
