"""Keys and certificates of the lab, each for one lab only."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_LIFE = dt.timedelta(days=30)
_NAME = "firedoor-lab"


def write_signing_key(path: Path) -> None:
    """Write the key that signs the tokens of service accounts, readable by nobody else."""
    _write_key(path, generate_private_key(public_exponent=65537, key_size=2048))


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs what the API server and the kubelet know each other by; its files are in `folder`."""

    folder: Path

    @property
    def certificate(self) -> Path:
        """The certificate of the authority itself."""
        return self.folder / "authority.crt"

    def write(self) -> None:
        """Make a new authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        made = (
            _started(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)]), key.public_key())
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)]))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, SHA256())
        )
        _write_key(self.folder / "authority.key", key)
        self.certificate.write_bytes(made.public_bytes(Encoding.PEM))

    def issue(self, file: str, user: str, groups: Sequence[str] = (), address: str = "") -> tuple[Path, Path]:
        """Write the certificate and the key of a user, who serves on an address if one is given; return the paths."""
        signer = load_pem_private_key((self.folder / "authority.key").read_bytes(), None)
        if not isinstance(signer, ec.EllipticCurvePrivateKey):
            message = "the key of the authority is not one that this program wrote"
            raise TypeError(message)
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, each) for each in groups]
        names.append(x509.NameAttribute(NameOID.COMMON_NAME, user))
        asked = (
            _started(x509.Name(names), key.public_key())
            .issuer_name(x509.load_pem_x509_certificate(self.certificate.read_bytes()).subject)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]),
                critical=False,
            )
        )
        if address:
            served = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address)), x509.DNSName(user)])
            asked = asked.add_extension(served, critical=False)
        certificate = self.folder / f"{file}.crt"
        certificate.write_bytes(asked.sign(signer, SHA256()).public_bytes(Encoding.PEM))
        _write_key(self.folder / f"{file}.key", key)
        return certificate, self.folder / f"{file}.key"


def _started(subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
    )


def _write_key(path: Path, key: PrivateKeyTypes) -> None:
    """Write a key, readable by nobody else."""
    data = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
