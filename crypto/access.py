"""Who is calling: access tokens, client assertions and the identity tokens of people.

Source: RFC 9068 (access tokens), RFC 7523 section 3 (client assertions), OpenID Connect Core 1.0 section 3.1.3.7.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crypto import jws, tokens
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, SigningKey
from crypto.tokens import Claims

ACCESS_TYP = "at+jwt"
ASSERTION_TYPES: frozenset[str | None] = frozenset({None, "JWT", "client-authentication+jwt"})
"""An assertion may leave typ out (RFC 7523 knows none); it never bears that of another of our tokens."""
IDENTITY_TYPES: frozenset[str | None] = frozenset({None, "JWT"})
LONGEST_ASSERTION = timedelta(minutes=10)
# Providers of identity add these hints at their certificate; they are read and never acted upon.
_HINTS = frozenset({"x5t", "x5t#S256"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """What an access token grants: to whom, for what, and to the holder of which key.

    Exactly one of ``jkt`` (a DPoP key) and ``x5t`` (a certificate) says which; the other is "".
    """

    claims: Claims
    client_id: str
    scope: frozenset[str]
    jkt: str
    x5t: str


def mint_access_token(
    key: SigningKey,
    *,
    iss: str,
    aud: str,
    client_id: str,
    scope: Collection[str],
    jti: str,
    now: datetime,
    life: timedelta,
    jkt: str = "",
    x5t: str = "",
) -> str:
    """An access token of type ``at+jwt``, bound to a DPoP key or to a certificate, from ``now`` for ``life``.

    Raises:
        ValueError: it would be bound to neither, or to both.
    Source: RFC 9449 section 6.1; RFC 8705 section 3.1.
    """
    if bool(jkt) == bool(x5t):
        raise ValueError("an access token is bound to one thing")
    issued = tokens.numeric_date(now)
    return tokens.mint(
        {
            "iss": iss,
            "aud": aud,
            "sub": client_id,
            "client_id": client_id,
            "scope": " ".join(sorted(scope)),
            "cnf": {"jkt": jkt} if jkt else {"x5t#S256": x5t},
            "jti": jti,
            "iat": issued,
            "exp": issued + int(life.total_seconds()),
        },
        key,
        typ=ACCESS_TYP,
    )


def verify_access_token(
    token: str | bytes,
    keys: Mapping[str, PublicKey],
    *,
    iss: str,
    aud: str,
    now: datetime,
    leeway: timedelta = timedelta(0),
) -> AccessToken:
    """What the token grants at ``now`` (aware, UTC). An access token that is bound to no key grants nothing.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    claims = tokens.verify_claims(
        token,
        keys,
        typ=ACCESS_TYP,
        iss=iss,
        aud=aud,
        now=now,
        leeway=leeway,
        required=("sub", "client_id", "jti", "iat", "cnf"),
    )
    confirmation = claims.all.get("cnf")
    if not isinstance(confirmation, dict) or len(confirmation) != 1:
        raise SealFailed("token.cnf")
    jkt, x5t = confirmation.get("jkt", ""), confirmation.get("x5t#S256", "")
    if not isinstance(jkt, str) or not isinstance(x5t, str) or bool(jkt) == bool(x5t):
        raise SealFailed("token.cnf")
    scope = claims.all.get("scope", "")
    if not isinstance(scope, str):
        raise SealFailed("token.scope")
    return AccessToken(
        claims=claims, client_id=claims.text("client_id"), scope=frozenset(scope.split()), jkt=jkt, x5t=x5t
    )


def verify_client_assertion(
    assertion: str | bytes,
    keys: Mapping[str, PublicKey],
    *,
    client_id: str,
    aud: str,
    now: datetime,
    leeway: timedelta = timedelta(0),
) -> Claims:
    """The assertion by which this client says who it is.

    iss and sub are its client id, and it lives ten minutes at most. The
    caller's store sees to it that no jti is taken twice.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    claims = tokens.verify_claims(
        assertion,
        keys,
        typ=ASSERTION_TYPES,
        iss=client_id,
        aud=aud,
        now=now,
        leeway=leeway,
        required=("sub", "jti", "iat"),
        longest=LONGEST_ASSERTION,
    )
    if claims.sub != client_id:
        raise SealFailed("token.sub")
    return claims


def verify_identity_token(
    token: str | bytes,
    keys: Mapping[str, PublicKey],
    *,
    iss: str,
    client_id: str,
    nonce: str,
    now: datetime,
    leeway: timedelta = timedelta(0),
    algorithms: Collection[str] = jws.ES256_ONLY,
) -> Claims:
    """Who signed in, by the provider ``iss``, for this sign-in (its ``nonce``) and for us (``client_id``).

    ``algorithms`` is ``jws.WITH_RS256`` for a provider that is registered with it.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    claims = tokens.verify_claims(
        token,
        keys,
        typ=IDENTITY_TYPES,
        iss=iss,
        aud=client_id,
        now=now,
        leeway=leeway,
        required=("sub", "iat", "nonce"),
        algorithms=algorithms,
        tolerated=_HINTS,
    )
    if claims.text("nonce") != nonce:
        raise SealFailed("token.nonce")
    if claims.all.get("azp", client_id) != client_id:
        raise SealFailed("token.azp")
    return claims
