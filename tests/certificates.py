"""A CA of a test, and certificates for 127.0.0.1 that it signs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
    )


@dataclass(frozen=True)
class Authority:
    """A CA whose certificate is in `path`."""

    path: Path
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, folder: Path) -> Authority:
        """Make one in a folder."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder("a CA", "a CA", key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        path = folder / "ca.pem"
        path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return cls(path, key)

    def write(self, certificate: Path, key: Path) -> int:
        """Write a new certificate for 127.0.0.1 and its key, and return its serial number."""
        return self.write_for(x509.IPAddress(IPv4Address("127.0.0.1")), certificate, key)

    def write_for(self, name: x509.GeneralName, certificate: Path, key: Path) -> int:
        """Write a new certificate for a name and its key, and return its serial number."""
        own = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([name])
        signed = _builder("a server", "a CA", own).add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        form = serialization.Encoding.PEM
        secret = own.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        key.write_bytes(secret)
        certificate.write_bytes(signed.public_bytes(form))
        return signed.serial_number
