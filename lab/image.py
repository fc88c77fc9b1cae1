"""
The image of firedoor as its Containerfile says, without a registry and without a builder of images.

    python -m lab.image FOLDER    makes its root filesystem in a folder that is not there yet

The bases are made of what they are made of elsewhere: Debian's packages. Of the last one these are the packages of
distroless's ``cc`` and ``python3`` and no others, so that what is missing there is missing here. Every ``COPY`` and
``RUN`` is done as it stands, at the same paths, in the filesystem of its stage. Needs root, Linux and Debian's archive.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lab import debian
from lab.containerfile import Stage, stages
from lab.images import MACHINES
from lab.troubles import LabError

ROOT = Path(__file__).parents[1]
PYTHON = "3.13"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BASE = "base-files netbase tzdata media-types ca-certificates libc6 libssl3t64 libzstd1 zlib1g"
_C = "libgcc-s1 libgomp1 libstdc++6"
_LIBRARIES = """
libbz2-1.0 libcom-err2 libcrypt1 libdb5.3t64 libexpat1 libffi8 libgssapi-krb5-2 libk5crypto3 libkeyutils1 libkrb5-3
libkrb5support0 liblzma5 libncursesw6 libnsl2 libreadline8t64 libsqlite3-0 libtinfo6 libtirpc3t64 libuuid1
"""
_PYTHON = f"python{PYTHON}-minimal libpython{PYTHON}-minimal libpython{PYTHON}-stdlib"
PACKAGES = f"{_BASE} {_C} {_LIBRARIES} {_PYTHON}".split()
"""Those of ``gcr.io/distroless/python3-debian13``, by its sources (``cc/config.bzl``, ``python3/config.bzl``)."""
_IN = """
mount --make-rprivate / && mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" || exit 1
exec chroot "$0" "$@"
"""
"""Runs a command in a filesystem as a builder does."""
_CONFINED = """
mount --make-rprivate / && mount --bind "$0" "$0" || exit 1
mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" || exit 1
mount -o remount,ro,bind "$0" || exit 1
test -z "$VOLUME" || mount --bind "$VOLUME" "$0/var/lib/firedoor" || exit 1
exec setpriv --no-new-privs chroot --userspec="$USER_OF_IMAGE" --groups= "$0" "$@"
"""
"""Runs a command as the chart has it run: as nobody in particular, who may write into a volume and nowhere else."""


@dataclass(frozen=True, slots=True)
class Built:
    """A root filesystem, and what is run in it, by whom, with which variables."""

    root: Path
    entrypoint: list[str]
    user: str
    environment: dict[str, str]

    def command(self, *arguments: str) -> list[str]:
        """Return what runs the image with arguments, in namespaces of its own; see `variables`."""
        return self.other(*self.entrypoint, *arguments)

    def other(self, *command: str) -> list[str]:
        """Return what runs another command in it."""
        return [*_unshared(), "sh", "-c", _CONFINED, str(self.root), *command]

    def variables(self, volume: Path | None = None) -> dict[str, str]:
        """
        Return the environment for `command`: that of the image, and nothing of this process.

        A `volume` is a folder that it has as ``/var/lib/firedoor``; it must belong to the user of the image.
        """
        given = {"PATH": _PATH, **self.environment, "USER_OF_IMAGE": self.user}
        return {**given, "VOLUME": str(volume or "")}


def lacking() -> list[str]:
    """Return what this machine lacks to make it."""
    found = [each for each in ("unshare", "chroot", "setpriv", "mount") if shutil.which(each) is None]
    found += debian.lacking() if _uv() is not None else ["uv", *debian.lacking()]
    if os.geteuid():
        return [*found, "root"]
    if not found and subprocess.run([*_unshared(), "true"], check=False, capture_output=True).returncode:
        found.append("mounts of one's own")
    return found


def build(target: Path) -> Built:
    """Make it in a folder; raises ``LabError``."""
    if lacks := lacking():
        raise LabError(f"the image cannot be made here, for that needs: {', '.join(lacks)}")
    uv, building, last = stages(ROOT / "Containerfile")
    folders = {uv.name: target / "uv", building.name: target / building.name, "": target / "root"}
    folders[uv.name].mkdir(parents=True)
    shutil.copy(str(_uv()), folders[uv.name] / "uv")
    for stage in (building, last):
        _make_base(folders[stage.name])
        _follow(stage, folders[stage.name], folders)
    return Built(
        folders[""],
        json.loads(last.all("ENTRYPOINT")[0]),
        last.all("USER")[0],
        {"LANG": "C.UTF-8", **last.environment()},
    )


def write_archive(built: Built, name: str, target: Path) -> None:
    """Write it as an archive that runtimes of containers take in, as ``docker save`` would, under a name."""
    folder = target.parent / f"{target.name}.parts"
    folder.mkdir()
    layer = folder / "layer.tar"
    pack = ["tar", "--create", "--numeric-owner", "--owner=0", "--group=0", "--sort=name", "--file"]
    _done([*pack, str(layer), "--directory", str(built.root), "."])
    with layer.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    config = {
        "architecture": MACHINES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {
            "Entrypoint": built.entrypoint,
            "User": built.user,
            "Env": [f"{key}={each}" for key, each in {"PATH": _PATH, **built.environment}.items()],
            "WorkingDir": "/home/nonroot",
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    (folder / "config.json").write_text(json.dumps(config))
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    _done([*pack, str(target), "--directory", str(folder), "manifest.json", "config.json", "layer.tar"])
    shutil.rmtree(folder)


def _done(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{command[0]} failed: {done.stderr.strip()}")


def _make_base(root: Path) -> None:
    root.mkdir()
    debian.unpacked(PACKAGES, root)
    # What scripts of packages make where they are installed, which these are not, and the users of distroless.
    for each in ("dev", "proc", "tmp", "root", "home/nonroot", "var/lib/firedoor"):
        (root / each).mkdir(parents=True, exist_ok=True)
    users = ("root:x:0:0:root:/root:", "nonroot:x:65532:65532:nonroot:/home/nonroot:")
    (root / "etc/passwd").write_text("".join(f"{each}/sbin/nologin\n" for each in users))


def _follow(stage: Stage, root: Path, folders: dict[str, Path]) -> None:
    """Do what a stage says in its filesystem."""
    here = root
    for instruction, rest in stage.steps:
        if instruction == "WORKDIR":
            here = root / rest.lstrip("/")
            here.mkdir(parents=True, exist_ok=True)
        elif instruction == "COPY":
            _copy(rest, here, root, folders)
        elif instruction == "RUN":
            _run(json.loads(rest), root, here, stage.environment())


def _copy(rest: str, here: Path, root: Path, folders: dict[str, Path]) -> None:
    options = [each for each in rest.split() if each.startswith("--")]
    *sources, target = [each for each in rest.split() if not each.startswith("--")]
    source = next((each.partition("=")[2] for each in options if each.startswith("--from=")), None)
    base = folders[source] if source is not None else ROOT
    place = root / target.lstrip("/") if target.startswith("/") else here / target
    for each in sources:
        path = base / each.lstrip("/")
        into = place / path.name if target.endswith("/") and path.is_file() else place
        into.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            # What the builder is not given, it cannot copy: see .dockerignore.
            left_out = shutil.ignore_patterns("__pycache__") if source is None else None
            shutil.copytree(path, into, symlinks=True, ignore=left_out, dirs_exist_ok=True)
        else:
            shutil.copy(path, into)


def _run(command: list[str], root: Path, here: Path, environment: dict[str, str]) -> None:
    folder = f"/{here.relative_to(root)}"
    given = {
        "PATH": _PATH,
        "HOME": "/root",
        **{name: each for name, each in os.environ.items() if name.lower().endswith("_proxy")},
        **environment,
        # The Python of the base is the only one there.
        "UV_PYTHON": f"/usr/bin/python{PYTHON}",
    }
    _lend(root, given)
    before = [*_unshared(), "sh", "-c", _IN, str(root)]
    done = subprocess.run(
        [*before, *_in_folder(folder, command)], env=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LabError(f"{' '.join(command)} failed: {done.stderr.strip()[-2000:]}")


def _in_folder(folder: str, command: list[str]) -> list[str]:
    """Return a command in a folder; there is no shell to change into it."""
    change = "import os, sys; os.chdir(sys.argv[1]); os.execvp(sys.argv[2], sys.argv[2:])"
    return [f"/usr/bin/python{PYTHON}", "-c", change, folder, *command]


def _lend(root: Path, environment: dict[str, str]) -> None:
    """Let a stage that is not shipped find and trust whom this machine finds and trusts."""
    for each in ("/etc/resolv.conf", "/etc/hosts"):
        if Path(each).exists():
            shutil.copy(each, root / each.lstrip("/"))
    trusted = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))
    if trusted.exists():
        shutil.copy(trusted, root / "etc/trusted.pem")
        environment["SSL_CERT_FILE"] = "/etc/trusted.pem"


def _unshared() -> list[str]:
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child"]


def _uv() -> str | None:
    """Return uv: beside the Python that runs, or on the path."""
    return shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


def main() -> int:
    """Make it, say how it is run, and return the exit code."""
    try:
        print(build(Path(sys.argv[1])).root)
    except (IndexError, FileExistsError):
        print("error: name a folder that is not there yet", file=sys.stderr)
        return 2
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
