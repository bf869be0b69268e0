"""``mash ceremony``: the master key split among officers, each share given once, and the key put together again.

No share and no key is ever an argument: arguments can be seen by everybody on the machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from crypto import jwe
from crypto.atrest import KEY_BYTES
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, load_sealing_key, parse_public_jwk
from crypto.share import CONTENT_TYPE, Share, joined
from gateway import backup as backups
from gateway.cli.opened import OPERATOR, config_option, settings
from gateway.keys import Keys, MasterKey, place
from gateway.keys.ceremony import Ceremonies, Ceremony, Officer
from gateway.keys.moving import move
from gateway.log import origin_of
from gateway.settings import Settings, config_path, database_of, read_hub
from gateway.store import Store
from gateway.whole_file import whole_file
from gateway.world import World
from schemas.errors import Conflict, Rejected

_LONGEST = 20_000


@click.group()
def ceremony() -> None:
    """The master key in officers' hands: so many of them together give it back, fewer can't.

    Example: mash ceremony begin --threshold 2 --officer anna --officer ben --officer cleo
    """


@ceremony.command()
@click.option("--threshold", required=True, type=click.IntRange(min=2), help="How many officers give the key back.")
@click.option(
    "--officer",
    "named",
    required=True,
    multiple=True,
    metavar="NAME[=FILE]",
    help="An officer; with a file (a public JWK to seal to) the share is sealed, without it printed. Again for each.",
)
@click.option("--pkcs11", "uri", metavar="URI", help="For a hub on a token: where the key that is shared is put.")
@click.option("--anew", is_flag=True, help="Shares of an earlier ceremony wait to be taken, and are lost.")
@config_option
def begin(config: Path | None, threshold: int, named: tuple[str, ...], uri: str | None, *, anew: bool) -> None:
    """Split the master key; each officer then takes a share with `mash ceremony share NAME`.

    The key inside a token can't be split. There a new key is made, put into the token under the name that --pkcs11
    gives, and the hub moved to it.

    Example: mash ceremony begin --threshold 2 --officer anna=anna.jwk --officer ben --officer cleo
    """
    hub = settings(config)
    begun = asyncio.run(_begun(hub, [_officer(text) for text in named], threshold, uri, anew=anew))
    click.echo(
        f"ceremony {begun.id}: any {threshold} of {len(begun.seats)} shares give the master key {begun.key} back."
    )
    if uri is not None:
        place.remember(hub.directory, place.token_key(uri, os.environ).address)
        click.echo(f"The hub is on that key now ({uri}): start its processes again.")
    for seat in begun.seats:
        click.echo(f"Next, {seat.name} alone: mash ceremony share {seat.name}")
    click.echo("Shares of earlier ceremonies of this key still work: destroy them, or move to another key.")


@ceremony.command()
@click.argument("officer")
@config_option
def share(officer: str, config: Path | None) -> None:
    """Give an officer's share, once: printed, or sealed to the officer's key.

    Send it to a printer or a file that this officer alone has: it is kept nowhere.

    Example: mash ceremony share anna > anna.share
    """
    hub = settings(config)
    click.echo(asyncio.run(_taken(hub, officer)), nl=False)


@ceremony.command()
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--officer-key",
    "keys",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A private key (PEM or DER) that opens a sealed share. Again for each.",
)
@click.option("--backup", type=click.Path(dir_okay=False, path_type=Path), help="Restore this backup of the database.")
@click.option("--in-place", is_flag=True, help="The database is in its place already.")
@config_option
def restore(
    config: Path | None, files: tuple[Path, ...], keys: tuple[Path, ...], backup: Path | None, *, in_place: bool
) -> None:
    """Put the master key together from shares, in FILES or typed in, each ended by an empty line.

    It is written beside the hub's file, and nothing is written over. With a backup the database is restored too and
    looked into with the key.

    Example: mash ceremony restore anna.share ben.share --backup hub.backup
    """
    path = config_path(config, os.environ)
    hub, _ = read_hub(path)
    target = place.key_file(path.parent)
    if target.exists():
        raise Conflict(
            "hub.exists", "there is a master key already: what is there is never overwritten", at=target.name
        )
    texts = [_read(file) for file in files] if files else list(_typed(sys.stdin))
    shares = [Share.parse(_unsealed(text, keys)) for text in texts]
    secret = MasterKey(joined(shares))
    if shares[0].hub != hub.hub.id:
        raise Rejected("keys.share", "these are shares of another hub's master key", at="share")
    if backup is not None or in_place:
        url = database_of(path.parent, os.environ)
        if backup is not None:
            backups.restore(url, backup, os.environ)
        asyncio.run(_looked_into(url, hub.hub.id, secret, shares))
    target.parent.mkdir(mode=0o700, exist_ok=True)
    with whole_file(target) as file:
        file.write(secret.text().encode())
    click.echo(f"the master key {secret.id} is in {target}")
    if backup is not None or in_place:
        click.echo("it opens the database; now check the log: mash log verify")
    else:
        click.echo("Next: mash db restore FILE, then mash log verify")


async def _begun(hub: Settings, officers: list[Officer], threshold: int, uri: str | None, *, anew: bool) -> Ceremony:
    world, store = World(), Store.open(hub.database_url)
    try:
        await store.upgrade()
        ceremonies, secret = Ceremonies(store, random=world.random), hub.master_key
        if uri is not None:
            secret = MasterKey(world.random(KEY_BYTES))
            token = place.token_key(uri, os.environ)
            token.make(secret, random=world.random)
            await move(store, hub.master_key, token, random=world.random, now=world.now(), actor=OPERATOR)
        if not isinstance(secret, MasterKey):
            detail = "the key in the token can't be split: name a place in it for a new one, with --pkcs11"
            raise Rejected("keys.ceremony.token", detail, at="--pkcs11")
        await _open_with(store, secret, hub.hub.hub.id)
        return await ceremonies.begin(
            hub.hub.hub.id, secret, officers, threshold=threshold, now=world.now(), actor=OPERATOR, anew=anew
        )
    finally:
        await store.close()


async def _taken(hub: Settings, officer: str) -> str:
    world, store = World(), Store.open(hub.database_url)
    try:
        await store.upgrade()
        ceremonies = Ceremonies(store, random=world.random)
        return await ceremonies.take(officer, hub.master_key, now=world.now(), actor=OPERATOR)
    finally:
        await store.close()


async def _looked_into(url: str, hub: str, secret: MasterKey, shares: list[Share]) -> None:
    world, store = World(), Store.open(url)
    try:
        await store.upgrade()
        await _open_with(store, secret, hub)
        await Ceremonies(store, random=world.random).note_restored(shares, now=world.now(), actor=OPERATOR)
    finally:
        await store.close()


async def _open_with(store: Store, secret: MasterKey, hub: str) -> None:
    """The master key opens what the store holds, or this refuses."""
    await Keys.load(store, secret, origin=origin_of(hub), random=World().random)


def _officer(text: str) -> Officer:
    name, _, file = text.partition("=")
    return Officer(name=name, key=_public(Path(file)) if file else None)


def _public(path: Path) -> PublicKey:
    try:
        jwk = json.loads(_read(path))
    except ValueError:
        jwk = None
    if not isinstance(jwk, dict):
        raise Rejected("keys.ceremony.key", "write the officer's public key as a JWK", at=path.name)
    # Without the kid that its owner gave it: its PEM file, which opens the share again, does not hold that.
    return parse_public_jwk({name: value for name, value in jwk.items() if name != "kid"}, use="enc")


def _unsealed(text: str, keys: tuple[Path, ...]) -> str:
    sealed = text.strip()
    if not sealed.startswith("ey"):
        return text
    opened = {key.kid: key for key in (load_sealing_key(_bytes(path)) for path in keys)}
    try:
        return jwe.open_with(sealed, opened, cty=CONTENT_TYPE).payload.decode("ascii", errors="replace")
    except SealFailed:
        raise Rejected(
            "keys.share", "none of the keys opens it: name its officer's with --officer-key", at="share"
        ) from None


def _typed(lines: Iterable[str]) -> Iterable[str]:
    gathered: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            gathered.append(line.rstrip("\n"))
        elif gathered:
            yield "\n".join(gathered)
            gathered = []


def _read(path: Path) -> str:
    return _bytes(path).decode("ascii", errors="replace")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST)
    except OSError:
        raise Rejected("file.missing", "the file can't be read", at=path.name) from None
