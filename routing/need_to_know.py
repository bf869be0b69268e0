"""Need to know: who reads which part of what owners disclosed. Deny by default (core component 3, invariant 6).

A group of a disclosure is shown when some row allows this reader, in this relation to the referral and for this
purpose, its category, *and* its owner has released it to the audience that the row names. The owner's release is an
upper bound: no row reaches beyond it (invariant 5). What is not shown is marked, once per agency and in the same words
whatever and however much it is, so that a marker says where to ask and nothing else; a group whose very existence is
sensitive leaves no mark. A reader to whom no row applies is not even told that there is something: the answer is that
of a thing that does not exist.

The rows stand in ``reading_rules``. The same rows are evaluated when an envelope is cut and again when it is opened.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from crypto.canonical import dumps
from routing.reading_rules import (
    CORE,
    RULES,
    TELLS_WHERE,
    VERSION,
    Part,
    Policy,
    Purpose,
    Reader,
    Relation,
    Rule,
    explain,
    may_receive,
)
from schemas.disclosure import Audience, OpenedGroup, ReceivedDisclosure, ReleaseClaims, Reply
from schemas.envelope import DisclosureView, Withheld
from schemas.vocabulary import DataCategory, Datum, HandlingMark

__all__ = [
    "CORE",
    "RULES",
    "VERSION",
    "Policy",
    "Purpose",
    "Reader",
    "Relation",
    "Rule",
    "ShownDisclosure",
    "ShownGroup",
    "View",
    "allowing",
    "audiences",
    "explain",
    "marker",
    "marks_of",
    "may_receive",
    "policy_document",
    "speaks_of",
    "still_allowed",
    "view",
]

_MARKER = "something is held here that was not released to you"


@dataclass(frozen=True, kw_only=True)
class ShownGroup:
    """A group that the reader may see, and the row's reason."""

    group: OpenedGroup
    because: str


@dataclass(frozen=True, kw_only=True)
class ShownDisclosure:
    """One owner's disclosure, cut.

    ``reply`` (the owner's reasons) and ``reply_encoded`` (its signed text) are there for the manager of the case alone.
    """

    id: str
    request: str
    agency: str
    signed: str
    groups: tuple[ShownGroup, ...]
    reply: Reply | None = None
    reply_encoded: str = ""

    def as_sent(self) -> DisclosureView:
        """The cut as an envelope carries it: the owner's signature and the permitted groups, the reply first."""
        reply = (self.reply_encoded,) if self.reply is not None else ()
        groups = reply + tuple(shown.group.encoded for shown in self.groups)
        return DisclosureView(id=self.id, agency=self.agency, disclosure=self.signed, groups=groups)


@dataclass(frozen=True, kw_only=True)
class View:
    """What one reader is shown. ``known`` is false where no row applies: to this reader there is nothing (404)."""

    reader: Reader
    known: bool
    shown: tuple[ShownDisclosure, ...] = ()
    withheld: tuple[Withheld, ...] = ()

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of the groups shown, sorted."""
        return tuple(sorted(one.group.digest for disclosure in self.shown for one in disclosure.groups))

    @property
    def replies(self) -> tuple[str, ...]:
        """The disclosures whose reply is shown, sorted."""
        return tuple(sorted(disclosure.id for disclosure in self.shown if disclosure.reply is not None))


def view(
    reader: Reader,
    disclosures: Sequence[ReceivedDisclosure],
    releases: Sequence[ReleaseClaims] = (),
    *,
    product: Collection[str] = (),
    ask: Mapping[str, str] | None = None,
    marks: Collection[HandlingMark] = (),
    policy: Policy = CORE,
) -> View:
    """What ``reader`` may see of ``disclosures``.

    ``product`` holds the digests that the manager chose for the product; ``ask`` says whom to ask, by agency; ``marks``
    are those of the referral, beside which each group has its owner's.
    """
    if not speaks_of(reader):
        return View(reader=reader, known=False)
    shown: list[ShownDisclosure] = []
    marked: set[str] = set()
    for disclosure in disclosures:
        verdicts = [
            (group, allowing(reader, disclosure, group, releases, product, marks=marks, policy=policy))
            for group in disclosure.groups
        ]
        groups = tuple(ShownGroup(group=group, because=rule.because) for group, rule in verdicts if rule)
        reply = disclosure.reply if _reads_reply(reader) else None
        if groups or reply is not None:
            shown.append(_shown(disclosure, groups, reply))
        if any(rule is None and not group.content.existence_sensitive for group, rule in verdicts):
            marked.add(disclosure.agency)
    whom = ask or {}
    withheld = tuple(marker(agency, whom.get(agency, agency)) for agency in sorted(marked))
    return View(reader=reader, known=True, shown=tuple(shown), withheld=withheld)


def allowing(
    reader: Reader,
    disclosure: ReceivedDisclosure,
    group: OpenedGroup,
    releases: Sequence[ReleaseClaims] = (),
    product: Collection[str] = (),
    *,
    marks: Collection[HandlingMark] = (),
    policy: Policy = CORE,
) -> Rule | None:
    """The row that lets ``reader`` see ``group``, or ``None``. More marks or rows of the hub's never show more."""
    part = Part(owner=disclosure.agency, category=group.content.category, in_product=group.digest in product)
    released = audiences(disclosure, group, releases)
    limits = marks_of(group, marks)
    narrowed = policy.withholds_from(reader, part.category, limits) is not None
    for rule in RULES:
        if (
            rule.applies(reader)
            and part.category in rule.categories
            and (rule.audience is None or rule.audience in released)
            and limits <= rule.under
            and not (narrowed and rule.audience is not None)
            and rule.when(reader, part)
        ):
            return rule
    return None


