"""Claims that were signed: JWTs, minted and verified with every claim judged at a given time.

Source: RFC 7519, RFC 8725.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crypto import canonical, jws
from crypto.canonical import Json, JsonInput
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, SigningKey
from schemas.errors import Rejected, TooLarge

_TOKEN_LIMIT = 16_384
_CLAIMS_DEPTH = 8
# The last second of the year 9999, beyond which there is no datetime.
_LATEST = 253_402_300_799
_TIMES = ("exp", "nbf", "iat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Claims that hold at the time they were verified. Times are aware UTC; ``all`` has every claim as received."""

    iss: str
    aud: str
    exp: datetime
    iat: datetime | None
    nbf: datetime | None
    sub: str | None
    jti: str | None
    kid: str
    all: Mapping[str, Json] = field(repr=False)

    def text(self, name: str) -> str:
        """A claim that must be there and must be text that is not empty.

        Raises:
            SealFailed: it is not.
        """
        value = self.all.get(name)
        if not isinstance(value, str) or not value:
            raise SealFailed(f"token.{name}")
        return value

    @property
    def jkt(self) -> str | None:
        """The thumbprint of the key that the token is bound to, if any.

        Raises:
            SealFailed: a confirmation that is malformed or of another kind.
        Source: RFC 9449 section 6.1.
        """
        confirmation = self.all.get("cnf")
        if confirmation is None and "cnf" not in self.all:
            return None
        if not isinstance(confirmation, dict) or not isinstance(confirmation.get("jkt"), str):
            raise SealFailed("token.cnf")
        return str(confirmation["jkt"])


def numeric_date(moment: datetime) -> int:
    """Whole seconds since 1970 UTC, rounded down. Source: RFC 7519 section 2.

    Raises:
        ValueError: the moment names no time zone.
    """
    if moment.tzinfo is None:
        message = "a moment without a time zone"
        raise ValueError(message)
    return int(moment.timestamp() // 1)


def mint(claims: Mapping[str, JsonInput], key: SigningKey, *, typ: str) -> str:
    """The signed token with exactly these claims.

    Raises:
        ValueError: iss, aud or exp is missing or of the wrong kind: such a token would be refused everywhere.
        TooLarge: the claims exceed what may be signed.
    """
    exp = claims.get("exp")
    named = all(isinstance(claims.get(name), str) for name in ("iss", "aud"))
    if not named or not isinstance(exp, int) or isinstance(exp, bool):
        message = "a token names iss, aud and exp"
        raise ValueError(message)
    return jws.sign(canonical.dumps(claims), key, typ=typ)


def verify_claims(  # noqa: PLR0913 - each is a separate promise about the token
    token: str | bytes,
    keys: Mapping[str, PublicKey],
    *,
    typ: str | Collection[str | None],
    iss: str,
    aud: str,
    now: datetime,
    leeway: timedelta = timedelta(0),
    required: Collection[str] = (),
    longest: timedelta | None = None,
    algorithms: Collection[str] = jws.ES256_ONLY,
    tolerated: Collection[str] = (),
) -> Claims:
    """The claims, if one of ``keys`` signed them as this type and they hold at ``now``.

    ``now`` is aware UTC; every comparison allows for ``leeway``.

    (1) the signature holds, under exactly this typ; (2) the payload is one JSON object without a member twice;
    (3) every time is a whole number; (4) iss and aud are exactly these, aud as one text; (5) exp is there and not yet
    past; (6) nbf and iat, where given, are not in the future; (7) what is ``required`` is there; (8) with ``longest``,
    iat is there and exp lies no further after it.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    # (1) signature and typ
    verified = jws.verify(token, keys, typ=typ, algorithms=algorithms, limit=_TOKEN_LIMIT, tolerated=tolerated)
    # (2) one object, no member twice
    found = _claims(verified.payload)
    # (3) times are whole numbers
    exp, nbf, iat = (_moment(found, name) for name in _TIMES)
    # (4) from this issuer, for this audience alone
    if found.get("iss") != iss:
        raise SealFailed("token.iss")
    if found.get("aud") != aud:
        raise SealFailed("token.aud")
    # (5) not yet past
    if exp is None:
        raise SealFailed("token.exp")
    if now >= exp + leeway:
        raise SealFailed("token.expired")
    # (6) not from the future
    if (nbf is not None and now + leeway < nbf) or (iat is not None and now + leeway < iat):
        raise SealFailed("token.early")
    # (7) nothing required is missing
    sub, jti = (_optional_text(found, name) for name in ("sub", "jti"))
    for name in required:
        if found.get(name) in (None, ""):
            raise SealFailed(f"token.{name}")
    # (8) no longer life than allowed
    if longest is not None and (iat is None or exp - iat > longest):
        raise SealFailed("token.life")
    return Claims(iss=iss, aud=aud, exp=exp, iat=iat, nbf=nbf, sub=sub, jti=jti, kid=verified.kid, all=found)


def claimed_issuer(token: str | bytes) -> str:
    """The ``iss`` that the token claims, unverified: only to find out whose keys to verify it with.

    Raises:
        SealFailed: the token is malformed or names none.
    """
    found = _claims(jws.claimed_payload(token, limit=_TOKEN_LIMIT))
    issuer = found.get("iss")
    if not isinstance(issuer, str):
        raise SealFailed("token.iss")
    return issuer


def _claims(payload: bytes) -> dict[str, Json]:
    try:
        return canonical.loads_object(payload, size=_TOKEN_LIMIT, depth=_CLAIMS_DEPTH)
    except (Rejected, TooLarge):
        raise SealFailed("token.claims") from None


def _moment(claims: Mapping[str, Json], name: str) -> datetime | None:
    if name not in claims:
        return None
    value = claims[name]
    # A boolean is an int to Python; a float may be infinite, or round a time to another.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LATEST:
        raise SealFailed(f"token.{name}")
    return datetime.fromtimestamp(value, UTC)


def _optional_text(claims: Mapping[str, Json], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise SealFailed(f"token.{name}")
    return value
