"""What it must show is judged by the figures, and by nothing else."""

from benchmarks.measuring import Figure, Row
from benchmarks.targets import Target, judged


def row(name: str, value: float, bound: float | None = None) -> Row:
    beside = None if bound is None else Figure(runs=(bound,))
    return Row(name=name, unit="messages/s", figure=Figure(runs=(value,)), bound=beside)


def test_a_ratio_at_its_limit_holds_and_below_it_does_not() -> None:
    target = Target(row="intake", of="ratio_to_bound", least=0.5)
    assert target.judge({"intake": row("intake", 50, 100)}).held is True
    assert target.judge({"intake": row("intake", 49, 100)}).held is False


def test_a_value_may_be_at_most_so_much() -> None:
    target = Target(row="start", of="value", most=2, unit="s")
    assert target.judge({"start": row("start", 2)}).held is True
    assert target.judge({"start": row("start", 2.1)}).held is False


def test_what_was_not_measured_is_neither_held_nor_not() -> None:
    assert {one.held for one in judged([])} == {None}
    target = Target(row="intake", of="ratio_to_bound", least=0.5)
    assert target.judge({"intake": row("intake", 50)}).held is None


def test_no_target_is_asked_twice() -> None:
    asked = [(one.name, one.target) for one in judged([])]
    assert len(set(asked)) == len(asked)
