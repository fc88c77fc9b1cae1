"""Images that are made here, of programs that are here: no registry is asked for anything."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.busybox import applets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PAUSE = "registry.k8s.io/pause:3.10"
AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.53"
"""The name under which firedoor looks for it where it is told nothing else."""
TOOLS = "registry.k8s.io/e2e-test-images/busybox:1.37.0-1"
"""An image with a shell, ``nc`` and ``wget``; Kubernetes' own tests know it by this name."""

_CREATED = "2026-01-01T00:00:00Z"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
"""What images call the machines that Python calls so."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image of one program, with other names for it and what is run where nothing else is said."""

    names: tuple[str, ...]
    program: Path
    path: str
    links: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def layer(self) -> bytes:
        """Return the files as a tar archive."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            folders = {each.rpartition("/")[0] for each in (self.path, *self.links)} | {"tmp"}
            for each in sorted(folders - {""}):
                entry = tarfile.TarInfo(each)
                entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if each == "tmp" else 0o755
                archive.addfile(entry)
            entry = tarfile.TarInfo(self.path)
            entry.size, entry.mode = self.program.stat().st_size, 0o755
            with self.program.open("rb") as content:
                archive.addfile(entry, content)
            for each in self.links:
                entry = tarfile.TarInfo(each)
                entry.type, entry.linkname = tarfile.SYMTYPE, f"/{self.path}"
                archive.addfile(entry)
        return packed.getvalue()

    def config(self, digest: str) -> bytes:
        """Return the configuration of an image that has the layer with this digest."""
        told = {
            "architecture": MACHINES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "created": _CREATED,
            "config": {
                "Entrypoint": [*self.entrypoint],
                "Cmd": [*self.command],
                "Env": [f"{name}={value}" for name, value in self.environment.items()],
                "WorkingDir": "/",
            },
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created": _CREATED}],
        }
        return json.dumps(told).encode()


def images(agnhost: Path, busybox: Path | None) -> list[Image]:
    """Return the images of a node; that with tools is left out where there is no program for it."""
    path = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    made = [
        Image((PAUSE,), agnhost, "agnhost", entrypoint=("/agnhost", "pause")),
        Image((AGNHOST,), agnhost, "agnhost", entrypoint=("/agnhost",), command=("pause",), environment=path),
    ]
    if busybox is not None:
        links = tuple(f"bin/{each}" for each in applets(busybox))
        made.append(Image((TOOLS,), busybox, "bin/busybox", links, command=("sh",), environment=path))
    return made


def write_images(wanted: Sequence[Image], target: Path) -> None:
    """Write images into one archive, as ``docker save`` would; layers that several have are in it once."""
    manifest = []
    layers: dict[tuple[object, ...], str] = {}
    with tarfile.open(target, mode="w") as archive:
        for image in wanted:
            known = (image.program, image.path, image.links)
            if known not in layers:
                layer = image.layer()
                layers[known] = hashlib.sha256(layer).hexdigest()
                _add(archive, f"{layers[known]}/layer.tar", layer)
            config = image.config(layers[known])
            name = f"{hashlib.sha256(config).hexdigest()}.json"
            _add(archive, name, config)
            manifest.append({"Config": name, "RepoTags": [*image.names], "Layers": [f"{layers[known]}/layer.tar"]})
        _add(archive, "manifest.json", json.dumps(manifest).encode())


def _add(archive: tarfile.TarFile, path: str, content: bytes) -> None:
    entry = tarfile.TarInfo(path)
    entry.size, entry.mode = len(content), 0o644
    archive.addfile(entry, io.BytesIO(content))
