"""Words by which probation and prison staff speak of a child, a pregnancy or children's services."""

from __future__ import annotations

import re

_CHILD = re.compile(
    r"\b(?:(?:grand|step|god)?(?:child|son\b|sons\b|daughter)|baby|babies|infant|toddler|newborn|unborn|pregnan"
    r"|nephew|niece|(?:half-?|step-?)?(?:brother|sister|sibling)|pupil|school|teenage|minors\b|under-?\s?1[68]"
    r"|young (?:people|person|girl|boy)|boys?\b|girls?\b|social services|social worker|safeguarding)",
    re.IGNORECASE,
)

_MOST_SEARCHED = 200_000
"""Characters; nobody writes as much by hand, and what is not searched is doubtful."""


def speaks_of_child(text: str) -> bool:
    """Whether ``text`` speaks of a child, a pregnancy or children's services. It may deny them: doubt means yes."""
    return len(text) > _MOST_SEARCHED or _CHILD.search(text) is not None
