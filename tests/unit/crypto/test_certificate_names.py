"""What a certificate is called, and what is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from crypto import base64url, certificate_names, certificates
from schemas.errors import Rejected

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def test_a_certificate_bears_its_names_exactly() -> None:
    authority = certificates.authority("an authority", now=NOW)
    made = certificates.server(["desk.police.example", "127.0.0.1"], authority, now=NOW)
    shown = certificate_names.read(der(made.certificate))
    assert shown.names == {"subject_dn:CN=desk.police.example", "san_dns:desk.police.example"}
    for other in ("san_dns:police.example", "san_uri:desk.police.example", "san_dns:desk.police.example ", ""):
        assert not shown.bears(other)
    fingerprint = x509.load_pem_x509_certificate(made.certificate).fingerprint(SHA256())
    assert certificate_names.same(shown.x5t, base64url.encode(fingerprint))


@given(st.binary(max_size=200))
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(Rejected):
        certificate_names.read(data)


def test_a_huge_one_is_refused_unread() -> None:
    with pytest.raises(Rejected) as caught:
        certificate_names.read(b"0" * 20_000)
    assert caught.value.code == "certificate.size"
