"""A client's certificate as OAuth sees it: the name that it was enrolled under, and the thumbprint that tokens bear.

Whether the certificate is good (its chain, its time, that the other side holds its key) is TLS's to say, before this.
Source: RFC 8705 sections 2.1.2 and 3.1.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from crypto import base64url
from schemas.errors import Rejected

SUBJECT = r"^(subject_dn|san_dns|san_uri|san_email):[\x20-\x7e]{1,400}$"
"""How an enrolment names a certificate: one of the ways of RFC 8705, section 2.1.2."""
_KINDS = {"san_dns": x509.DNSName, "san_uri": x509.UniformResourceIdentifier, "san_email": x509.RFC822Name}
_LARGEST = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A certificate that a connection showed: its thumbprint (SHA-256 of the DER, base64url) and its names."""

    x5t: str
    names: frozenset[str]

    def bears(self, subject: str) -> bool:
        """Whether the certificate bears exactly this name, in the form of ``SUBJECT``."""
        return subject in self.names


def read(der: bytes) -> Shown:
    """The certificate in this DER.

    Raises:
        Rejected: it is none, or over 16 KiB.
    """
    if len(der) > _LARGEST:
        raise Rejected("certificate.size")
    try:
        certificate = x509.load_der_x509_certificate(der)
        names = {f"subject_dn:{certificate.subject.rfc4514_string()}"} if list(certificate.subject) else set()
        for extension in certificate.extensions:
            if extension.oid == ExtensionOID.SUBJECT_ALTERNATIVE_NAME:
                for prefix, kind in _KINDS.items():
                    names |= {f"{prefix}:{name}" for name in extension.value.get_values_for_type(kind)}
    except Exception:  # noqa: BLE001 - the library lets ValueErrors and its own through; here they all mean the same
        raise Rejected("certificate.form") from None
    return Shown(x5t=base64url.encode(hashlib.sha256(der).digest()), names=frozenset(names))


def same(x5t: str, other: str) -> bool:
    """Whether these thumbprints are one, without telling by time where they differ."""
    return hmac.compare_digest(x5t.encode(), other.encode())
