"""``mash linkage``: how good linkage is, and training its weights. On made-up people alone; no hub is opened."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.opened import json_option
from gateway.linkage import evaluating, febrl
from gateway.linkage.splink_peer import Peer
from routing.linkage_model import read, shipped
from schemas.errors import Unavailable

_PRECISION, _RECALL, _REFERRAL = 0.999, 0.98, 0.02


@click.group()
def linkage() -> None:
    """Who is who: how well the hub tells, and the weights that it tells by.

    Example: mash linkage evaluate --persons 20000
    """


@linkage.command()
@click.option("--persons", default=100_000, show_default=True, type=click.IntRange(min=500), help="of the borough")
@click.option("--seed", default=2, show_default=True, help="of the borough; the weights were trained on another")
@click.option("--weights", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="other weights to try")
@click.option("--peer/--no-peer", default=True, show_default=True, help="Splink beside it, where it is installed")
@json_option
def evaluate(persons: int, seed: int, weights: Path | None, *, peer: bool, as_json: bool) -> None:
    """Decide on FEBRL's pairs and on a generated borough, one by one, and tell how many were right.

    Exits with 1 where precision, recall or the share that goes to a person misses its bound, or FEBRL's F1 is below
    Splink's in the same run.

    Example: mash linkage evaluate --json
    """
    model = read(weights.read_text(encoding="utf-8")) if weights else shipped()
    found: dict[str, dict[str, object]] = {}
    held = True
    if febrl.there():
        ours = evaluating.on_febrl(model)
        theirs = _beside(evaluating.peer_on_febrl) if peer else None
        found["febrl4"] = {"mash": ours.document(), "splink": theirs.document() if theirs else None}
        held = theirs is None or ours.f1 >= theirs.f1
    town = evaluating.town(persons=persons, seed=seed)
    ours = evaluating.on_borough(model, town)
    theirs = _beside(lambda: evaluating.peer_on_borough(town)) if peer else None
    found["borough"] = {"mash": ours.document(), "splink": theirs.document() if theirs else None}
    held = held and ours.precision >= _PRECISION and ours.recall >= _RECALL and ours.referral <= _REFERRAL
    if as_json:
        click.echo(json.dumps({"held": held, "weights": model.version, **found}))
    else:
        for name, sides in found.items():
            for who, figures in sides.items():
                click.echo(f"{name}, {who}: {_sentence(figures)}")
        click.echo("Every bound held." if held else "A bound was missed.")
    if not held:
        raise SystemExit(1)


@linkage.command()
@click.option("--persons", default=40_000, show_default=True, type=click.IntRange(min=1000), help="of the borough")
@click.option("--seed", default=7, show_default=True)
@click.option("--pairs", default=2_000_000, show_default=True, help="random pairs that are compared")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def train(persons: int, seed: int, pairs: int, target: Path) -> None:
    """Train the weights with Splink on a generated borough, and write them to TARGET. Needs the group ``linkage``.

    Example: mash linkage train routing/linkage_weights.toml
    """
    from gateway.linkage import training  # noqa: PLC0415 - it needs what is seldom installed

    text = training.written(training.train(persons=persons, seed=seed, pairs=pairs))
    read(text)
    target.write_text(text, encoding="utf-8")
    click.echo(f"Weights written to {target}.")


def _beside(measure: object) -> Peer | None:
    try:
        return measure()  # type: ignore[operator,no-any-return]
    except Unavailable:
        return None


def _sentence(figures: object) -> str:
    if not isinstance(figures, dict):
        return "not installed"
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items())