def speaks_of(reader: Reader) -> bool:
    """Whether any row speaks of such a reader: to others there is nothing, not even a marker."""
    return any(rule.applies(reader) for rule in RULES)


def marks_of(group: OpenedGroup, referral: Collection[HandlingMark] = ()) -> frozenset[HandlingMark]:
    """The handling of a group: its owner's marks, and a hidden location where it would tell one."""
    hidden = {HandlingMark.HIDDEN_LOCATION} if group.content.category in TELLS_WHERE else set()
    return frozenset(group.content.handling) | (hidden & frozenset(referral))


def marker(agency: str, ask: str) -> Withheld:
    """The sealed marker: in the same words whatever it stands for, so that it says where to ask and nothing else."""
    return Withheld(agency=agency, ask=ask, because=_MARKER)


def audiences(
    disclosure: ReceivedDisclosure, group: OpenedGroup, releases: Sequence[ReleaseClaims] = ()
) -> frozenset[Audience]:
    """To whom the owner has released ``group``: when disclosing it, and by releases of its own since."""
    since = (
        release.audiences
        for release in releases
        if release.iss == disclosure.agency
        and release.disclosure in (disclosure.id, disclosure.claims.jti)
        and group.digest in release.digests
    )
    return frozenset(group.content.audiences).union(*since)


def still_allowed(
    reader: Reader,
    group_digests: Collection[str],
    disclosures: Sequence[ReceivedDisclosure],
    releases: Sequence[ReleaseClaims] = (),
    *,
    product: Collection[str] = (),
    replies: Collection[str] = (),
    policy: Policy = CORE,
) -> bool:
    """Whether ``reader`` may now see every group (by digest) and every reply (by disclosure) of an envelope.

    A digest that no present disclosure holds is not allowed; an envelope for nobody whom a row knows is not either.
    """
    now = view(reader, disclosures, releases, product=product, policy=policy)
    return now.known and set(group_digests) <= set(now.digests) and set(replies) <= set(now.replies)


def policy_document(shown: View, *, data: Mapping[Datum, Sequence[str]] | None = None) -> bytes:
    """Canonical JSON of what was decided: the reader, the groups' digests, the purpose, the version of the rows.

    ``data`` are the data of the notification and its people that are in it, each with the ids of the persons whom it
    is of (none: it is of the referral). It holds no content. The shell digests it for the access token and binds the
    content key to it.
    """
    reader = shown.reader
    told = {str(datum): sorted(persons) for datum, persons in (data or {}).items()}
    return dumps(
        ({"data": told} if told else {})
        | {
            "rules": VERSION,
            "reader": {
                "role": reader.role,
                "agency": reader.agency,
                "recipient": reader.recipient,
                "relation": reader.relation,
            },
            "purpose": reader.purpose,
            "groups": shown.digests,
            "replies": shown.replies,
        }
    )


def _shown(disclosure: ReceivedDisclosure, groups: tuple[ShownGroup, ...], reply: Reply | None) -> ShownDisclosure:
    return ShownDisclosure(
        id=disclosure.id,
        request=disclosure.request,
        agency=disclosure.agency,
        signed=disclosure.signed,
        groups=groups,
        reply=reply,
        reply_encoded="" if reply is None else disclosure.reply_encoded,
    )


def _reads_reply(reader: Reader) -> bool:
    return any(rule.applies(reader) and DataCategory.REPLY_REASONS in rule.categories for rule in RULES)
