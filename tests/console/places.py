"""A hub with a case at every stage, and the addresses of every page of the console, by who visits them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.console.cast import COUNCIL, POLICE
from tests.gateway.natives import child, notice
from tests.gateway.town import Town, fresh_reference

ASKED = {
    "police": ("police_incidents", "police_intelligence"),
    "council": ("social_care_history", "household"),
    "health": ("health_history",),
}


@dataclass(frozen=True, kw_only=True)
class Places:
    """``pages`` are addresses by the visitor that they are for; ``forms`` those that have a form to fill in."""

    pages: Mapping[str, tuple[str, ...]]
    fresh: str
    gathering: str
    decided: str
    disclosure: str

    @property
    def all(self) -> list[tuple[str, str]]:
        """Every visitor with every address of theirs."""
        return [(name, path) for name, paths in self.pages.items() for path in paths]


async def prepared(town: Town) -> Places:
    """Cases at every stage: received, gathering answers, decided with a product."""
    fresh, gathering, decided = [
        await town.referral(notice(child(number), reference=fresh_reference())) for number in (71, 72, 73)
    ]
    for case in (gathering, decided):
        await case.rate("amber", 2, "A reason")
        made = {one["agency"]: one["id"] for one in await case.ask(ASKED, "What?")}
        await case.answer("police", made["police"], POLICE)
        await case.answer("council", made["council"], COUNCIL)
    await town.decided(decided)
    (await town.send_product(decided)).expect("a product", 201)
    shown = await gathering.shown()
    disclosure = next(one["disclosure"] for one in shown["requests"] if one["agency"] == "council")
    waiting = next(one["id"] for one in shown["requests"] if one["agency"] == "health")
    product = (await decided.shown())["products"][0]
    at = "/console/referrals/"
    tabs = ("", "/people", "/requests", "/disclosures", "/decisions", "/history")
    manager = (
        "/console", "/console/help", "/console/referrals", "/console/referrals?show=mine",
        "/console/referrals?show=closed",
        *(f"{at}{gathering.id}{tab}" for tab in tabs),
        *(f"{at}{decided.id}{tab}" for tab in ("", "/decisions")),
        f"{at}{fresh.id}", f"{at}{fresh.id}/rate", f"{at}{fresh.id}/screening", f"{at}{fresh.id}/take-over",
        f"{at}{gathering.id}/rate", f"{at}{gathering.id}/ask", f"{at}{gathering.id}/decide",
        f"{at}{gathering.id}/people/add", f"{at}{gathering.id}/requests/{waiting}/withdraw",
        f"{at}{decided.id}/release", f"{at}{decided.id}/feedback", f"{at}{decided.id}/close",
        f"{at}{decided.id}/envelopes/{product['envelope']}/revoke",
        f"/console/disclosures/{disclosure}",
    )  # fmt: skip
    return Places(
        pages={
            "manager": manager,
            "other_manager": (f"{at}{gathering.id}", f"{at}{gathering.id}/look-in", f"{at}{gathering.id}/disclosures"),
            "referrer": ("/console", "/console/notify", "/console/notify/sent"),
            "coordinator": (
                "/console",
                "/console/notify",
                "/console/referrals",
                f"{at}{gathering.id}",
                f"{at}{gathering.id}/people",
            ),
            "screener": (f"{at}{fresh.id}", f"{at}{fresh.id}/screening"),
            "analyst": ("/console", "/console/referrals"),
        },
        fresh=fresh.id,
        gathering=gathering.id,
        decided=decided.id,
        disclosure=disclosure,
    )
