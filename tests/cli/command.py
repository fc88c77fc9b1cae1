"""Runs the real command: in this process where its answers matter, as a process where the system does."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest import mock

from firedoor.cli.main import main

ROOT = Path(__file__).parents[2]
SETS = ROOT / "tests" / "fixtures" / "sets"
GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Ran:
    """How a run of the command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON on standard output, of a run that went well and said nothing else."""
        assert (self.code, self.err) == (0, "")
        assert self.out.endswith("}\n")
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line on standard error, of a run that failed and printed nothing else."""
        assert self.code != 0
        assert self.out == ""
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1
        assert self.err.startswith("error: ")
        return self.err.removeprefix("error: ").rstrip("\n")


def firedoor(*arguments: str, stdin: bytes = b"", cwd: Path = SETS) -> Ran:
    """Run the command in this process, in a folder that is by default the one of the sets."""
    out, err = StringIO(), StringIO()
    given = TextIOWrapper(BytesIO(stdin))
    replaced = mock.patch.multiple(sys, argv=["firedoor", *arguments], stdin=given)
    code: object = 0
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err), replaced:
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        finally:
            # The command leaves collection off, for it ends a process; this one goes on.
            gc.enable()
    assert isinstance(code, int)
    return Ran(code, out.getvalue(), err.getvalue())


def process(*arguments: str, stdin: bytes = b"", cwd: Path = SETS, **environment: str) -> Ran:
    """Run the command as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "firedoor", *arguments],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def assert_golden(name: str, text: str) -> None:
    """Compare with a stored text; ``FIREDOOR_UPDATE_GOLDEN=1`` stores it anew."""
    path = GOLDEN / name
    if os.environ.get("FIREDOOR_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
