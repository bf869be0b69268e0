"""Certificates for a first day: an authority of the hub's own, and the servers' and clients' that it signs.

For trials and for traffic inside a deployment. A borough in service uses certificates of its own authority.
Source: RFC 5280.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=397)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate and its private key, both PEM. The key is never shown in ``repr``."""

    certificate: bytes
    private_key: bytes = field(repr=False)


def authority(name: str, *, now: datetime) -> Issued:
    """A certificate authority that signs nothing but end entities. Draws on the operating system's generator."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        _builder(subject, subject, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _issued(built, key)


def server(hosts: Sequence[str], by: Issued, *, now: datetime) -> Issued:
    """A server certificate for these host names and addresses, signed by this authority."""
    names = x509.SubjectAlternativeName([_host(host) for host in hosts])
    return _end_entity(hosts[0], by, ExtendedKeyUsageOID.SERVER_AUTH, names, now=now)


def client(name: str, by: Issued, *, now: datetime) -> Issued:
    """A client certificate whose common name is this client's id, signed by this authority."""
    return _end_entity(name, by, ExtendedKeyUsageOID.CLIENT_AUTH, None, now=now)


def _end_entity(
    name: str, by: Issued, purpose: x509.ObjectIdentifier, names: x509.SubjectAlternativeName | None, *, now: datetime
) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    parent = x509.load_pem_x509_certificate(by.certificate)
    signer = serialization.load_pem_private_key(by.private_key, password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        message = "the authority's key is on P-256"
        raise TypeError(message)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        _builder(subject, parent.subject, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    )
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return _issued(builder.sign(signer, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _issued(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Issued:
    return Issued(
        certificate=certificate.public_bytes(serialization.Encoding.PEM),
        private_key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
