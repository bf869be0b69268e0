"""``mash log``: the log verified, an entry proved, all of it exported for whoever trusts nobody."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import click

from crypto import base64url
from gateway.cli.opened import OPERATOR, Opened, config_option, json_option, run
from gateway.log import Disagrees, Event, Verification
from gateway.whole_file import whole_file
from schemas.envelope import LogProof
from schemas.errors import Conflict

VERIFIER = "verify.py"
_FIRST_LINE = 'r"""Check an exported log bundle'


@click.group("log")
def log() -> None:
    """The hub's tamper-evident log.

    Example: mash log verify
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export wrote: the bundle, the program beside it, and the key to verify it with."""

    shown: int
    bundle: Path
    verifier: Path
    key: str


async def verified(gateway: Opened) -> Verification:
    """All of the log recomputed, entries that wait for their place included where there is a tree to place them in."""
    with contextlib.suppress(Disagrees):  # what was changed is what we are going to tell
        await gateway.log.sequence()
    return await gateway.log.verify()


async def proved(gateway: Opened, entry_id: str) -> LogProof:
    """The proof that this entry is in the log."""
    return await gateway.log.proof(entry_id)


async def exported(gateway: Opened, bundle: Path, referral: str | None, *, replace: bool) -> Exported:
    """Write the bundle and the program that checks it; the export itself is then an entry of the log.

    The bundle appears whole or not at all, and only its owner may read it.

    Raises:
        Conflict: a file of that name is there, or another program of the verifier's name.
        Rejected: the folder can't be written to.
    """
    beside = _beside(bundle, replace=replace)
    with whole_file(bundle) as file:
        shown = await gateway.log.export(file, referral)
    beside.write_text((files("gateway.log") / "offline_verifier.py").read_text(encoding="utf-8"), encoding="utf-8")
    async with gateway.store.work() as work:
        await gateway.log.append(
            work,
            event=Event.LOG_EXPORTED,
            actor=OPERATOR,
            now=gateway.world.now(),
            referral=referral,
            detail={"shown": shown},
        )
        await work.commit()
    return Exported(shown=shown, bundle=bundle, verifier=beside, key=gateway.keys.log_key())


def _beside(bundle: Path, *, replace: bool) -> Path:
    """Where the program goes; nothing that is not ours is written over."""
    if bundle.exists() and not replace:
        raise Conflict("export.exists", "choose another name, or say --replace", at="FILE")
    beside = bundle.parent / VERIFIER
    if beside.exists() and not beside.read_text(encoding="utf-8", errors="replace").startswith(_FIRST_LINE):
        raise Conflict("export.verifier", f"another {VERIFIER} is in that folder: choose another folder", at="FILE")
    return beside


@log.command()
@config_option
@json_option
@click.pass_context
def verify(context: click.Context, config: Path | None, *, as_json: bool) -> None:
    """Recompute the whole log: every commitment, node, checkpoint and signature. Exit code 1 if anything is off.

    Example: mash log verify --json
    """
    found = run(config, verified)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "entries": found.entries,
                    "checkpoints": found.checkpoints,
                    "verified": found.verified,
                    "first_bad": found.first_bad,
                    "problem": found.problem,
                    "root": found.root.hex(),
                }
            )
        )
    elif found.verified:
        click.echo(f"verified: {found.entries} entries, {found.checkpoints} checkpoints, root {found.root.hex()}")
    else:
        click.echo(f"NOT verified: {found.problem} at {found.first_bad} of {found.entries} entries", err=True)
    if not found.verified:
        context.exit(1)


@log.command()
@click.argument("entry_id", metavar="ID")
@config_option
@json_option
def prove(entry_id: str, config: Path | None, *, as_json: bool) -> None:
    """Prove that an entry is in the log: its text, its place, and the signed checkpoint over it.

    Example: mash log prove log_0123456789abcdefghjkmnpqrs --json
    """
    proof = run(config, lambda gateway: proved(gateway, entry_id))
    if as_json:
        click.echo(proof.model_dump_json())
        return
    click.echo(f"entry      {base64url.decode(proof.entry).decode()}")
    click.echo(f"place      {proof.index}, {len(proof.path)} hashes up to the root")
    click.echo("checkpoint")
    click.echo("".join(f"    {line}\n" for line in proof.checkpoint.splitlines()), nl=False)


@log.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--referral", help="Show this referral's entries alone; of all others, the commitments.")
@click.option("--replace", is_flag=True, help="Write over a file of that name.")
@config_option
@json_option
def export(file: Path, referral: str | None, config: Path | None, *, replace: bool, as_json: bool) -> None:
    """Write the log into a file that one program, put beside it, checks without any part of the gateway.

    Example: mash log export log.bundle && python verify.py log.bundle
    """
    done = run(config, lambda gateway: exported(gateway, file, referral, replace=replace))
    if as_json:
        row = {"shown": done.shown, "bundle": str(done.bundle), "verifier": str(done.verifier), "key": done.key}
        click.echo(json.dumps(row))
        return
    click.echo(f"{done.shown} entries in {done.bundle}; check them with:")
    click.echo(f"python {done.verifier} {done.bundle} --key '{done.key}'")
