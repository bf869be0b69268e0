"""The demo with a canary as the child, and an ear on every wire: what is needed to search all of it afterwards."""

from __future__ import annotations

import ssl
import tempfile
import tomllib
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import aiohttp
import aiohttp.connector
import pytest

from crypto import certificates
from sandbox import borough, demo, door, hub, person
from sandbox.demo import Wanted
from sandbox.door import Reply
from sandbox.hub import Hub, free_ports
from sandbox.identity_provider import IdentityProvider
from sandbox.natives.police import Notice
from sandbox.people import Character, nhs_number, pnc_id, upn, years_before
from sandbox.scenarios import drugs_warrant_cast, unborn_baby_cast
from sandbox.toml import render
from tests.canary.tap import Tap, tap

CHILD = Character(
    given="Zéphyrine-Ann",
    family="Quillfeather",
    born=years_before(date(2026, 11, 1), 16),
    sex="2",
    nhs=nhs_number(654_000),
    upn=upn(8209876, 20, 654),
    pnc=pnc_id(2021, 654_000),
)
MOTHER = Character(
    given="Ottoline",
    family="Vandermolen",
    born=years_before(date(2026, 11, 1), 27),
    sex="2",
    nhs=nhs_number(655_000),
    pnc=pnc_id(2018, 655_000),
)
"""The mother of the unborn child: the one by whom that child is known."""
STREET, PHRASE, HEARD = "Vermilion Passage", "a velvet lighthouse was drawn on the wall", "the cobalt metronome ticks"
OF_THE_WARRANT = (CHILD.given, CHILD.family, CHILD.nhs, CHILD.upn, CHILD.pnc, STREET, PHRASE)
OF_THE_BABY = (MOTHER.given, MOTHER.family, MOTHER.nhs, HEARD)
CANARIES = (*OF_THE_WARRANT, *OF_THE_BABY)
DISCLOSED = (*drugs_warrant_cast.PHRASES, *unborn_baby_cast.PHRASES)
"""What agencies tell of them, which stands nowhere else either."""


def spaced(nhs: str) -> str:
    """An NHS number as people write it."""
    return f"{nhs[:3]} {nhs[3:6]} {nhs[6:]}"


WORDS = (*CANARIES, spaced(CHILD.nhs), spaced(MOTHER.nhs), *DISCLOSED)


@dataclass(kw_only=True)
class Scene:
    """Where a run leaves bytes: the taps on its wires, its hub's folder, those for anything else, its URLs."""

    directory: Path
    temporary: Path
    elsewhere: Path
    http: Tap | None = None
    mllp: Tap | None = None
    taps: list[Tap] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    inner_http: int = 0


def cast_the_canary(patch: pytest.MonkeyPatch) -> None:
    """The stories' own people give way to the canaries, in what is sent and in what is answered."""
    family, pregnant = drugs_warrant_cast.cast, unborn_baby_cast.cast
    warrant, referral = drugs_warrant_cast.warrant, unborn_baby_cast.referral

    def told(family: drugs_warrant_cast.Cast, now: datetime, reference: str) -> Notice:
        made = warrant(family, now, reference)
        words = f"{made.circumstances} Officers saw that {PHRASE}."
        return replace(made, address=(f"1 {STREET}", "Northshire"), circumstances=words)

    patch.setattr(drugs_warrant_cast, "cast", lambda today: replace(family(today), child=CHILD))
    patch.setattr(drugs_warrant_cast, "warrant", told)
    patch.setattr(unborn_baby_cast, "cast", lambda today: replace(pregnant(today), mother=MOTHER))

    def written(family: unborn_baby_cast.Cast) -> object:
        made = referral(family)
        return replace(made, narrative=(*made.narrative, f"She said that {HEARD}."))

    patch.setattr(unborn_baby_cast, "referral", written)


def listen_in(patch: pytest.MonkeyPatch, scene: Scene) -> None:
    """The hub's doors lie behind taps, its front door with TLS as it is outside a demo; its URLs are kept.

    It logs all that it ever logs.
    """
    prepared, laid_out, exchange = demo._prepare, borough.hub_file, door.exchange

    async def prepare(stack: AsyncExitStack, wanted: Wanted, directory: Path) -> tuple[Hub, IdentityProvider]:
        made, provider = await prepared(stack, wanted, directory)
        scene.inner_http, inner_mllp = free_ports(2)
        place, inner_http = made.place, scene.inner_http
        scene.http = await stack.enter_async_context(tap("HTTPS", inner_http, listen=place.http_port))
        scene.mllp = await stack.enter_async_context(tap("MLLP", inner_mllp, listen=place.mllp_port))
        _certify(patch, directory)

        def behind(place: borough.Place) -> str:
            document = tomllib.loads(laid_out(place))
            document["http"] |= {"port": inner_http, "certificate": "tls.pem", "private_key": "tls.key"}
            document["mllp"]["port"] = inner_mllp
            return render(document)

        patch.setattr(hub, "hub_file", behind)
        return made, provider

    async def noted(session: aiohttp.ClientSession, method: str, url: str, **more: object) -> Reply:
        scene.urls.append(url)
        return await exchange(session, method, url, **more)  # type: ignore[arg-type]

    command = hub.mash

    def talkative(*arguments: str) -> tuple[str, ...]:
        return (*command(*arguments), *(("--log-level", "DEBUG") if arguments[0] == "serve" else ()))

    patch.setattr(hub, "mash", talkative)
    patch.setattr(demo, "_prepare", prepare)
    patch.setattr(borough.Place, "url", property(lambda place: f"https://localhost:{place.http_port}"))
    patch.setattr(door, "exchange", noted)
    patch.setattr(person, "exchange", noted)
    # Everything that makes a temporary file makes it here, in this process and in the hub's.
    for folder in (scene.temporary, scene.elsewhere):
        folder.mkdir()
    patch.setenv("TMPDIR", str(scene.temporary))
    patch.setattr(tempfile, "tempdir", str(scene.temporary))
    # And whatever goes to a home or to where it was started.
    patch.setenv("HOME", str(scene.elsewhere))
    patch.chdir(scene.elsewhere)


def _certify(patch: pytest.MonkeyPatch, directory: Path) -> None:
    now = datetime.now(UTC)
    authority = certificates.authority("the authority of the canary", now=now)
    made = certificates.server(["localhost"], authority, now=now)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "tls.pem").write_bytes(made.certificate)
    (directory / "tls.key").write_bytes(made.private_key)
    context = ssl.create_default_context(cadata=authority.certificate.decode())
    patch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", context)
