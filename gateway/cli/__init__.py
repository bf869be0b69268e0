"""The command ``mash``: a group whose commands are imported when they are called, so that each starts quickly.

A command of ours is a row of :data:`COMMANDS`. Others install theirs under the entry point group ``mash.commands``;
they can't replace a row. An error of our families becomes one line on standard error and exit code 1.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import PurePath

import click

from schemas.errors import MashError

GROUP = "mash.commands"
BUG = 70
"""The exit code of an error that is ours (EX_SOFTWARE of sysexits)."""

COMMANDS: Mapping[str, tuple[str, str]] = {
    "adapters": ("gateway.cli.adapters:adapters", "The formats that the gateway reads."),
    "agencies": ("gateway.cli.agencies:agencies", "Who takes part: enrol, list, suspend."),
    "ceremony": ("gateway.cli.ceremony:ceremony", "The master key in officers' hands: share, restore."),
    "config": ("gateway.cli.config:config", "A hub's file: check, stage, apply, roll back."),
    "conformance": ("gateway.cli.conformance:conformance", "The five core components, each with its evidence."),
    "db": ("gateway.cli.db:db", "The database: upgrade, back up, restore."),
    "subject": ("gateway.cli.subject:subject", "Data subjects: what they are told, by two people."),
    "erase": ("gateway.cli.erase:erase", "Erasure of referrals: legal holds, two people, what was done."),
    "evaluate": ("gateway.cli.evaluate:evaluate", "The hub's figures of a period; several hubs side by side."),
    "feeds": ("gateway.cli.feeds:feeds", "What came in, what waits in quarantine, replay."),
    "init": ("gateway.cli.init:init", "A hub of one's own, in a directory."),
    "keys": ("gateway.cli.keys:keys", "The hub's keys: list, rotate, revoke."),
    "linkage": ("gateway.cli.linkage:linkage", "How well people are told apart, and training the weights."),
    "log": ("gateway.cli.log:log", "The tamper-evident log: verify, prove, export."),
    "normalise": ("gateway.cli.normalise:normalise", "Native files to canonical JSON, no gateway running."),
    "persons": ("gateway.cli.persons:persons", "Who is who: why, and merges that wait for a person."),
    "research": ("gateway.cli.research:research", "Patterns of emerging harm: what the hub's numbers would find."),
    "policy": ("gateway.cli.policy:policy", "Who may read what, why, and what a change would change."),
    "serve": ("gateway.cli.serve:serve", "The gateway: HTTP, MLLP, relay."),
    "trust": ("gateway.cli.trust:trust", "The trust list that the hub's officers sign."),
}
"""Each command's name, where it lives as ``module:attribute``, and its line of help."""


class Commands(click.Group):
    """A group that imports a command when it is called and not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click gives it
        """The names of our commands and of those that others installed, in alphabetical order."""
        return sorted({*COMMANDS, *_installed()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click gives it
        """The command of this name, imported now, or None."""
        if cmd_name in COMMANDS:
            module, _, attribute = COMMANDS[cmd_name][0].partition(":")
            ours: click.Command = getattr(import_module(module), attribute)
            return ours
        installed = _installed()
        if cmd_name not in installed:
            return None
        try:
            theirs: click.Command = installed[cmd_name].load()
        except (ImportError, AttributeError):
            return None
        return theirs

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command's line of help; ours are not imported for it."""
        rows = [(name, self._line(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error of our families is told in one line."""
        try:
            return super().invoke(ctx)
        except MashError as error:
            raise click.ClickException(" ".join(str(error).split())) from error

    def _line(self, ctx: click.Context, name: str) -> str:
        if name in COMMANDS:
            return COMMANDS[name][1]
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=100) if command else "(installed, but it can't be loaded)"


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mash-gateway", message="%(prog)s %(version)s")
def mash() -> None:
    """A secure messaging and integration gateway for Multi-Agency Safeguarding Hubs.

    Example: mash normalise --adapter nhs.hl7v2 referral.hl7
    """


def main() -> None:
    """Run ``mash`` and leave the process. A bug is named by its kind and place, without a traceback or a value."""
    try:
        mash(prog_name="mash")
    except Exception as error:  # noqa: BLE001 - the last fence: a bug must not show what it was given
        click.echo(f"Error: internal: {type(error).__name__} {_place(error)}: please report it", err=True)
        sys.exit(BUG)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"at {PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""


def _installed() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP) if entry.name not in COMMANDS}
