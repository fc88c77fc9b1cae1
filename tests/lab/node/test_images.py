"""Images are made of programs that are here."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import tarfile
from pathlib import Path

import pytest
from lab.busybox import is_static
from lab.images import AGNHOST, PAUSE, TOOLS, images, write_images


def test_an_archive_has_each_program_once_and_says_its_digest(tmp_path: Path) -> None:
    agnhost, busybox = tmp_path / "one", tmp_path / "two"
    agnhost.write_bytes(b"first")
    busybox.write_text("#!/bin/sh\nprintf 'nc\\nsh\\nbusybox\\n'\n", encoding="ascii")
    busybox.chmod(0o755)
    write_images(images(agnhost, busybox), tmp_path / "images.tar")
    with tarfile.open(tmp_path / "images.tar") as archive:
        files = {each.name: _content(archive, each) for each in archive.getmembers()}
    manifest = json.loads(files["manifest.json"])
    assert [each["RepoTags"] for each in manifest] == [[PAUSE], [AGNHOST], [TOOLS]]
    assert len(files) == 1 + 3 + 2
    for each in manifest:
        config = json.loads(files[each["Config"]])
        [layer] = each["Layers"]
        assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(files[layer]).hexdigest()}"]
    with tarfile.open(fileobj=io.BytesIO(files[manifest[2]["Layers"][0]])) as layer_of_tools:
        assert _content(layer_of_tools, layer_of_tools.getmember("bin/busybox")) == busybox.read_bytes()
        assert layer_of_tools.getnames() == ["bin", "tmp", "bin/busybox", "bin/nc", "bin/sh"]
        assert layer_of_tools.getmember("bin/sh").linkname == "/bin/busybox"
        assert layer_of_tools.getmember("bin/busybox").mode == 0o755


def test_without_busybox_there_is_no_image_of_tools(tmp_path: Path) -> None:
    assert [each.names for each in images(tmp_path, None)] == [(PAUSE,), (AGNHOST,)]


@pytest.mark.skipif(sys.platform != "linux" or sys.maxsize < 2**32, reason="programs of Linux with 64 bits")
def test_a_program_that_needs_a_linker_is_not_static(tmp_path: Path) -> None:
    shell = Path(os.path.realpath("/bin/sh"))
    assert not is_static(shell)
    content = bytearray(shell.read_bytes())
    table = int.from_bytes(content[32:40], "little")
    size, count = (int.from_bytes(content[at : at + 2], "little") for at in (54, 56))
    for number in range(count):
        at = table + number * size
        if int.from_bytes(content[at : at + 4], "little") == 3:
            content[at : at + 4] = (0).to_bytes(4, "little")
    without = tmp_path / "sh"
    without.write_bytes(content)
    assert is_static(without)
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n", encoding="ascii")
    assert not is_static(script)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""
