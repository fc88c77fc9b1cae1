"""Programs in the background, by the pids that were written down."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from lab.troubles import LabError

_LAST_WORDS = 2000
_PATIENCE = 3.0
"""Seconds that a program has to end by itself."""


class Processes:
    """The programs of one lab, whose pids and logs are in `folder`."""

    def __init__(self, folder: Path) -> None:
        """Look after the programs of a folder, whoever started them."""
        self._folder = folder

    def start(self, name: str, command: list[str]) -> None:
        """Start a program that outlives this one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(self._log(name)), write, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions, setsid=True)
        note = {"pid": pid, "started": _started(pid)}
        self._note(name).write_text(json.dumps(note), encoding="utf-8")

    def is_running(self, name: str) -> bool:
        """Return whether a program is there; a pid that another program has by now is none."""
        return self._pid(name) is not None

    def names(self) -> list[str]:
        """Return the programs that were started, the last first."""
        found = sorted(self._folder.glob("*.pid"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return [path.stem for path in found]

    def stop(self, name: str) -> None:
        """End a program, by force where asking does not help."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            end = time.monotonic() + _PATIENCE
            pid = self._pid(name)
            if pid is not None:
                os.kill(pid, number)
            while self._pid(name) is not None and time.monotonic() < end:
                _reap()
                time.sleep(0.05)
        self._note(name).unlink(missing_ok=True)

    def last_words(self, name: str) -> str:
        """Return the end of what a program printed."""
        log = self._log(name)
        return log.read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:] if log.is_file() else ""

    def check(self, name: str) -> None:
        """Raise ``LabError`` when a program has ended."""
        if not self.is_running(name):
            message = f"{name} has ended: {self.last_words(name)}"
            raise LabError(message)

    def _pid(self, name: str) -> int | None:
        try:
            note = json.loads(self._note(name).read_text(encoding="utf-8"))
            pid, started = int(note["pid"]), note["started"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return pid if _started(pid) == started else None

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


def _reap() -> None:
    """Let go of children that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
