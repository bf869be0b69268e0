"""``mash keys master``: where the master key is, and the hub's keys moved to another."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from crypto.atrest import KEY_BYTES
from crypto.master import Master
from gateway.cli.opened import OPERATOR, config_option, settings
from gateway.keys import MasterKey, place
from gateway.keys.moving import move as moving
from gateway.keys.pkcs11_uri import SCHEME
from gateway.keys.token import TokenKey
from gateway.settings import Settings
from gateway.store import Store
from gateway.whole_file import whole_file
from gateway.world import World

_NAMED = (place.IN_TEXT, place.IN_FILE, place.IN_TOKEN)


@click.group()
def master() -> None:
    """The master key, which wraps every other.

    Example: mash keys master show
    """


@master.command()
@config_option
def show(config: Path | None) -> None:
    """Say where the master key is, and which it is. Its id is no secret.

    Example: mash keys master show
    """
    key = settings(config).master_key
    where = key.address.text() if isinstance(key, TokenKey) else "a secret of this machine"
    click.echo(f"{key.id}  {where}")


@master.command()
@click.argument("target")
@config_option
def move(target: str, config: Path | None) -> None:
    """Wrap the hub's keys under another master key: TARGET is a file, or a key in a token (pkcs11:...).

    What TARGET names is made if it is not there. Start every process of the hub again afterwards; until then they go
    on, and can make no key. A command that was stopped half way is given again.

    Example: mash keys master move "pkcs11:token=mash;object=master?module-path=/usr/lib/softhsm/libsofthsm2.so"
    """
    hub = settings(config)
    to = _target(target)
    count = asyncio.run(_moved(hub, to))
    click.echo(f"{count} keys moved to {to.id}" if count else f"the keys are wrapped under {to.id} already")
    _remember(hub.directory, to, target)
    click.echo("Keep the old master key until the last backup that was made under it is gone.")


async def _moved(hub: Settings, to: Master) -> int:
    # Not the whole gateway: it would not start where a move was stopped after the keys had moved.
    world, store = World(), Store.open(hub.database_url)
    try:
        await store.upgrade()
        return await moving(store, hub.master_key, to, random=world.random, now=world.now(), actor=OPERATOR)
    finally:
        await store.close()


def _target(text: str) -> Master:
    if text.startswith(SCHEME):
        token = place.token_key(text, os.environ)
        if not token.exists():
            token.make(random=World().random)
        return token
    path = Path(text)
    if not path.exists():
        with whole_file(path) as file:
            file.write(MasterKey(World().random(KEY_BYTES)).text().encode())
    return MasterKey.read(path)


def _remember(directory: Path, to: Master, target: str) -> None:
    """Where no variable names the master key, its new place is written down beside the hub's file."""
    named = [name for name in _NAMED if os.environ.get(name) is not None]
    token = to if isinstance(to, TokenKey) else None
    at_home = Path(target).absolute() == place.key_file(directory).absolute()
    if named:
        variable = place.IN_FILE if token is None else place.IN_TOKEN
        click.echo(f"Now unset {named[0]}, set {variable}={target}, and start the hub's processes again.")
    elif token is None and not at_home:
        place.remember(directory, None)
        click.echo(f"Now set {place.IN_FILE}={target}, and start the hub's processes again.")
    else:
        place.remember(directory, token.address if token is not None else None)
        click.echo("Now start the hub's processes again.")
