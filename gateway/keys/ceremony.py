"""The ceremony that splits the master key among officers: begun once, each share given once, every step in the log.

While shares wait to be taken the store holds them wrapped under the master key itself, so that the store tells nothing
that the key's holder does not know. A share that was given is wiped; after the last nothing is left but who took one.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import Field, ValidationError

from crypto import jwe, sharing
from crypto.atrest import KEY_BYTES
from crypto.jwk import PublicKey, parse_public_jwk
from crypto.master import Master
from crypto.share import CONTENT_TYPE, Share, joined
from gateway.keys.master import MasterKey
from gateway.log.events import Event
from gateway.log.recorder import Recorder
from gateway.store import Reading, Store, Work
from schemas.base import Frozen
from schemas.errors import Conflict, Rejected, Unknown
from schemas.section import Slug

_KEPT = "keys.ceremony"
_ID_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """Who is given a share: sealed to ``key``, or without one printed."""

    name: str
    key: PublicKey | None = field(default=None, repr=False)


class _Seat(Frozen):
    name: Slug
    jwk: dict[str, str] | None = None
    taken: bool = False


class Ceremony(Frozen):
    """A ceremony as the store holds it; the shares that wait are ``waiting``, wrapped, in base64."""

    id: str
    hub: str
    key: str
    threshold: int
    seats: tuple[_Seat, ...] = Field(min_length=2, max_length=sharing.MOST)
    waiting: str | None = Field(default=None, repr=False)


class Ceremonies:
    """The ceremonies of one hub."""

    def __init__(self, store: Store, *, random: Callable[[int], bytes]) -> None:
        self._store = store
        self._random = random
        self._recorder = Recorder(random)

    async def latest(self) -> Ceremony | None:
        """The ceremony that was begun last, or None."""
        async with self._store.reading() as work:
            return await _kept(work)

    async def begin(
        self,
        hub: str,
        secret: MasterKey,
        officers: Sequence[Officer],
        *,
        threshold: int,
        now: datetime,
        actor: str,
        anew: bool = False,
    ) -> Ceremony:
        """Split the master key into a share for each officer, which wait to be taken.

        Raises:
            Rejected: not 2 <= threshold <= officers <= 16, or two officers of one name.
            Conflict: shares of an earlier ceremony wait, and ``anew`` was not said: they would be lost.
        """
        names = [officer.name for officer in officers]
        if not 2 <= threshold <= len(names) <= sharing.MOST or len(set(names)) != len(names):
            detail = f"at least two of at most {sharing.MOST} officers, each named once"
            raise Rejected("keys.ceremony.officers", detail, at="threshold")
        made = sharing.split(secret.secret, threshold=threshold, shares=len(names), random=self._random)
        ceremony = _fitting(
            {
                "id": self._random(_ID_BYTES).hex(),
                "hub": hub,
                "key": secret.id,
                "threshold": threshold,
                "seats": tuple({"name": one.name, "jwk": one.key.jwk() if one.key else None} for one in officers),
            }
        )
        # What officers carry home gives the key back: tried before any of them leaves.
        joined([_share(ceremony, number, value) for number, value in made.items()])
        async with self._store.work() as work:
            await work.log.lock_sequencer()
            if not anew:
                await require_none_open(work)
            await self._keep(work, ceremony, secret, made)
            await self._recorder.append(
                work,
                event=Event.CEREMONY_BEGUN,
                actor=actor,
                now=now,
                subject=ceremony.id,
                detail={"key": ceremony.key, "threshold": threshold, "shares": len(names)},
            )
            await work.commit()
        return ceremony

    async def take(self, officer: str, master: Master, *, now: datetime, actor: str) -> str:
        """This officer's share, given once: as text, or as a JWE to the officer's key.

        Raises:
            Unknown: no ceremony was begun, or it has no officer of this name.
            Conflict: the share was given before.
            Rejected: the master key is another one now.
        """
        async with self._store.work() as work:
            await work.log.lock_sequencer()
            ceremony = await _kept(work)
            names = [seat.name for seat in ceremony.seats] if ceremony is not None else []
            if ceremony is None or officer not in names:
                raise Unknown("keys.ceremony.officer", "this ceremony has no officer of this name", at="OFFICER")
            number = names.index(officer) + 1
            seat = ceremony.seats[number - 1]
            if seat.taken or ceremony.waiting is None:
                detail = "this share was given before, and is kept nowhere: begin a new ceremony if it is lost"
                raise Conflict("keys.ceremony.given", detail, at="OFFICER")
            values = _opened(ceremony, master)
            share = _share(ceremony, number, values.pop(number))
            seats = tuple(one.model_copy(update={"taken": one.taken or one is seat}) for one in ceremony.seats)
            await self._keep(work, ceremony.model_copy(update={"seats": seats}), master, values)
            await self._recorder.append(
                work,
                event=Event.CEREMONY_SHARE_GIVEN,
                actor=actor,
                now=now,
                subject=ceremony.id,
                detail={"share": number, "of": len(names), "sealed": "yes" if seat.jwk else "no"},
            )
            await work.commit()
        if seat.jwk is None:
            return share.text()
        return jwe.seal_to(share.text().encode(), parse_public_jwk(seat.jwk, use="enc"), cty=CONTENT_TYPE) + "\n"

    async def note_restored(self, shares: Sequence[Share], *, now: datetime, actor: str) -> None:
        """Write into the log that the master key was put together again, and from which shares."""
        async with self._store.work() as work:
            await self._recorder.append(
                work,
                event=Event.CEREMONY_RESTORED,
                actor=actor,
                now=now,
                subject=shares[0].ceremony,
                detail={"key": shares[0].key, "shares": [share.number for share in shares]},
            )
            await work.commit()

    async def _keep(self, work: Work, ceremony: Ceremony, master: Master, values: Mapping[int, bytes]) -> None:
        waiting = None
        if values:
            packed = b"".join(bytes([number]) + value for number, value in sorted(values.items()))
            waiting = base64.b64encode(master.wrap(packed, kid=_row(ceremony), random=self._random)).decode()
        kept = ceremony.model_copy(update={"waiting": waiting})
        await work.settings.put(_KEPT, kept.model_dump_json())


async def require_none_open(work: Reading) -> None:
    """No shares of the master key wait to be taken.

    Raises:
        Conflict: some do.
    """
    ceremony = await _kept(work)
    if ceremony is not None and ceremony.waiting is not None:
        names = ", ".join(seat.name for seat in ceremony.seats if not seat.taken)
        raise Conflict("keys.ceremony.open", f"shares wait to be taken by {names}", at="ceremony")


async def _kept(work: Reading) -> Ceremony | None:
    text = await work.settings.get(_KEPT)
    return Ceremony.model_validate_json(text) if text is not None else None


def _fitting(value: object) -> Ceremony:
    try:
        return Ceremony.model_validate(value)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        detail = "an officer's name is lower case letters, digits and -, and the key is one to seal to"
        raise Rejected("keys.ceremony.form", detail, at=place) from None


def _opened(ceremony: Ceremony, master: Master) -> dict[int, bytes]:
    packed = master.unwrap(base64.b64decode(ceremony.waiting or ""), kid=_row(ceremony))
    size = 1 + KEY_BYTES
    return {packed[at]: packed[at + 1 : at + size] for at in range(0, len(packed), size)}


def _share(ceremony: Ceremony, number: int, value: bytes) -> Share:
    return Share(
        hub=ceremony.hub,
        key=ceremony.key,
        ceremony=ceremony.id,
        threshold=ceremony.threshold,
        of=len(ceremony.seats),
        number=number,
        value=value,
    )


def _row(ceremony: Ceremony) -> str:
    return f"ceremony.{ceremony.id}"
