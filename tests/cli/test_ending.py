"""What a command has read goes with its process."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
from firedoor.cli.ending import keep_to_the_end, leave_what_is_kept


class Large:
    def __del__(self):
        print("freed", flush=True)


large = Large()
if {keeps}:
    keep_to_the_end(large)
del large
print("end", flush=True)
leave_what_is_kept()
"""


@pytest.mark.parametrize(("keeps", "printed"), [(True, "end\n"), (False, "freed\nend\n")])
def test_what_is_kept_is_not_taken_apart_at_the_end(keeps: bool, printed: str) -> None:
    command = [sys.executable, "-c", PROGRAM.format(keeps=keeps)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (printed, "")
