"""What is free goes back to the system."""

from __future__ import annotations

import ctypes
import platform
import sys
from pathlib import Path

import pytest

from firedoor.adapters import heap
from firedoor.adapters.heap import give_back


class Libc:
    """A C library without the function."""


def resident() -> int:
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not that of GNU")
def test_what_lies_between_blocks_in_use_is_given_back() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.free.restype, libc.free.argtypes = None, [ctypes.c_void_p]
    size, count = 64 << 10, 1024
    blocks = [libc.malloc(size) for _ in range(count)]
    for each in blocks:
        ctypes.memset(each, 1, size)
    for number, each in enumerate(blocks):
        # One in eight stays, so that the heap has holes and cannot shrink at its end.
        if number % 8:
            libc.free(each)
    before = resident()
    try:
        assert give_back()
        assert before - resident() > size * count // 2
    finally:
        for each in blocks[::8]:
            libc.free(each)


def test_elsewhere_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    for platform_name in ("darwin", "linux"):
        monkeypatch.setattr(sys, "platform", platform_name)
        monkeypatch.setattr(ctypes, "CDLL", lambda _: Libc())
        heap._trim.cache_clear()
        assert give_back() is False
    heap._trim.cache_clear()
