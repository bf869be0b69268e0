"""The trust list of this hub: drawn up, applied when its officers signed it, published; one officer's order to suspend.

The rules are those of ``crypto.trust``. Every change is an entry of the log in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crypto import canonical, cosigned, tokens
from crypto.canonical import JsonInput
from crypto.cosigned import Cosigned
from crypto.trust import Accepted, Officers, accepted, follow, officers, suspended_by
from gateway.configuration import Configuration
from gateway.log import Event, Log
from gateway.store import Reading, Store
from gateway.store.records import TrustListRow
from gateway.trust_state import base, standing, with_status, write
from schemas.errors import Conflict, Refused, Rejected, Unknown
from schemas.hub import Hub
from schemas.trust import TrustedAgency, TrustedOfficer, TrustList

LIFE = timedelta(days=90)
"""How long a list is drawn up for, unless told otherwise."""
MEDIA_TYPE = "application/jose+json"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Change = Callable[[tuple[TrustedAgency, ...]], tuple[TrustedAgency, ...]]
OfficersChange = Callable[[tuple[TrustedOfficer, ...]], tuple[TrustedOfficer, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The list in force; ``current`` tells whether agencies still stand as it says, ``expired`` whether it is old."""

    list: TrustList
    digest: str
    applied_at: datetime
    expired: bool
    current: bool


