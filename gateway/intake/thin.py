"""Thin messages: which of them the hub asks for more of, and what their details belong to."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.completing import Completing


@dataclass(frozen=True, kw_only=True)
class Completes:
    """That a message is the detail of another one: its id, and the referral that this one reached (empty: none)."""

    message_id: str
    referral: str


def is_thin(completing: Completing | None, payload: bytes) -> bool:
    """Whether the hub is to ask for more of this message, which its adapter could read."""
    return completing is not None and bool(completing.detail_url(payload))
