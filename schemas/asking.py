"""A hub's own rows on whom to ask."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.section import Section
from schemas.vocabulary import Concern, DataCategory, Rating, Sector

About = Literal["everybody", "children", "adults", "children_and_mothers_to_be"]


class AskingRow(Section):
    """Ask this sector about these people, for these categories, and why.

    A sector's rows in the file stand in place of the built-in ones of that sector; a sector without rows keeps those.
    ``concerns`` and ``ratings`` narrow a row to a referral that has one of them, ``unborn`` to one that has an unborn
    child. It is a proposal: the manager authorises each request.
    """

    asks: Sector
    about: About = "everybody"
    categories: Annotated[tuple[DataCategory, ...], Field(min_length=1)]
    concerns: tuple[Concern, ...] = ()
    ratings: tuple[Rating, ...] = ()
    unborn: bool = False
    because: Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
