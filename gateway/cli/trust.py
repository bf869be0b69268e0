"""``mash trust``: who takes part in a hub, as its officers sign it: shown, drawn up, signed, applied."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from crypto import canonical, cosigned
from crypto import trust as rules
from crypto.cosigned import Cosigned
from crypto.jwk import SigningKey, generate_signing_key, load_signing_key
from crypto.tokens import numeric_date
from gateway.cli.opened import OPERATOR, Opened, config_option, json_option, run
from gateway.cli.opened import settings as load_settings
from gateway.enrolment import parse
from gateway.trust import LIFE, Change, InForce, OfficersChange
from gateway.trust_state import with_enrolment, with_officer, with_roles, with_status, without_officer
from gateway.world import World
from schemas.errors import Rejected
from schemas.trust import TrustedOfficer

_file = click.Path(dir_okay=False, path_type=Path)
_out = click.option("--out", required=True, type=_file, help="The file to write; never one that is there.")


@click.group()
def trust() -> None:
    """The trust list: agencies, keys and roles, as the hub's officers sign them.

    Example: mash trust show
    """


async def shown(gateway: Opened) -> InForce | None:
    """The list in force."""
    return await gateway.trust.in_force(gateway.world.now())


@trust.command()
@config_option
@json_option
def show(config: Path | None, *, as_json: bool) -> None:
    """Show the list in force: its version, until when it is good, who signs the next, and whether it is current.

    Example: mash trust show --json
    """
    found = run(config, shown)
    if as_json:
        click.echo(json.dumps(None if found is None else _row(found)))
        return
    if found is None:
        named = load_settings(config).hub.trust
        click.echo(
            f"no list yet: {named.threshold} of {len(named.officers)} officers of the hub's file sign the first"
            if named
            else "no officers: whoever may use the hub's database enrols and suspends, by `mash agencies`"
        )
        return
    row = _row(found)
    click.echo(f"version {row['version']}, good until {row['expires_at']}{' (EXPIRED)' if found.expired else ''}")
    click.echo(f"digest {found.digest}")
    click.echo(f"{found.list.threshold} of these sign the next: {', '.join(one.id for one in found.list.officers)}")
    for agency in found.list.agencies:
        click.echo(f"{agency.id}: {agency.status}, {len(agency.signing_keys)} keys, {len(agency.clients)} clients")
    if not found.current:
        click.echo("agencies changed since: an officer suspended one, or one changed its own keys")


@trust.command()
@click.argument("post")
@_out
def key(post: str, out: Path) -> None:
    """Make an officer's key: the private half in a file of the officer's own, the public half to stand in hub.toml.

    Example: mash trust key head-of-safeguarding --out head.pem
    """
    made = generate_signing_key(f"officer.{post}.{World().random(4).hex()}")
    # The kid goes before the key: signatures are found by it.
    _write(out, made.kid.encode() + b"\n" + made.to_der())
    jwk = ", ".join(f'{name} = "{value}"' for name, value in made.public().jwk().items())
    click.echo(f'[[trust.officers]]\nid = "{post}"\nkey = {{ {jwk} }}')


@trust.command()
@click.option("--enrol", type=_file, help="An agency's enrolment file.")
@click.option("--suspend", metavar="AGENCY", help="Suspend this agency.")
@click.option("--restore", metavar="AGENCY", help="Restore this agency.")
@click.option("--roles", is_flag=True, help="Take over the roles that the hub's file gives recipients and people.")
@click.option("--officer", type=_file, help="Add this officer, or its post's new key: what `mash trust key` printed.")
@click.option("--without", metavar="POST", help="Leave this officer out.")
@click.option("--threshold", type=click.IntRange(1, 20), help="How many officers it takes from then on.")
@click.option("--days", type=click.IntRange(1, 400), default=LIFE.days, show_default=True, help="How long it is good.")
@_out
@config_option
def propose(
    *,
    enrol: Path | None,
    suspend: str | None,
    restore: str | None,
    roles: bool,
    officer: Path | None,
    without: str | None,
    threshold: int | None,
    days: int,
    out: Path,
    config: Path | None,
) -> None:
    """Draw up the next list with one change, or none to renew it, for officers to sign.

    A threshold may change together with the officers, so that neither leaves the other out of reach.

    Examples:
        mash trust propose --enrol police.json --out next.json
        mash trust propose --officer new-head.toml --threshold 3 --out next.json
    """
    of_agencies = sum((enrol is not None, suspend is not None, restore is not None, roles))
    of_officers = sum((officer is not None, without is not None))
    if of_agencies + of_officers > 1 or (of_agencies and threshold is not None):
        raise Rejected("trust.changes", "one change at a time, so that officers see what they sign", at="--enrol")
    hub = load_settings(config).hub
    data = _read(enrol) if enrol is not None else b""
    named = _officer(officer) if officer is not None else None

    async def drawn(gateway: Opened) -> bytes:
        now = gateway.world.now()
        change: Change = tuple
        if enrol is not None:
            found = parse(data, hub, now)
            change = lambda agencies: with_enrolment(agencies, found)  # noqa: E731 - a change is a function
        elif suspend is not None:
            change = lambda agencies: with_status(agencies, suspend, "suspended")  # noqa: E731 - as above
        elif restore is not None:
            change = lambda agencies: with_status(agencies, restore, "active")  # noqa: E731 - as above
        elif roles:
            change = lambda agencies: with_roles(agencies, hub)  # noqa: E731 - as above
        posts: OfficersChange = tuple
        if named is not None:
            posts = lambda officers: with_officer(officers, named)  # noqa: E731 - as above
        elif without is not None:
            posts = lambda officers: without_officer(officers, without)  # noqa: E731 - as above
        life = timedelta(days=days)
        return await gateway.trust.draw_up(change, now, life=life, posts=posts, threshold=threshold)

    made = run(config, drawn)
    _write(out, made)
    found = rules.read(cosigned.parse(made))
    click.echo(f"version {found.version} is drawn up: {found.threshold} officers sign it with `mash trust sign`")


@trust.command()
@click.argument("file", type=_file)
@click.option("--key", "key_file", required=True, type=_file, help="The officer's private key.")
@_out
def sign(file: Path, key_file: Path, out: Path) -> None:
    """Add an officer's signature to a list, away from the hub; what is signed is shown.

    Example: mash trust sign next.json --key head.pem --out next-1.json
    """
    document = cosigned.parse(_read(file))
    found, own = rules.read(document), _key(key_file)
    _write(out, cosigned.render(cosigned.add_signature(document, own, typ=rules.TYP)))
    click.echo(f"{found.hub}, version {found.version}, good until {_text(found.exp)}")
    click.echo(f"{found.threshold} of these sign the next: {', '.join(one.id for one in found.officers)}")
    click.echo(f"roles: {', '.join(f'{claim} is {role}' for claim, role in sorted(found.people.items()))}")
    for agency in found.agencies:
        clients = ", ".join(f"{one.client_id} ({one.role or 'no reader'}, {one.state})" for one in agency.clients)
        click.echo(f"{agency.id}: {agency.status}, clients {clients}")
    click.echo(f"signed with {own.kid}; digest {rules.digest(document.payload)}")


@trust.command()
@click.argument("file", type=_file)
@config_option
def apply(file: Path, config: Path | None) -> None:
    """Put a list in force that enough officers signed.

    Example: mash trust apply next-2.json
    """
    data = _read(file)
    done = run(config, lambda gateway: gateway.trust.apply(data, gateway.world.now(), actor=OPERATOR))
    click.echo(f"version {done.list.version} is in force, signed by {', '.join(done.signers)}")


@trust.command()
@click.argument("agency")
@click.option("--hub", required=True, help="The hub's id.")
@click.option("--key", "key_file", required=True, type=_file, help="The officer's private key.")
@_out
def order(agency: str, hub: str, key_file: Path, out: Path) -> None:
    """Sign an order to suspend an agency: one officer is enough. It is good for 24 hours.

    Example: mash trust order police --hub harbour --key head.pem --out order.json
    """
    payload = canonical.dumps({"hub": hub, "agency": agency, "iat": numeric_date(datetime.now(UTC))})
    document = Cosigned(payload=payload, tokens=())
    _write(out, cosigned.render(cosigned.add_signature(document, _key(key_file), typ=rules.SUSPENSION_TYP)))
    click.echo(f"ordered: `mash trust suspend {out.name}` at the hub suspends {agency}")


@trust.command()
@click.argument("file", type=_file)
@config_option
def suspend(file: Path, config: Path | None) -> None:
    """Suspend the agency that an officer's order names, at once.

    Example: mash trust suspend order.json
    """
    data = _read(file)
    agency, post = run(config, lambda gateway: gateway.trust.suspend(data, gateway.world.now()))
    click.echo(f"{agency} is suspended, by order of {post}")


def _row(found: InForce) -> dict[str, object]:
    return {
        "version": found.list.version,
        "digest": found.digest,
        "expires_at": _text(found.list.exp),
        "expired": found.expired,
        "current": found.current,
        "threshold": found.list.threshold,
        "officers": [one.id for one in found.list.officers],
        "agencies": {one.id: one.status for one in found.list.agencies},
    }


def _text(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _officer(file: Path) -> TrustedOfficer:
    try:
        (row,) = tomllib.loads(_read(file).decode("utf-8"))["trust"]["officers"]
        return TrustedOfficer.model_validate(row)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError):
        raise Rejected("trust.officer", "one officer, as `mash trust key` prints it", at="--officer") from None


def _key(file: Path) -> SigningKey:
    data = _read(file)
    kid, _, der = data.partition(b"\n")
    if not kid.startswith(b"officer."):
        raise Rejected("trust.key", "a file that `mash trust key` made", at="--key")
    return load_signing_key(der, kid.decode("ascii", "replace"))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            return source.read(cosigned.SIZE_LIMIT + 1)
    except OSError:
        raise Rejected("trust.file", "the file can't be read", at=file.name) from None


def _write(file: Path, data: bytes) -> None:
    try:
        file.touch(mode=0o600, exist_ok=False)
        file.write_bytes(data)
    except OSError:
        raise Rejected("trust.file", "the file is there already, or can't be written", at=file.name) from None
