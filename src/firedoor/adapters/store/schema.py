"""
The form of a saved snapshot: one line of JSON, then the snapshot as JSON in a gzip stream.

The line can be read without unpacking anything (``head -1``), and the rest with
common tools (``tail -n +2 FILE | gunzip``).
"""

from __future__ import annotations

from msgspec import Struct

SCHEMA_FAMILY = "firedoor/snapshot/v"
SCHEMA_VERSION = 3
SCHEMA = f"{SCHEMA_FAMILY}{SCHEMA_VERSION}"

FIRST_BYTES = f'{{"schema":"{SCHEMA_FAMILY}'.encode()
"""How every saved snapshot begins, whatever its version."""

FIRST_WITH_POD_DETAILS = 3
"""The version from which on all that is read of volumes, variables, probes and security contexts is saved."""

MOST_HEADER_BYTES = 64 * 1024
MOST_BODY_BYTES = 1 << 30
"""How large a snapshot may become when it is unpacked: 1 GiB, far more than 150,000 pods need."""

COMPRESSION_LEVEL = 6
"""Measured: a sixth smaller than level 1 for 0.1 s more per 20,000 pods; level 9 gains hardly anything."""

GZIP_WINDOW = 31
"""What zlib calls a window of 15 bits with gzip's own header and checksum around the data."""


class Header(Struct, frozen=True):
    """The first line of a saved snapshot: what wrote it, and what it is a snapshot of."""

    schema: str
    firedoor: str = ""
    kind: str = ""
    sources: tuple[str, ...] = ()
    captured_at: str = ""
    server_version: str = ""

    @property
    def version(self) -> int:
        """The number of the schema; 0 where it is none."""
        number = self.schema.removeprefix(SCHEMA_FAMILY)
        return int(number) if number.isdecimal() else 0


def is_saved_snapshot(first_bytes: bytes) -> bool:
    """Return whether a file that begins with `first_bytes` is a saved snapshot, of any version."""
    return first_bytes.startswith(FIRST_BYTES)
