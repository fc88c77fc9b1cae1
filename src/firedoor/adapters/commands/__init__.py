"""
Commands that people name, run without a shell.

May start processes, and knows nothing of clusters.
"""

from __future__ import annotations

import shlex
import subprocess

from firedoor.errors import UsageError

_LONGEST = 300


def split_command(text: str) -> list[str]:
    """Return a command and its arguments, quoted as in a shell; raises ``UsageError``."""
    try:
        found = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"the command {text!r} cannot be read: {error}", remedy="close its quotes") from error
    if not found:
        raise UsageError("the command is empty", remedy="name a program")
    return found


def run_command(text: str, timeout: float) -> str:
    """Return why a command failed, with its exit code and last line; empty where it ended with 0."""
    try:
        # The command is the person's own, and there is no shell.
        done = subprocess.run(  # noqa: S603
            split_command(text), stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{text!r} did not end within {timeout:g} s"
    except OSError as error:
        return f"{text!r} cannot be run: {error.strerror or error}"
    if done.returncode == 0:
        return ""
    lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    said = f": {lines[-1][:_LONGEST]}" if lines else ""
    return f"{text!r} ended with {done.returncode}{said}"
