"""So many people known to a gateway: sealed, and found by their blocks, as the intake would have left them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from gateway.bootstrap import Gateway
from gateway.intake.persons import PLACE, Persons
from gateway.linkage import names
from gateway.store.direct import intake as sets
from gateway.store.records import PersonRecord, ScopeKey
from schemas import opaque
from schemas.persons import Address, Name, Person, Sex

TOGETHER = 2_000
TO_A_POSTCODE = 40
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_BORN = date(1940, 1, 1)
_DAYS = 86 * 365


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """People drawn from a seed: names as they are borne, birth dates over 86 years, forty to a postcode."""

    size: int
    seed: int = 1

    def person(self, number: int) -> Person:
        """The so-manieth of them, always the same. From ``size`` on they are strangers."""
        random = Random(f"{self.seed}/{number}")
        community = names.community(random)
        sex = random.choice((Sex.FEMALE, Sex.MALE))
        born = _BORN + timedelta(days=random.randrange(_DAYS))
        place = random.randrange(max(self.size // TO_A_POSTCODE, 1))
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        code = f"EN{place // 4000 % 100} {place // 400 % 10}{letters[place // 20 % 20]}{letters[place % 20]}"
        given = names.rank_drawn(random, community.girls if sex is Sex.FEMALE else community.boys)
        return Person(
            ref="child-1",
            names=(Name(given=(given,), family=names.family_name(random, community)),),
            birth_date=born.isoformat(),
            sex=sex,
            addresses=(Address(lines=(f"{random.randint(1, 120)} Test Road",), postcode=code),),
        )

    async def make(self, gateway: Gateway, persons: Persons, tell: Callable[[str], None]) -> None:
        """Make all of them known in the gateway's empty store."""
        for first in range(0, self.size, TOGETHER):
            scopes, records, blocks = list[ScopeKey](), list[PersonRecord](), list[tuple[str, ...]]()
            for number in range(first, min(first + TOGETHER, self.size)):
                name = opaque.name(opaque.Prefix.PERSON, number.to_bytes(opaque.RANDOM_BYTES))
                person = self.person(number)
                scope, row = gateway.vault.fresh(name, now=_AT)
                scopes.append(row)
                sealed = scope.seal(person.model_dump_json().encode(), aad=f"{PLACE}.{name}")
                records.append(PersonRecord(id=name, scope=name, sealed=sealed, created_at=_AT, updated_at=_AT))
                blocks += [(hashed, name) for hashed in persons.blocks(person)]
            async with gateway.store.direct() as work:
                await work.commit(
                    sets.SCOPES.insert(work.dialect, scopes),
                    sets.PERSONS.insert(work.dialect, records),
                    sets.PERSON_BLOCKS.insert_new(work.dialect, blocks),
                )
            if first and first % 100_000 == 0:
                tell(f"  {first:,} of {self.size:,} people")
