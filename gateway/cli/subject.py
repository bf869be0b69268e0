"""``mash subject``: what a data subject is told of what is held on them, by two people."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.bootstrap import Gateway
from gateway.cli.opened import config_option
from gateway.cli.replays import actor_of
from gateway.cli.working import working
from gateway.subjects.printed import printed
from gateway.whole_file import whole_file
from schemas.errors import Conflict

_operator = click.option("--operator", required=True, help="Your own name for the log, such as e.sandhu.")
_person = click.option("--person", required=True, metavar="ID", help="The person, such as per_...")


@click.group()
def subject() -> None:
    """Data subjects.

    Example: mash subject ask --person per_... --operator e.sandhu
    """


@subject.command()
@_person
@click.option("--leave-out", multiple=True, metavar="REFERRAL", help="A referral that the law allows not to tell of.")
@_operator
@config_option
def ask(person: str, leave_out: tuple[str, ...], operator: str, config: Path | None) -> None:
    """Record that a person asks what is held on them. What is left out leaves no trace in the answer.

    Example: mash subject ask --person per_... --leave-out ref_... --operator e.sandhu
    """

    async def asked(gateway: Gateway) -> str:
        made = await gateway.access.ask(person, leave_out, actor=actor_of(operator))
        await gateway.log.sequence()
        return made.id

    click.echo(f"Somebody else approves it: mash subject approve {working(config, asked)} --operator NAME")


@subject.command()
@click.argument("request")
@_operator
@config_option
def approve(request: str, operator: str, config: Path | None) -> None:
    """Approve an answer as somebody else asked for it.

    Example: mash subject approve acc_... --operator k.moss
    """

    async def approved(gateway: Gateway) -> None:
        await gateway.access.approve(request, actor=actor_of(operator))
        await gateway.log.sequence()

    working(config, approved)
    click.echo("Approved.")


@subject.command()
@_person
@click.option("--print", "to_print", is_flag=True, help="A page to print, instead of JSON.")
@click.option("--replace", is_flag=True, help="Write over a file of that name.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_operator
@config_option
def export(person: str, file: Path, operator: str, config: Path | None, *, to_print: bool, replace: bool) -> None:
    """Write what the person may be told, by the request that was approved last, for its owner's eyes alone.

    Example: mash subject export --person per_... answer.json --operator e.sandhu
    """
    if file.exists() and not replace:
        raise Conflict("export.exists", "choose another name, or say --replace", at="FILE")

    async def exported(gateway: Gateway) -> str:
        name = await gateway.access.latest(person)
        document = await gateway.access.export(name, actor=actor_of(operator))
        await gateway.log.sequence()
        return printed(document) if to_print else document.model_dump_json(indent=2) + "\n"

    text = working(config, exported)
    with whole_file(file) as opened:
        opened.write(text.encode())
    click.echo(f"{file} holds what the person may be told.")