class Trust:
    """A hub's officers and what they signed."""

    def __init__(self, store: Store, configuration: Configuration, log: Log) -> None:
        self._store = store
        self._configuration = configuration
        self._log = log
        self._skew = timedelta(seconds=configuration.hub.clocks.skew_seconds)

    async def in_force(self, now: datetime) -> InForce | None:
        """The list in force at ``now`` (aware UTC), or None before the first.

        Raises:
            Unavailable: the store is not there.
        """
        async with self._store.reading() as work:
            row, agencies = await work.trust_lists.latest(), await standing(work)
        if row is None:
            return None
        found = accepted(row.document.encode())
        return InForce(
            list=found.list,
            digest=found.digest,
            applied_at=row.applied_at,
            expired=tokens.numeric_date(now) >= found.list.exp,
            current=agencies == found.list.agencies,
        )

    async def published(self, version: int | None = None) -> bytes:
        """A list as its officers signed it: that in force, or this version.

        Raises:
            Unknown: there is none. Unavailable: the store is not there.
        """
        async with self._store.reading() as work:
            row = await (work.trust_lists.latest() if version is None else work.trust_lists.version(version))
        if row is None:
            raise Unknown("trust.unknown", "no such list", at="version")
        return row.document.encode()

    async def draw_up(
        self,
        change: Change,
        now: datetime,
        *,
        life: timedelta = LIFE,
        posts: OfficersChange = tuple,
        threshold: int | None = None,
    ) -> bytes:
        """The next list as it would be, for officers to sign: ``now`` is aware UTC.

        ``posts`` changes the officers, ``threshold`` how many of them it takes from then on; people's roles are those
        of the hub's file.

        Raises:
            Refused: the hub has no officers. Conflict, Unknown, Rejected: the change can't be made.
        """
        async with self._store.reading() as work:
            before, agencies = await self._before(work), await standing(work)
        who = self._officers(before)
        named = posts(before.list.officers if before is not None else self._named())
        needed = who.threshold if threshold is None else threshold
        _ = officers(needed, named)
        issued = tokens.numeric_date(now)
        made = TrustList(
            hub=self._hub.hub.id,
            version=before.list.version + 1 if before is not None else 1,
            previous=before.digest if before is not None else None,
            base=base(agencies),
            iat=issued,
            exp=issued + int(life.total_seconds()),
            threshold=needed,
            officers=named,
            people=self._hub.people.roles,
            agencies=change(agencies),
        )
        return cosigned.render(Cosigned(payload=canonical.dumps(made.model_dump(mode="json")), tokens=()))

    async def apply(self, data: bytes, now: datetime, *, actor: str) -> Accepted:
        """Put this list in force, if it follows the one before: ``now`` is aware UTC.

        (1) the rules of ``crypto.trust``; (2) it was drawn up on what stands now; (3) it says of people's roles what
        the hub's file says, and of agencies only those whom the file names.

        Raises:
            Refused: the hub has no officers. Rejected, Conflict: the rule that the list breaks.
            Unavailable: the store is not there.
        """
        async with self._store.work() as work:
            before, agencies = await self._before(work), await standing(work)
            anchors = self._officers(before)
            # (1) it follows
            found = follow(data, hub=self._hub.hub.id, before=before, anchors=anchors, now=now, skew=self._skew)
            # (2) nothing came between
            if found.list.base != base(agencies):
                raise Conflict("trust.base", "agencies changed since it was drawn up; draw it up anew", at="base")
            # (3) as the file says
            self._require_as_configured(found.list)
            stood = {one.id: one for one in agencies}
            for agency in found.list.agencies:
                if stood.get(agency.id) != agency:
                    await write(work, agency, now)
                    await self._log.append(
                        work, event=_event(stood.get(agency.id), agency), actor=actor, now=now, subject=agency.id,
                        detail=_detail(agency, found.list.version),
                    )  # fmt: skip
            await work.trust_lists.add(
                TrustListRow(
                    version=found.list.version, digest=found.digest, document=data.decode(), applied_at=now,
                    applied_by=actor,
                )
            )  # fmt: skip
            await self._log.append(
                work, event=Event.TRUST_LIST_APPLIED, actor=actor, now=now, subject=f"trust-{found.list.version}",
                detail={"version": found.list.version, "digest": found.digest, "signers": list(found.signers)},
            )  # fmt: skip
            await work.commit()
        return found

    async def suspend(self, data: bytes, now: datetime) -> tuple[str, str]:
        """Suspend the agency that one officer's order names, from now on (aware UTC): the agency, the officer's post.

        Raises:
            Refused: the hub has no officers. Rejected: the order. Unknown: no such agency enrolled.
            Conflict: it is suspended already. Unavailable: the store is not there.
        """
        async with self._store.work() as work:
            row = await work.trust_lists.latest()
            before = await self._before(work)
            agency, post = suspended_by(
                data,
                hub=self._hub.hub.id,
                who=self._officers(before),
                since=row.applied_at if row is not None else _EPOCH,
                now=now,
                skew=self._skew,
            )
            agencies = with_status(await standing(work), agency, "suspended")
            await write(work, next(one for one in agencies if one.id == agency), now)
            await self._log.append(work, event=Event.AGENCY_SUSPENDED, actor=f"officer:{post}", now=now, subject=agency)
            await work.commit()
        return agency, post

    # --- behind ---

    @property
    def _hub(self) -> Hub:
        return self._configuration.hub

    def _officers(self, before: Accepted | None) -> Officers:
        """Who signs for this hub: the officers of the list in force, or before the first those of the hub's file.

        Raises:
            Refused: nobody.
        """
        if before is not None:
            return officers(before.list.threshold, before.list.officers)
        if self._hub.trust is None:
            raise Refused("trust.no_officers", "name the officers under [trust] in the hub's file", at="trust")
        return officers(self._hub.trust.threshold, self._named())

    def _named(self) -> tuple[TrustedOfficer, ...]:
        section = self._hub.trust
        return tuple(TrustedOfficer(id=one.id, key=one.key) for one in section.officers) if section else ()

    @staticmethod
    async def _before(work: Reading) -> Accepted | None:
        row = await work.trust_lists.latest()
        return accepted(row.document.encode()) if row is not None else None

    def _require_as_configured(self, found: TrustList) -> None:
        if dict(found.people) != dict(self._hub.people.roles):
            raise Rejected("trust.people", "the hub's file makes people something else", at="people")
        named = {one.id: {it.name: it.role for it in one.recipients} for one in self._hub.agencies}
        for agency in found.agencies:
            if agency.id not in named:
                raise Rejected("trust.agency", "name the agency in the hub's file first", at="agencies")
            for client in agency.clients:
                recipients, active = named[agency.id], client.state == "active"
                if active and client.recipient is not None and recipients.get(client.recipient) != client.role:
                    raise Rejected("trust.role", "the hub's file gives the recipient another role", at="agencies")


def _event(before: TrustedAgency | None, after: TrustedAgency) -> Event:
    if after.status == "suspended":
        return Event.AGENCY_SUSPENDED
    restored = before is not None and before.status == "suspended"
    return Event.AGENCY_RESTORED if restored else Event.AGENCY_ENROLLED


def _detail(agency: TrustedAgency, version: int) -> dict[str, JsonInput]:
    clients = [one.client_id for one in agency.clients if one.state == "active"]
    return {"keys": [one.key["kid"] for one in agency.signing_keys], "clients": clients, "trust_list": version}
