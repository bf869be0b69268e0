"""The broker's users: the gateway, and one per recipient, who reads its own queue and writes to its own keys alone.

Source: RabbitMQ, definitions, topic permissions, and the form of password hashes (salt and SHA-256).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.delivery.broker import Names
from gateway.enrolment import BROKER_USER
from schemas.hub import Hub

_SALT_BYTES = 4
_PASSWORD_BYTES = 24


@dataclass(frozen=True, kw_only=True)
class BrokerUser:
    """A user of the broker; ``agency`` and ``recipient`` are empty for the gateway. The password is never shown."""

    name: str
    agency: str = ""
    recipient: str = ""
    password: str = field(repr=False)
    password_hash: str = field(repr=False)


def users_of(hub: Hub, random: Callable[[int], bytes]) -> list[BrokerUser]:
    """The gateway and every recipient on the broker, with fresh passwords."""
    named = [(BROKER_USER, "", "")]
    for agency in hub.agencies:
        named += [
            (f"{agency.id}-{one.name}", agency.id, one.name) for one in agency.recipients if one.channel == "amqp"
        ]
    return [_user(name, agency, recipient, random) for name, agency, recipient in named]


def definitions(hub: Hub, users: Sequence[BrokerUser], *, virtual_host: str) -> bytes:
    """The definitions file: the virtual host, the users, and what each may do."""
    names = Names(prefix=hub.broker.prefix)
    return json.dumps(
        {
            "vhosts": [{"name": virtual_host}],
            "users": [
                {
                    "name": user.name,
                    "password_hash": user.password_hash,
                    "hashing_algorithm": "rabbit_password_hashing_sha256",
                    "tags": [],
                    "limits": {},
                }
                for user in users
            ],
            "permissions": [_permission(user, names, virtual_host) for user in users],
            "topic_permissions": [
                {
                    "user": user.name,
                    "vhost": virtual_host,
                    "exchange": names.incoming,
                    "write": _exactly(f"agency.{user.agency}.disclosures", *_feeds(hub, user.agency)),
                    "read": "^$",
                }
                for user in users
                if user.agency
            ],
        },
        indent=2,
    ).encode()


def _feeds(hub: Hub, agency: str) -> list[str]:
    return [f"feed.{feed.name}" for feed in hub.feeds if feed.agency == agency and feed.authentication == "amqp"]


def _permission(user: BrokerUser, names: Names, virtual_host: str) -> dict[str, str]:
    if not user.agency:
        return {"user": user.name, "vhost": virtual_host, "configure": ".*", "write": ".*", "read": ".*"}
    inbox = names.queue(f"recipient.{user.agency}.{user.recipient}.inbox")
    return {
        "user": user.name,
        "vhost": virtual_host,
        "configure": "^$",
        "write": _exactly(names.incoming),
        "read": _exactly(inbox),
    }


def _exactly(*texts: str) -> str:
    return "^(" + "|".join(re.escape(text) for text in texts) + ")$"


def _user(name: str, agency: str, recipient: str, random: Callable[[int], bytes]) -> BrokerUser:
    password = base64.urlsafe_b64encode(random(_PASSWORD_BYTES)).decode()
    salt = random(_SALT_BYTES)
    hashed = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    return BrokerUser(name=name, agency=agency, recipient=recipient, password=password, password_hash=hashed)
