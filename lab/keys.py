"""Keys of the lab, each for one lab only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

if TYPE_CHECKING:
    from pathlib import Path


def write_signing_key(path: Path) -> None:
    """Write the key that signs the tokens of service accounts, readable by nobody else."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    data = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    path.touch(mode=0o600)
    path.write_bytes(data)
