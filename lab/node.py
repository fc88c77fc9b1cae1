"""A whole cluster of one node: a control plane, containers, a kubelet, Services, and an enforcer of policies."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab import control_groups, enforcer
from lab.asking import ask
from lab.busybox import busybox
from lab.control_plane import ControlPlane
from lab.images import images, write_images
from lab.keys import Authority
from lab.machine import Machine
from lab.node_settings import NAME, NodeSettings
from lab.places import binaries
from lab.processes import Processes
from lab.requirements import found, require
from lab.troubles import LabError

if TYPE_CHECKING:
    from collections.abc import Callable

_RUNNING = ("containerd", "kube-scheduler", "kubelet", "kube-proxy")
_PATIENCE = 90.0


@dataclass(frozen=True, slots=True)
class Node:
    """
    The node and its control plane, whose files are below `folder`.

    All of it runs in a `Machine`; this machine reaches the API server and nothing of it reaches further than here. A
    node that is `bound` ends with the program that starts it, also where that is killed.
    """

    folder: Path
    bound: bool = False

    @property
    def plane(self) -> ControlPlane:
        """The control plane."""
        return ControlPlane(self.folder / "run")

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig of a user of ``system:masters``."""
        return self.plane.kubeconfig

    @property
    def machine(self) -> Machine:
        """Where all of it runs."""
        return Machine(self.folder / "node", self.bound)

    @property
    def processes(self) -> Processes:
        """The programs of the node; those of the control plane are not among them."""
        return Processes(self.machine.folder)

    def up(self, tell: Callable[[str], None]) -> None:
        """
        Start all but the enforcer; raises ``LabError`` where that is not possible, or it does not get ready.

        What runs as a whole stays as it is. What runs in parts is ended and started anew, and is empty then.
        """
        if self.is_up():
            return
        require()
        self.down()
        try:
            self._start(tell)
        except BaseException:
            self.down()
            raise

    def is_up(self) -> bool:
        """Return whether all programs run; the enforcer does not count."""
        programs = self.processes
        return self.machine.is_up() and self.plane.is_up() and all(programs.is_running(name) for name in _RUNNING)

    def states(self) -> dict[str, bool]:
        """Return which programs of the node run, the enforcer with them."""
        programs = self.processes
        return {name: programs.is_running(name) for name in (*_RUNNING, enforcer.NAME)}

    def enforce(self) -> None:
        """Start the enforcer where it does not run, and wait until the policies that there are then are in force."""
        enforcer.enforce(self.machine, self._settings(""))

    def stop_enforcing(self, *, kill: bool = False) -> None:
        """End the enforcer with its rules; with `kill` as a crash would, so that its rules stay and never change."""
        enforcer.stop_enforcing(self.machine, kill=kill)

    def ctr(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``ctr``, which asks the container runtime without the API server."""
        return self.machine.run(found("ctr"), "--namespace", "k8s.io", *arguments)

    def down(self) -> None:
        """End everything, also what a crash left, and remove what it made."""
        machine = self.machine
        machine.down()
        self.plane.down()
        control_groups.remove(machine.name)
        try:
            shutil.rmtree(machine.folder)
        except FileNotFoundError:
            pass
        except OSError as error:
            message = f"the files of the node are not all removed: {error}"
            raise LabError(message) from error

    def _settings(self, address: str) -> NodeSettings:
        return NodeSettings(self.machine.folder, self.kubeconfig, address, self.machine.name)

    def _start(self, tell: Callable[[str], None]) -> None:
        machine, programs = self.machine, self.processes
        tell("starting a machine of its own for the node")
        address = machine.up()
        control_groups.make(machine.name)
        settings = self._settings(address)
        plane = ControlPlane(self.plane.folder, address, machine.inside())
        archive = machine.folder / "images.tar"
        write_images(images(binaries() / "agnhost", busybox()), archive)
        settings.write_runtime()
        tell("starting containerd")
        programs.start("containerd", settings.containerd(), machine.inside())
        self._until(lambda: self.ctr("version").returncode == 0, "containerd answers", "containerd")
        take_in = [*machine.inside(), found("ctr"), "--namespace", "k8s.io", "images", "import", str(archive)]
        with subprocess.Popen(take_in, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as taking:
            plane.up(tell)
            _, trouble = taking.communicate()
        if taking.returncode:
            message = f"the images of the node could not be imported: {trouble.strip()}"
            raise LabError(message)
        archive.unlink()
        authority = Authority(plane.folder)
        settings.write(authority.certificate, *authority.issue("kubelet", NAME, address=address))
        for name, command in settings.commands().items():
            tell(f"starting {name}")
            programs.start(name, command, machine.inside())
        self._until(self._is_ready, "the node is ready", "kubelet")

    def _is_ready(self) -> bool:
        """Return whether the node says so, and pods may be put on it."""
        told = ask(self.kubeconfig, f"/api/v1/nodes/{NAME}")
        if told is None:
            return False
        node = json.loads(told)
        states = {each["type"]: each["status"] for each in node.get("status", {}).get("conditions", ())}
        return states.get("Ready") == "True" and not node["spec"].get("taints")

    def _until(self, is_so: Callable[[], bool], what: str, program: str) -> None:
        end = time.monotonic() + _PATIENCE
        while not is_so():
            self.processes.check(program)
            if time.monotonic() > end:
                message = f"not so after {_PATIENCE:.0f} s: {what}; {self.processes.last_words(program)}"
                raise LabError(message)
            time.sleep(0.1)
