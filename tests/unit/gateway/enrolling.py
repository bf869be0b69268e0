"""Enrolment files of the unit tests: forms of any content, signed by whichever private keys a test says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from crypto.jwk import DecryptionKey, SigningKey
from sandbox import jose

TYP = "mash-enrolment+jws"
SUCCESSION = "mash-succession+jws"


def signed(form: Mapping[str, Any], keys: Iterable[SigningKey | DecryptionKey], *, typ: str = TYP) -> bytes:
    """This form as it stands, signed by each of these keys once."""
    return jose.cosigned(jose.compact_json(form), [_theirs(key) for key in keys], typ=typ)


def stamped(form: Mapping[str, Any], now: datetime, hub: str = "demo") -> dict[str, Any]:
    """The form for this hub, as of this time."""
    return {"aud": hub, "iat": jose.seconds(now), **form}


def _theirs(key: SigningKey | DecryptionKey) -> ECKey | RSAKey:
    made = ECKey if isinstance(key, SigningKey) else RSAKey
    return made.import_key(key.to_der(), {"kid": key.kid})
