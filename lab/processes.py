"""Programs in the background, by the pids that were written down."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from lab.troubles import LabError

_LAST_WORDS = 2000
_PATIENCE = {signal.SIGTERM: 3.0, signal.SIGKILL: 30.0}
"""Seconds that a program has to end when it is asked, and that the kernel has to end it."""


class Processes:
    """The programs of one lab, whose pids and logs are in `folder`."""

    def __init__(self, folder: Path) -> None:
        """Look after the programs of a folder, whoever started them."""
        self._folder = folder

    def start(self, name: str, command: list[str], through: Sequence[str] = ()) -> None:
        """
        Start a program that outlives this one.

        `through` is a command that brings it somewhere else and waits for it, as ``nsenter`` does: the pid that is
        written down is that of the program all the same.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(self._log(name)), write, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        whole = [*through, *command]
        pid = os.posix_spawn(whole[0], whole, os.environ, file_actions=actions, setsid=True)
        self._write(name, pid)
        if through:
            self._write(name, _child(pid) or pid)

    def is_running(self, name: str) -> bool:
        """Return whether a program is there; a pid that another program has by now is none."""
        return self.pid(name) is not None

    def pid(self, name: str) -> int | None:
        """Return the pid of a program that is running."""
        try:
            note = json.loads(self._note(name).read_text(encoding="utf-8"))
            pid, started = int(note["pid"]), note["started"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return pid if started is not None and _started(pid) == started else None

    def names(self) -> list[str]:
        """Return the programs that were started, the last first."""
        found = sorted(self._folder.glob("*.pid"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return [path.stem for path in found]

    def stop(self, name: str, *, kill: bool = False) -> None:
        """End a program, by force where asking does not help; with `kill` nobody asks."""
        for number in (signal.SIGKILL,) if kill else (signal.SIGTERM, signal.SIGKILL):
            end = time.monotonic() + _PATIENCE[number]
            pid = self.pid(name)
            if pid is not None:
                _send(pid, number, name)
            while self.pid(name) is not None and time.monotonic() < end:
                _reap()
                time.sleep(0.05)
        if self.is_running(name):
            message = f"{name} (process {self.pid(name)}) does not end, though it was killed"
            raise LabError(message)
        self._note(name).unlink(missing_ok=True)

    def last_words(self, name: str) -> str:
        """Return the end of what a program printed."""
        log = self._log(name)
        return log.read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:] if log.is_file() else ""

    def has_said(self, name: str, text: str) -> bool:
        """Return whether a program has printed something."""
        log = self._log(name)
        return log.is_file() and text in log.read_text(encoding="utf-8", errors="replace")

    def check(self, name: str) -> None:
        """Raise ``LabError`` when a program has ended."""
        if not self.is_running(name):
            message = f"{name} has ended: {self.last_words(name)}"
            raise LabError(message)

    def _write(self, name: str, pid: int) -> None:
        note = {"pid": pid, "started": _started(pid)}
        self._note(name).write_text(json.dumps(note), encoding="utf-8")

    def _note(self, name: str) -> Path:
        return self._folder / f"{name}.pid"

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"


def _started(pid: int) -> str | None:
    """Return when a living process was started, as the kernel has it; None for one that is gone or waits to be."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    state, started = fields[0], fields[19]
    return None if state == "Z" else started


def _child(parent: int) -> int | None:
    """Return the first child of a process, once there is one; None where the process ends without."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    while _started(parent) is not None:
        try:
            found = children.read_text(encoding="ascii").split()
        except OSError:
            break
        if found:
            return int(found[0])
        time.sleep(0.01)
    return None


def _send(pid: int, number: signal.Signals, name: str) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
    except PermissionError as error:
        message = f"{name} (process {pid}) was started by another user, who has to end it"
        raise LabError(message) from error


def _reap() -> None:
    """Let go of children that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
