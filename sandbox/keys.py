"""An agency's own keys: made here, kept here; the hub is given the public halves when the agency enrols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from sandbox import jose

RSA_BITS = 3072
GRANTS = ("notify", "mailbox", "open", "disclose")


def signing_key(kid: str) -> ECKey:
    """A fresh P-256 key that signs with ES256."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"}, private=True)


def encryption_key(kid: str) -> RSAKey:
    """A fresh RSA key of 3072 bits that opens RSA-OAEP-256."""
    return RSAKey.generate_key(RSA_BITS, {"kid": kid, "use": "enc", "alg": "RSA-OAEP-256"}, private=True)


def public_jwk(key: ECKey | RSAKey) -> dict[str, Any]:
    """The public half as a JWK."""
    return dict(key.as_dict(private=False))


@dataclass(frozen=True, kw_only=True)
class ClientKeys:
    """One client of an agency: a recipient's system (``recipient`` names it) or a sender alone (None)."""

    client_id: str
    recipient: str | None
    grants: tuple[str, ...]
    amqp_user: str = ""
    tls_subject: str = ""
    authentication: ECKey = field(repr=False)
    dpop: ECKey = field(repr=False)
    encryption: RSAKey = field(repr=False)

    def enrolment(self) -> dict[str, Any]:
        """What the enrolment file says of this client: public halves alone."""
        entry: dict[str, Any] = {
            "client_id": self.client_id,
            "recipient": self.recipient,
            "grants": list(self.grants),
            "authentication_key": public_jwk(self.authentication),
            "dpop_key": public_jwk(self.dpop),
            "encryption_key": public_jwk(self.encryption),
        }
        if self.amqp_user:
            entry["amqp_user"] = self.amqp_user
        if self.tls_subject:
            entry["tls_subject"] = self.tls_subject
        return entry


@dataclass(frozen=True, kw_only=True)
class AgencyKeys:
    """An agency's signing key, which speaks for the agency, and the keys of its clients by client id."""

    agency: str
    signing: ECKey = field(repr=False)
    clients: Mapping[str, ClientKeys]

    def enrolment_file(self, hub: str, now: datetime) -> bytes:
        """The file to enrol with at this hub: what is enrolled, signed by every private key in it."""
        form = {"aud": hub, "iat": jose.seconds(now), **self.enrolment()}
        return jose.cosigned(jose.compact_json(form), self.private(), typ="mash-enrolment+jws")

    def succession(self, hub: str, now: datetime, successor: AgencyKeys) -> bytes:
        """The request by which this agency changes to its successor's keys: signed by those and by its key in force."""
        form = {"aud": hub, "iat": jose.seconds(now), **successor.enrolment()}
        keys = {key.kid: key for key in (self.signing, *successor.private())}
        return jose.cosigned(jose.compact_json(form), keys.values(), typ="mash-succession+jws")

    def private(self) -> tuple[ECKey | RSAKey, ...]:
        """Every private key, each once."""
        keys: list[ECKey | RSAKey] = [self.signing]
        for client in self.clients.values():
            keys += [client.authentication, client.dpop, client.encryption]
        return tuple({key.kid: key for key in keys}.values())

    def enrolment(self) -> dict[str, Any]:
        """What the enrolment file says, as JSON values: public halves alone."""
        return {
            "agency": self.agency,
            "signing_keys": [public_jwk(self.signing)],
            "clients": [client.enrolment() for client in self.clients.values()],
        }


def client_keys(agency: str, name: str, *, recipient: bool, grants: Iterable[str], amqp_user: str = "") -> ClientKeys:
    """Fresh keys for ``{agency}.{name}``. Takes a moment: one of them is RSA."""
    client_id = f"{agency}.{name}"
    return ClientKeys(
        client_id=client_id,
        recipient=name if recipient else None,
        grants=tuple(grants),
        amqp_user=amqp_user,
        authentication=signing_key(f"{client_id}.authentication.1"),
        dpop=signing_key(f"{client_id}.dpop.1"),
        encryption=encryption_key(f"{client_id}.encryption.1"),
    )


def agency_keys(agency: str, clients: Iterable[ClientKeys]) -> AgencyKeys:
    """An agency with a fresh signing key and these clients."""
    return AgencyKeys(
        agency=agency,
        signing=signing_key(f"{agency}.signing.1"),
        clients={client.client_id: client for client in clients},
    )
