"""The parts of the console, put together once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from gateway.console.assets import Assets, assets
from gateway.console.day_scopes import KEPT, DayScopes
from gateway.console.drafts import Drafts
from gateway.console.sign_in import SignIn
from gateway.console.sittings import KNOWN_AFTER_END, Sittings
from gateway.console.submissions import Submissions
from gateway.log import Log
from gateway.people import People
from gateway.settings import Settings
from gateway.store import Store
from gateway.strongbox import Strongbox
from gateway.vault import Vault
from gateway.world import World

if TYPE_CHECKING:
    from gateway.console.rendering import Rendering

SWEEP_EVERY = 300.0


@dataclass(frozen=True, kw_only=True)
class Console:
    """What every page works with."""

    world: World
    store: Store
    scopes: DayScopes
    sittings: Sittings
    drafts: Drafts
    submissions: Submissions
    sign_in: SignIn
    assets: Assets
    rendering: Rendering

    async def sweep(self) -> None:
        """Forget what has expired, and destroy the keys that it was sealed under."""
        now = self.world.now()
        async with self.store.work() as work:
            await work.console.sweep(ended=now - KNOWN_AFTER_END, saved=now - KEPT, sent=now - KEPT)
            await self.scopes.destroy_expired(work, now)
            await work.commit()


def put_together(
    settings: Settings,
    *,
    world: World,
    store: Store,
    vault: Vault,
    strongbox: Strongbox,
    log: Log,
    people: People,
    session: aiohttp.ClientSession,
) -> Console | None:
    """The console of this hub; None where its file asks for none."""
    hub = settings.hub
    if hub.console is None:
        return None
    # Not before it is needed: most commands of ``mash`` show no pages.
    from gateway.console.rendering import Rendering  # noqa: PLC0415 - imported when it is needed

    scopes = DayScopes(vault)
    served = assets()
    return Console(
        world=world,
        store=store,
        scopes=scopes,
        sittings=Sittings(hub.console, world=world, store=store, strongbox=strongbox, scopes=scopes, log=log),
        drafts=Drafts(world=world, store=store, strongbox=strongbox, scopes=scopes),
        submissions=Submissions(world=world, store=store),
        sign_in=SignIn(
            hub.console,
            issuer=hub.people.issuer,
            public_url=hub.hub.public_url.rstrip("/"),
            secret=settings.console_secret,
            people=people,
            session=session,
            world=world,
            store=store,
            strongbox=strongbox,
            scopes=scopes,
        ),
        assets=served,
        rendering=Rendering(served, hub),
    )
