"""``mash log``: the log verified, an entry proved, all of it exported for whoever trusts nobody."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import IO

import click

from crypto import base64url
from crypto.failure import SealFailed
from gateway.cli.opened import OPERATOR, Opened, config_option, json_option, run
from gateway.intake.intake import ANSWER_PLACE
from gateway.log import Disagrees, Event, Verification
from gateway.store import Reading
from gateway.store.records import MessageRecord
from gateway.whole_file import whole_file
from schemas.envelope import LogProof
from schemas.errors import Conflict, Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What checks a bundle: its name beside it, where it lives here, how it begins, and its option for a key."""

    name: str
    source: str
    begins: str
    pin: str

    def beside(self, bundle: Path, *, replace: bool) -> Path:
        """Where the program goes; nothing that is not ours is written over.

        Raises:
            Conflict: a bundle of that name is there, or another program of this one's.
        """
        if bundle.exists() and not replace:
            raise Conflict("export.exists", "choose another name, or say --replace", at="FILE")
        beside = bundle.parent / self.name
        if beside.exists() and not beside.read_text(encoding="utf-8", errors="replace").startswith(self.begins):
            detail = f"another {self.name} is in that folder: choose another folder"
            raise Conflict("export.verifier", detail, at="FILE")
        return beside

    def text(self) -> str:
        """The program itself."""
        return (files("gateway.log") / self.source).read_text(encoding="utf-8")


WHOLE = Program(name="verify.py", source="offline_verifier.py", begins='r"""Check an exported log bundle', pin="--key")
CUSTODY = Program(
    name="custody.py", source="custody_verifier.py", begins='r"""Check the chain of custody', pin="--trust"
)
ERASED = Program(
    name="erased.py", source="erasure_verifier.py", begins='r"""Check the proof of an erasure', pin="--trust"
)


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


async def verified(gateway: Opened, seen: Sequence[str] = ()) -> Verification:
    """All of the log recomputed, entries that wait for their place included where there is a tree to place them in."""
    with contextlib.suppress(Disagrees):  # what was changed is what we are going to tell
        await gateway.log.sequence()
    return await gateway.log.verify(seen)


async def proved(gateway: Opened, entry_id: str) -> LogProof:
    """The proof that this entry is in the log."""
    return await gateway.log.proof(entry_id)


async def exported(
    gateway: Opened, bundle: Path, referral: str | None, *, agency: str | None = None, whole: bool, replace: bool
) -> Exported:
    """Write the bundle and the program that checks it; the export itself is then an entry of the log.

    Of a referral it is its chain of custody, for ``agency`` cut to what that one may see; or, with ``whole``, all of
    the log with this referral's entries shown. It appears whole or not at all, and only its owner may read it.

    Raises:
        Conflict: a file of that name is there, or another program of the verifier's name.
        Rejected: the folder can't be written to.
        Unknown: there is no such referral or agency.
    """
    program = WHOLE if whole else CUSTODY
    beside = program.beside(bundle, replace=replace)
    if agency is not None and agency not in {one.id for one in await gateway.agencies.listing()}:
        raise Unknown("agency.unknown", "no such agency is enrolled", at="--agency")
    with whole_file(bundle) as file:
        if whole or referral is None:
            shown = await gateway.log.export(file, referral)
        else:
            shown = await gateway.log.export_custody(
                file, referral, agency=agency, answer=lambda work, message: _answer(gateway, work, message)
            )
    beside.write_text(program.text(), encoding="utf-8")
    detail = {"shown": shown} | ({"agency": agency} if agency else {})
    async with gateway.store.work() as work:
        await gateway.log.append(
            work,
            event=Event.LOG_EXPORTED,
            actor=OPERATOR,
            now=gateway.world.now(),
            referral=referral,
            detail=detail,
        )
        await work.commit()
    return Exported(shown=shown, bundle=bundle, verifier=beside, key=gateway.keys.log_key())


async def _answer(gateway: Opened, work: Reading, message: MessageRecord) -> bytes | None:
    """What a message was answered with, or None once its key was destroyed."""
    try:
        return await gateway.vault.open(work, message.scope, message.answer_sealed, aad=f"{ANSWER_PLACE}.{message.id}")
    except (Unknown, SealFailed):
        return None


@log.command()
@click.option("--seen", type=click.File(encoding="utf-8"), multiple=True, help="A checkpoint that you kept elsewhere.")
@config_option
@json_option
@click.pass_context
def verify(context: click.Context, seen: tuple[IO[str], ...], config: Path | None, *, as_json: bool) -> None:
    """Recompute the whole log: every commitment, node, checkpoint and signature. Exit code 1 if anything is off.

    With --seen also: that this log goes on from there, so that nobody put an old database back or forked it.

    Example: mash log verify --json
    """
    notes = [file.read() for file in seen]
    found = run(config, lambda gateway: verified(gateway, notes))
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
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--referral", help="The chain of custody of this referral, into {referral}.custody unless FILE says.")
@click.option("--agency", help="With --referral: only what this agency may see.")
@click.option("--whole", is_flag=True, help="With --referral: the whole log, this referral's entries alone readable.")
@click.option("--replace", is_flag=True, help="Write over a file of that name.")
@config_option
@json_option
def export(  # noqa: PLR0917 - click gives them by name
    file: Path | None,
    referral: str | None,
    agency: str | None,
    whole: bool,  # noqa: FBT001 - click gives it so
    replace: bool,  # noqa: FBT001 - click gives it so
    config: Path | None,
    as_json: bool,  # noqa: FBT001 - click gives it so
) -> None:
    """Write the log, or one referral's chain of custody, into a file that one program beside it checks by itself.

    \b
    Example: mash log export log.bundle
             mash log export --referral ref_... --agency police
    """  # noqa: D301 - click reads the backslash
    if referral is None and (file is None or agency is not None or whole):
        raise click.UsageError("name a FILE for the whole log, or say --referral, which --agency and --whole go with")
    if agency is not None and whole:
        raise click.UsageError("--agency cuts a chain of custody: not together with --whole")
    target = file or Path(f"{referral}.custody")
    whole = whole or referral is None
    done = run(
        config,
        lambda gateway: exported(gateway, target, referral, agency=agency, whole=whole, replace=replace),
    )
    if as_json:
        row = {"shown": done.shown, "bundle": str(done.bundle), "verifier": str(done.verifier), "key": done.key}
        click.echo(json.dumps(row))
        return
    pin = (WHOLE if whole else CUSTODY).pin
    click.echo(f"{done.shown} entries in {done.bundle}; check them with:")
    click.echo(f"python {done.verifier} {done.bundle} {pin} '{done.key}'")
