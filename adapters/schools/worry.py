"""Whether a short text that nobody mapped must be read by a person: it is long, or it has a word about harm."""

from __future__ import annotations

import re

from adapters.schools.columns import speaks_of_safeguarding

LONG = 8
"""A text of so many words tells something that no rule reads."""
_WORDS = re.compile(
    r"\b(un)?safe\b|\b(scared|afraid|frightened|hurts?|hit|bruis\w*|injur\w*|crying|violen\w*|police|hospital)\b"
    r"|\b(home alone|r[au]n away|self.harm\w*|don.t want to go home)\b",
    re.IGNORECASE,
)


def tells(text: str) -> bool:
    """Whether a comment says something that no rule reads: doubt means that a person reads it."""
    return len(text.split()) >= LONG or speaks_of_safeguarding(text) or _WORDS.search(text) is not None
