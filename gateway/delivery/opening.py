"""Opening an envelope: the token and its proof in, the content key out, once, with the proof that this is in the log.

Whoever asks while the last commit runs shares the next one: a batch of openings reads, decides, is entered in the log,
placed in its tree and released in one transaction, in a number of statements that does not grow with it. One that is
refused, or that meets a fault of its own, does not disturb the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from crypto.opentoken import OpenToken
from gateway.casework.dossier import held_on
from gateway.casework.protection import cases_of
from gateway.delivery.batch import Batch, Outcome, Unfinished
from gateway.delivery.judging import Asked, Judge, Known, Waits
from gateway.delivery.readers import BARE, Readers
from gateway.gathering import Gathering
from gateway.keys import Keys
from gateway.log import Log
from gateway.log.placing import NOTHING_PLACED
from gateway.single_use import DPOP, Use
from gateway.store import Store
from gateway.store.direct import Statements, Write, admission, subjects
from gateway.store.direct import opening as sets
from gateway.store.direct.statement import NotWhole
from gateway.vault import Vault
from gateway.world import World
from schemas.envelope import EnvelopeKind
from schemas.errors import Unavailable
from schemas.hub import Hub

MOST = 64
"""Openings that share one commit at most."""
_PATIENT = 4
"""Openings that wait for other work at one time, each on a connection of its own."""
_TRIES = 3


class Opening:
    """Redeems the tokens of envelopes."""

    def __init__(
        self, *, hub: Hub, world: World, store: Store, keys: Keys, vault: Vault, log: Log, readers: Readers
    ) -> None:
        self._world = world
        self._store = store
        self._vault = vault
        self._log = log
        self._readers = readers
        self._judge = Judge(keys=keys, readers=readers)
        self._retry = timedelta(minutes=hub.tokens.retry_minutes)
        self._gathering: Gathering[Asked, bytes | Unfinished] = Gathering(self._together, most=MOST)
        self._waiting = asyncio.Semaphore(_PATIENT)

    async def redeem(self, name: str, token: OpenToken, jkt: str, use: Use | None = None) -> bytes:
        """The release for the holder of ``token``, whose possession of the key ``jkt`` was proven for this request.

        (1) the token is of this envelope, as it was cut; (2) its reader and the reader's agency stand; (3) it was not
        revoked, replaced or outlived; (4) it was not released, or to this key within the time for a retry; (5) the
        policy that it was cut under is untouched and still allows every group in it; (6) the opening is in the log,
        (7) with its place and its proof; (8) the release is sealed to the registered key and kept. Then all of it is
        committed, with the single ``use`` of the caller's proof, and only then anything leaves.

        Raises:
            Replayed: the proof was used before.
            Unknown: no such envelope for this reader.
            Conflict: it was released already (``envelope.released``) or is gone (``envelope.revoked``, ``.expired``).
            Refused: policy no longer allows it (``envelope.policy``).
        """
        asked = Asked(name=name, token=token, jkt=jkt, use=use)
        try:
            outcome = await self._gathering.do(asked)
        except Waits:
            outcome = await self._patiently(replace(asked, use=None))
        if isinstance(outcome, Unfinished):
            proof = await self._log.proof(outcome.entry)
            outcome = await self._patiently(replace(asked, use=None, proof=proof))
        if isinstance(outcome, Unfinished):
            raise Unavailable("envelope.unfinished", "ask again")
        return outcome

    async def _patiently(self, asked: Asked) -> bytes | Unfinished:
        """One that waits for other work waits alone, and on none of the few connections that all messages share."""
        async with self._waiting, self._store.work() as work:
            batch, writes = await self._decide(work.sets, [asked], patient=True)
            await work.sets.write(*writes)
            await work.commit()
        (outcome,) = batch.outcomes()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _together(self, batch: Sequence[Asked]) -> Sequence[Outcome]:
        patient = self._store.dialect == "sqlite"  # there, all of it is locked as a whole
        try:
            return await self._batch(batch, patient=patient)
        except Unavailable:
            raise
        except Exception:
            if len(batch) == 1:
                raise
        # A fault that one of them brought is met by that one alone.
        return [await self._alone(one, patient=patient) for one in batch]

    async def _alone(self, asked: Asked, *, patient: bool) -> Outcome:
        try:
            return (await self._batch([asked], patient=patient))[0]
        except Exception as error:  # noqa: BLE001 - handed to whom it concerns, whatever it is
            return error

    async def _batch(self, asked: Sequence[Asked], *, patient: bool) -> list[Outcome]:
        for _ in range(_TRIES):
            try:
                async with self._store.direct() as work:
                    batch, writes = await self._decide(work, asked, patient=patient)
                    await work.commit(*writes)
            except NotWhole:
                continue  # one of these proofs was used elsewhere at once: now it is there to be found
            return batch.outcomes()
        raise Unavailable("store.busy", "other work was in the way again and again; try again")

    async def _decide(
        self, work: Statements, asked: Sequence[Asked], *, patient: bool
    ) -> tuple[Batch, tuple[Write, ...]]:
        """Everyone's outcome, and what is to be committed before they have it."""
        dialect, known = work.dialect, await self._know(work, asked, patient=patient)
        batch = Batch(known, judge=self._judge, log=self._log, now=self._world.now(), retry=self._retry)
        # (1) to (5)
        for one in asked:
            batch.decide(one)
        # (6), (7) in the log, with places under one signed checkpoint
        placed = await self._log.place(work, batch.drafts) if batch.drafts else NOTHING_PLACED
        # (8) sealed to the registered keys, and kept for an honest retry
        batch.release(placed.proofs)
        return batch, (
            admission.use_up(dialect, DPOP, batch.uses),
            *placed.writes,
            sets.save_releases(dialect, batch.released()),
            *subjects.save(dialect, batch.moved(EnvelopeKind.REQUEST), batch.moved(EnvelopeKind.PRODUCT)),
        )

    async def _know(self, work: Statements, asked: Sequence[Asked], *, patient: bool) -> Known:
        uses = admission.uses_of(DPOP, {one.use.digest for one in asked if one.use is not None})
        about = sets.about({one.name for one in asked}, bare=BARE, patient=patient)
        used, *found = await work.read(uses, *about)
        stands = sets.standings(work.dialect, found)
        scopes = await self._vault.scopes(stands.scopes)
        return Known(
            envelopes=stands.envelopes,
            requests=stands.requests,
            products=stands.products,
            agencies=stands.agencies,
            clients=stands.clients,
            scopes=scopes,
            held=held_on(stands.disclosures, stands.releases, scopes),
            cases=cases_of(stands.cases),
            used=admission.used(work.dialect, used),
            patient=patient,
        )
