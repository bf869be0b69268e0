"""An adapter whose rules can be broken and mended while a hub runs: the notices of the police, once it is mended."""

from __future__ import annotations

from adapters.police.ppn import ADAPTER as NOTICES
from adapters.port import Answer, FeedContext, Receipt
from schemas.errors import Rejected
from schemas.notification import Reading


class Mending:
    """Reads nothing while ``broken``; answers as the notices' own adapter does."""

    name = "tests.mending"
    version = "1"
    sector = NOTICES.sector
    summary = "notices of the police, after mending"
    broken = False

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        if self.broken:
            raise Rejected("tests.mending.broken", "wait until it is mended", at="/ppn")
        return NOTICES.read(payload, context)

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        return NOTICES.answer(payload, receipt, context)


ADAPTER = Mending()
