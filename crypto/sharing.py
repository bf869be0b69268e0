"""A secret split into shares, of which so many together give it back and fewer tell nothing about it.

Shamir's scheme over GF(256) with the polynomial of AES, byte for byte: each byte is the constant of a polynomial of
degree ``threshold - 1`` whose other coefficients are random; share ``x`` holds the values at ``x``. Random bytes are an
argument.
Source: A. Shamir, How to share a secret, CACM 22 (1979); FIPS 197, section 4.2, for the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

MOST = 16
"""Shares of one secret: officers in a room, not a crowd."""

_EXP: list[int] = []
_LOG = [0] * 256


def _tables() -> None:
    value = 1
    for power in range(255):
        _EXP.append(value)
        _LOG[value] = power
        doubled = (value << 1) ^ (0x11B if value & 0x80 else 0)
        value ^= doubled  # times 3, which generates the field


_tables()


def split(secret: bytes, *, threshold: int, shares: int, random: Callable[[int], bytes]) -> dict[int, bytes]:
    """The shares by number (1 to ``shares``), each as long as the secret.

    Raises:
        ValueError: not 2 <= threshold <= shares <= ``MOST``, or no secret.
    """
    if not 2 <= threshold <= shares <= MOST or not secret:
        message = "at least two of at most 16"
        raise ValueError(message)
    coefficients = [secret, *(random(len(secret)) for _ in range(threshold - 1))]
    return {number: _at(coefficients, number) for number in range(1, shares + 1)}


def join(shares: Mapping[int, bytes]) -> bytes:
    """The secret of these shares, if they are of one split and as many as its threshold; else bytes that mean nothing.

    Raises:
        ValueError: none, a number that no share has, or shares of several lengths.
    """
    if not shares or len({len(share) for share in shares.values()}) != 1 or not all(1 <= x <= MOST for x in shares):
        message = "shares of one length, numbered from 1"
        raise ValueError(message)
    secret = bytes(len(next(iter(shares.values()))))
    for number, share in shares.items():
        weight = 1
        for other in shares:
            if other != number:
                weight = _times(weight, _divided(other, other ^ number))
        secret = bytes(a ^ _times(b, weight) for a, b in zip(secret, share, strict=True))
    return secret


def _at(coefficients: list[bytes], x: int) -> bytes:
    value = bytes(len(coefficients[0]))
    for coefficient in reversed(coefficients):
        value = bytes(_times(a, x) ^ b for a, b in zip(value, coefficient, strict=True))
    return value


def _times(a: int, b: int) -> int:
    return _EXP[(_LOG[a] + _LOG[b]) % 255] if a and b else 0


def _divided(a: int, b: int) -> int:
    return _EXP[(_LOG[a] - _LOG[b]) % 255]
