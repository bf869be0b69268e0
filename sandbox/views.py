"""How a run is shown in a terminal: its steps with ticks while it plays, everybody's view side by side at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from rich.columns import Columns
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.rule import Rule
from rich.status import Status
from rich.table import Table

from sandbox.borough import PARTNERS, Place
from sandbox.demo import Outcome
from sandbox.identity_provider import User
from sandbox.scenarios.expectation import Expectation, Record

NARROWEST, GAP = 37, 2
LINES_SHOWN = 14
TICK, CROSS = "[green]\N{CHECK MARK}[/]", "[bold red]\N{BALLOT X}[/]"


class Progress:
    """Follows a run: one line for each step, with a tick when all that was expected of it held."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._story = ""
        self._step = ""
        self._checked: list[Expectation] = []

    def __enter__(self) -> Self:
        self._status = self._console.status("Laying out a hub of its own")
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish the last step and take the spinner away."""
        self._finish()
        if self._status is not None:
            self._status.stop()

    def step(self, story: str, text: str) -> None:
        """A new step: the last one is finished."""
        self._finish()
        if story != self._story:
            self._console.print(Rule(escape(story), align="left", style="dim"))
        self._story, self._step = story, text
        if self._status is not None:
            self._status.update(escape(text))

    def expectation(self, story: str, expectation: Expectation) -> None:
        """Something of the step was checked."""
        if story == self._story:
            self._checked.append(expectation)

    def _finish(self) -> None:
        if not self._step:
            return
        failed = [each for each in self._checked if not each.held]
        count = f"[dim]{len(self._checked) - len(failed)} of {len(self._checked)} held[/]"
        self._console.print(f"{CROSS if failed else TICK} {escape(self._step)}  {count}")
        for each in failed:
            self._console.print(f"    {CROSS} {escape(each.text)}")
        self._step, self._checked = "", []


def show(console: Console, outcome: Outcome) -> None:
    """Everybody's view of each story, the five components, and the totals."""
    for record in outcome.records:
        console.print()
        console.print(Rule(f"{escape(record.name)}: what each saw", align="left"))
        beside = max(1, console.width // (NARROWEST + GAP))
        console.print(Columns(_panels(record, console.width // beside - GAP), padding=(0, 1)))
    console.print()
    console.print(_components(outcome.conformance))
    console.print(_totals(outcome))


def show_access(console: Console, place: Place, issuer: str, users: Iterable[User]) -> None:
    """Where the hub listens and who can sign in. The people and their passwords are made for this run."""
    table = Table(title="The hub runs until Ctrl-C", title_justify="left", show_header=False)
    table.add_row("console", f"[bold]{place.console}[/]  open this, and sign in as one of the people below")
    table.add_row("hub", place.url)
    table.add_row("MLLP", f"127.0.0.1:{place.mllp_port}")
    table.add_row("sign-in", issuer)
    console.print(table)
    people = Table("user", "password", "post", title="People", title_justify="left")
    for each in users:
        people.add_row(each.name, each.password, each.title)
    console.print(people)
    console.print(f"[dim]agencies: {', '.join(partner.id for partner in PARTNERS)}[/]")


def show_clicks(console: Console, place: Place, fresh: str) -> None:
    """Where to click: the stories as they ended, and one to play."""
    board = place.board
    console.print("\n[bold]At the console[/]")
    console.print(f"Both stories as they ended: {board}?show=closed")
    console.print(f"One to play yourself, as m.adeyemi: {board}/{fresh}")
    console.print("Rate it, ask the agencies (they answer by themselves), read what they disclose, decide, release.")


def _panels(record: Record, width: int) -> Sequence[Panel]:
    return [
        Panel(_lines(lines), title=escape(viewer), title_align="left", width=width)
        for viewer, lines in sorted(record.sights.items())
    ]


def _lines(lines: Sequence[str]) -> str:
    shown = [escape(line) for line in lines[:LINES_SHOWN]]
    more = len(lines) - len(shown)
    return "\n".join([*shown, *([f"[dim]and {more} more[/]"] if more else [])])


def _components(conformance: object) -> Table:
    table = Table(title="Core components", title_justify="left", show_header=False)
    for one in conformance if isinstance(conformance, list) else ():
        evidence = sum(int(claim["seen"]) for claim in one["claims"])
        mark = TICK if one["holds"] else CROSS
        table.add_row(mark, f"{one['number']}", escape(f"{one['title']}"), f"{evidence} pieces of evidence")
    if not table.rows:
        table.add_row("[dim]the gateway gave no account of them[/]")
    return table


def _totals(outcome: Outcome) -> Table:
    table = Table(title="Totals", title_justify="left", show_header=False)
    for record in (outcome.traffic, *outcome.records):
        held = sum(each.held for each in record.expectations)
        table.add_row(TICK if record.held else CROSS, record.name, f"{held} of {len(record.expectations)} held")
    log = "verified" if outcome.log_verified else "NOT verified"
    table.add_row(TICK if outcome.log_verified else CROSS, "log", f"{outcome.log_entries} entries, {log}")
    table.add_row("", "ran on", f"{outcome.database}, {outcome.broker}, {outcome.seconds:.1f} s")
    return table
