"""
A real Kubernetes on this machine.

    python -m lab build     builds what is missing, outside of the repository
    python -m lab up        builds and starts the control plane, and prints how to talk to it
    python -m lab status    says what runs; exit code 1 where not all of it does
    python -m lab down      ends it and removes its files
"""

from __future__ import annotations

import argparse
import sys

from lab.building import build
from lab.control_plane import ControlPlane
from lab.places import KUBERNETES, PROGRAMS, binaries, missing, running
from lab.processes import Processes
from lab.troubles import LabError


def main() -> int:
    """Do what the command line says, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lab", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=("build", "up", "status", "down"))
    verb = parser.parse_args().verb
    plane = ControlPlane(running())
    try:
        if verb == "down":
            plane.down()
        elif verb == "status":
            return _status(plane)
        else:
            folder = build(_tell)
            if verb == "build":
                print(folder)
                return 0
            plane.up(_tell)
            print(f"Kubernetes {KUBERNETES} is up: export KUBECONFIG={plane.kubeconfig}")
    except LabError as error:
        _tell(f"error: {error}")
        return 1
    return 0


def _status(plane: ControlPlane) -> int:
    processes = Processes(plane.folder)
    absent = missing()
    for name in PROGRAMS:
        state = "running" if processes.is_running(name) else "not built" if name in absent else "stopped"
        print(f"{name}: {state}")
    print(f"programs: {binaries()}")
    return 0 if plane.is_up() else 1


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
