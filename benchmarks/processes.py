"""One run of Python, with what it took."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from typing import NamedTuple


class Run(NamedTuple):
    """Seconds, seconds of processors with those of child processes, and the most memory of the process in bytes."""

    seconds: float
    processor: float
    memory: float


def run(*arguments: str) -> Run:
    """Run Python with some arguments, what it prints thrown away; end with a message where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, code, used = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        sys.exit(f"{' '.join(arguments)} ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Run(elapsed, work or used.ru_utime + used.ru_stime, memory)
