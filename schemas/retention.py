"""How long what the hub holds is kept: the classes of the hub's file, and those built in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from schemas.section import Days, Section, Slug
from schemas.vocabulary import Concern, Outcome


class RetentionClass(Section):
    """How long what fits is kept, and why: whole ``years``, and at least until a ``birthday`` of the youngest child.

    ``of`` a referral, the years run from its closing; of a ``quarantined`` message, or of a ``never_linked`` one that
    belongs to no referral, from its receipt. A referral fits where one of its outcomes or concerns does, or, with
    ``looked_after``, where a child on it is. Where several fit, the longest counts.
    """

    name: Slug
    of: Literal["referral", "quarantined", "never_linked"] = "referral"
    outcomes: tuple[Outcome, ...] = ()
    concerns: tuple[Concern, ...] = ()
    looked_after: bool = False
    years: Annotated[int, Field(ge=1, le=100)]
    birthday: Annotated[int, Field(ge=18, le=100)] | None = None
    because: Annotated[str, StringConstraints(min_length=1, max_length=300)]

    @model_validator(mode="after")
    def _says_what_fits(self) -> RetentionClass:
        if (self.of == "referral") != bool(self.outcomes or self.concerns or self.looked_after):
            raise ValueError(
                "a class of referrals names outcomes, concerns or looked_after; one of messages names none"
            )
        if self.birthday is not None and self.of != "referral":
            raise ValueError("only a class of referrals knows a birthday")
        return self


RETENTION_CLASSES = (
    RetentionClass(
        name="no-further-action",
        outcomes=(Outcome.NO_FURTHER_ACTION, Outcome.INFORMATION_AND_ADVICE),
        years=6,
        because="what led to no service is kept as long as a claim may be brought (Limitation Act 1980)",
    ),
    RetentionClass(
        name="early-help",
        outcomes=(Outcome.EARLY_HELP, Outcome.PASS_TO_AGENCY, Outcome.EXISTING_WORKER),
        years=6,
        birthday=18,
        because="help below the threshold is kept while somebody may have to build on it",
    ),
    RetentionClass(
        name="section-17",
        outcomes=(Outcome.SECTION_17, Outcome.PRE_BIRTH_ASSESSMENT),
        years=6,
        birthday=25,
        because="the file of a child in need is kept to the 25th birthday, when a claim of theirs has lapsed",
    ),
    RetentionClass(
        name="child-protection",
        outcomes=(Outcome.SECTION_47, Outcome.STRATEGY_DISCUSSION, Outcome.IMMEDIATE_PROTECTION),
        years=10,
        birthday=25,
        because="child protection is kept to the 25th birthday, and long enough for a review of the case",
    ),
    RetentionClass(
        name="looked-after",
        looked_after=True,
        years=15,
        birthday=75,
        because="Care Planning, Placement and Case Review (England) Regulations 2010, regulation 50",
    ),
    RetentionClass(
        name="sexual-abuse",
        concerns=(Concern.SEXUAL, Concern.CHILD_SEXUAL_EXPLOITATION),
        years=75,
        because="records of child sexual abuse are kept for 75 years (IICSA, recommendation 17)",
    ),
    RetentionClass(
        name="quarantined",
        of="quarantined",
        years=1,
        because="what nobody could read, and nobody mended an adapter for, helps no child",
    ),
    RetentionClass(
        name="never-linked",
        of="never_linked",
        years=2,
        because="what opened no case is kept while it may still be part of a pattern",
    ),
)
"""What is kept how long unless the hub's file says otherwise; councils' published schedules differ in the figures."""


class Retention(Section):
    """``ledger`` is the signed file of erasures: beside the hub's file unless the path is absolute.

    It belongs on another disk than database and backups, and is never put back from an older copy. ``classes`` take the
    place of those built in, all of them.

    ``backup_days`` is how long backups are kept: a version of the key-encryption key that wraps nothing any more is
    destroyed after so long. ``rotate_days`` is how often at most erasures have that key rotated.
    """

    ledger: Annotated[str, StringConstraints(min_length=1)] = "erasures.ledger"
    classes: tuple[RetentionClass, ...] = RETENTION_CLASSES
    backup_days: Days = 35
    rotate_days: Days = 7

    @model_validator(mode="after")
    def _everything_has_a_class(self) -> Retention:
        if len({one.name for one in self.classes}) != len(self.classes):
            raise ValueError("name each retention class once")
        unnamed = set(Outcome) - {outcome for one in self.classes for outcome in one.outcomes}
        if unnamed:
            raise ValueError(f"no retention class has the outcome {min(unnamed)}")
        if any([one.of for one in self.classes].count(of) != 1 for of in ("quarantined", "never_linked")):
            raise ValueError("one class each for quarantined and never_linked")
        return self
