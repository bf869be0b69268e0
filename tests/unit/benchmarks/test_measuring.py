"""How figures are taken and written."""

from benchmarks.measuring import Figure, Row, in_turn, turns


def test_each_round_begins_with_another_subject() -> None:
    assert turns(["a", "b", "c"], 3) == ["a", "b", "c", "b", "c", "a", "c", "a", "b"]


async def test_the_first_run_of_each_is_not_counted() -> None:
    numbers = iter(range(100))

    async def run() -> int:
        return next(numbers)

    assert await in_turn({"a": run, "b": run}, runs=2) == {"a": [2, 5], "b": [3, 4]}


def test_a_row_is_written_with_its_medians_ratios_and_spread() -> None:
    row = Row(
        name="intake",
        unit="messages/s",
        figure=Figure(runs=(90, 100, 250)),
        bound=Figure(runs=(190, 200, 210)),
        peer=Figure(runs=(40, 50, 60)),
    )
    told = row.json()
    assert (told["value"], told["bound"], told["peer"]) == (100, 200, 50)
    assert (told["ratio_to_bound"], told["ratio_to_peer"]) == (0.5, 2)
    assert (told["lowest"], told["highest"], told["runs"]) == (90, 250, 3)
