"""The access token of one message: it lets one key open one envelope, for a time, under one policy.

It says nothing about the content: identifiers and digests alone. Source: RFC 7519, RFC 9449 section 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crypto import tokens
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, SigningKey

OPEN_TYP = "mash-open+jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenToken:
    """What the token of one envelope states.

    ``aud`` is the opening endpoint, ``sub`` the recipient, ``jkt`` the thumbprint of its DPoP key, ``mid`` the
    envelope; ``cdg``, ``rdg`` and ``pdg`` are SHA-256 digests (base64url) of ciphertext, request and policy.
    Times are aware UTC, to the second.
    """

    iss: str
    aud: str
    sub: str
    jti: str
    iat: datetime
    nbf: datetime
    exp: datetime
    jkt: str
    mid: str
    cdg: str
    rdg: str
    pdg: str


def mint_open_token(token: OpenToken, key: SigningKey) -> str:
    """The signed token, of type ``mash-open+jwt``."""
    return tokens.mint(
        {
            "iss": token.iss,
            "aud": token.aud,
            "sub": token.sub,
            "jti": token.jti,
            "iat": tokens.numeric_date(token.iat),
            "nbf": tokens.numeric_date(token.nbf),
            "exp": tokens.numeric_date(token.exp),
            "cnf": {"jkt": token.jkt},
            "mid": token.mid,
            "cdg": token.cdg,
            "rdg": token.rdg,
            "pdg": token.pdg,
        },
        key,
        typ=OPEN_TYP,
    )


def verify_open_token(
    token: str | bytes,
    keys: Mapping[str, PublicKey],
    *,
    iss: str,
    aud: str,
    now: datetime,
    leeway: timedelta = timedelta(0),
) -> OpenToken:
    """The token's statement, if the hub signed it and it holds at ``now`` (aware, UTC).

    Whether it was already redeemed or revoked is the store's to say.

    Raises:
        SealFailed: uniform to the caller; ``reason`` names the step.
    """
    claims = tokens.verify_claims(token, keys, typ=OPEN_TYP, iss=iss, aud=aud, now=now, leeway=leeway)
    # Without a key, a beginning or a date it is no token of ours; the texts are demanded as they are read below.
    if claims.jkt is None or claims.iat is None or claims.nbf is None:
        raise SealFailed("token.incomplete")
    return OpenToken(
        iss=claims.iss,
        aud=claims.aud,
        iat=claims.iat,
        nbf=claims.nbf,
        exp=claims.exp,
        jkt=claims.jkt,
        sub=claims.text("sub"),
        jti=claims.text("jti"),
        mid=claims.text("mid"),
        cdg=claims.text("cdg"),
        rdg=claims.text("rdg"),
        pdg=claims.text("pdg"),
    )
