"""Traffic on the copy while its keys change: what must go on at every moment of a rotation, at two processes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from adapters.port import Fate
from crypto import jwe, jws, lookup
from crypto.jwk import PublicKey
from crypto.keys import Purpose
from gateway.drill.copying import Copy
from gateway.intake.intake import BYTES_PLACE, Feed
from gateway.store.records import MessageRecord
from schemas.errors import MashError, Unknown

_SAMPLES = 20
_TYP = "mash-drill+jws"
_CTY = "mash-drill"
_PAUSE = 0.02


@dataclass(kw_only=True)
class Traffic:
    """What went on, and what did not hold: codes and counts, nothing that anybody sent."""

    copy: Copy
    done: int = 0
    wrong: list[str] = field(default_factory=list)
    _kept: list[tuple[Feed, MessageRecord, bytes]] = field(default_factory=list)
    _signed: list[str] = field(default_factory=list)
    _sealed: list[str] = field(default_factory=list)

    async def prepare(self) -> None:
        """Take some of what came in lately, to send again; sign and seal what then stays in flight."""
        here = self.copy.here
        async with here.store.reading() as work:
            for record in await work.stock.latest_messages(_SAMPLES):
                feed = here.feeds.get(record.feed)
                if feed is None or record.native_hash is None:
                    continue
                try:
                    payload = await here.vault.open(work, record.scope, record.sealed, aad=f"{BYTES_PLACE}.{record.id}")
                except Unknown:
                    continue
                self._kept.append((feed, record, payload))
        self.put_in_flight()

    def put_in_flight(self) -> None:
        """Sign with the key in use now, and seal to every key that is published now, as others would."""
        ring = self.copy.here.keys.ring
        self._signed.append(jws.sign(b"{}", ring.signing_key(), typ=_TYP))
        published: list[PublicKey] = [key.public() for key in ring.decryption_keys().values()]
        self._sealed += [jwe.seal_to(b"{}", key, cty=_CTY) for key in published[:2]]

    def drop_in_flight(self, purpose: Purpose) -> None:
        """Forget what is in flight under keys that are now revoked: it has to be made anew, and is in their list."""
        if purpose is Purpose.SIGNING:
            self._signed.clear()
        if purpose is Purpose.SEALING:
            self._sealed.clear()
        self.put_in_flight()

    async def run(self, over: asyncio.Event) -> None:
        """One round after another until it is over; at least one."""
        while True:
            await self.round()
            if over.is_set():
                return
            await asyncio.sleep(_PAUSE)

    async def round(self) -> None:
        """A message that came before is known again; what one process signs and seals, the other takes."""
        here, there = self.copy.here, self.copy.there
        for gateway in (here, there):
            await gateway.keys.refresh()
        if self._kept:
            feed, record, payload = self._kept[self.done % len(self._kept)]
            told = await here.intake.receive(feed, payload, record.client)
            if told.fate is not Fate.DUPLICATE:
                self.wrong.append(f"intake.{told.fate}")
        for signer, verifier in ((here, there), (there, here)):
            try:
                token = jws.sign(b"{}", signer.keys.ring.signing_key(), typ=_TYP)
                for one in (token, *self._signed):
                    jws.verify(one, verifier.keys.verification_keys(), typ=_TYP)
                for one in self._sealed:
                    jwe.open_with(one, verifier.keys.ring.decryption_keys(), cty=_CTY)
                hashed = lookup.lookup_key("drill", "value", signer.keys.lookup())
                if hashed not in lookup.lookup_keys("drill", "value", verifier.keys.lookup()):
                    self.wrong.append("lookup.unknown")
            except MashError as error:
                self.wrong.append(f"{error.code}.{getattr(error, 'reason', '')}")
        self.done += 1
