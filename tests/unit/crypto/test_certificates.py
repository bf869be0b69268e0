"""Certificates of a hub's own authority: each for its purpose, and trusted through the authority alone."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from crypto import certificates
from crypto.certificates import Issued

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def authority() -> Issued:
    return certificates.authority("An authority of the tests", now=NOW)


def read(issued: Issued) -> x509.Certificate:
    return x509.load_pem_x509_certificate(issued.certificate)


def purposes(certificate: x509.Certificate) -> list[x509.ObjectIdentifier]:
    return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_an_authority_signs_end_entities_and_nothing_else(authority: Issued) -> None:
    certificate = read(authority)
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, 0)
    assert (usage.key_cert_sign, usage.digital_signature) == (True, False)
    certificate.verify_directly_issued_by(certificate)


def test_a_servers_certificate_names_its_hosts_and_serves_alone(authority: Issued) -> None:
    certificate = read(certificates.server(["hub.example", "127.0.0.1"], authority, now=NOW))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["hub.example"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("127.0.0.1")]
    assert purposes(certificate) == [ExtendedKeyUsageOID.SERVER_AUTH]
    certificate.verify_directly_issued_by(read(authority))


def test_a_clients_certificate_bears_its_id_and_calls_alone(authority: Issued) -> None:
    certificate = read(certificates.client("health.system", authority, now=NOW))
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "health.system"
    assert purposes(certificate) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    with pytest.raises(x509.ExtensionNotFound):
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    certificate.verify_directly_issued_by(read(authority))


def test_another_authority_of_the_same_name_did_not_sign_it(authority: Issued) -> None:
    other = read(certificates.authority("An authority of the tests", now=NOW))
    with pytest.raises(InvalidSignature):
        read(certificates.client("health.system", authority, now=NOW)).verify_directly_issued_by(other)


def test_it_is_good_from_a_little_before_now_for_thirteen_months(authority: Issued) -> None:
    certificate = read(certificates.client("health.system", authority, now=NOW))
    assert certificate.not_valid_before_utc == NOW - timedelta(minutes=5)
    assert certificate.not_valid_after_utc == NOW + timedelta(days=397)


def test_a_private_key_is_in_no_repr(authority: Issued) -> None:
    assert b"PRIVATE KEY" in authority.private_key
    assert "PRIVATE" not in repr(authority)


def test_an_authority_whose_key_is_of_another_kind_signs_nothing(authority: Issued, rsa_pem: bytes) -> None:
    with pytest.raises(TypeError):
        certificates.client("x", Issued(certificate=authority.certificate, private_key=rsa_pem), now=NOW)


@pytest.fixture(scope="module")
def rsa_pem() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
