"""The evaluator says what a plain reading of the facts says, and when it will say something else."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.segments.evaluation import evaluate
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import Audience
from identity_graph.domain.segments.sheet import FactSheet, Terms
from tests.properties import examples
from tests.worlds.segment_reference import is_in
from tests.worlds.segment_rules import written_rules
from tests.worlds.segment_sheets import DAY, HOUR, any_terms, sheets, times

FAR = 3 * 366 * DAY


@examples(80)
@given(data=st.data())
def test_the_evaluator_agrees_with_a_plain_reading_at_every_moment(data: st.DataObject) -> None:
    base = data.draw(times())
    rule, sheet, terms = data.draw(written_rules(base)), data.draw(sheets(base)), data.draw(any_terms)
    known_only = data.draw(st.booleans())
    steps = data.draw(st.lists(st.integers(-20, 20), min_size=4, max_size=4, unique=True))
    for step in steps:
        for part in parts_of(rule):
            agree(part, sheet, terms, base + step * 6 * HOUR + data.draw(st.integers(-1, 1)), known_only=known_only)


def parts_of(rule: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a rule and all rules inside."""
    yield rule
    ((word, said),) = rule.items()
    if word in {"all", "any", "not"}:
        for one in [said] if word == "not" else said:
            yield from parts_of(one)


def agree(rule: dict[str, Any], sheet: FactSheet, terms: Terms, now: int, *, known_only: bool) -> None:
    audience = Audience.KNOWN if known_only else Audience.ALL
    parsed = read_rule(rule)

    def reference(at: int) -> bool:
        return is_in(rule, sheet, at, terms, known_only=known_only)

    result = evaluate(parsed, sheet, now, terms, audience)
    assert result.fault is None
    assert result.holds == reference(now)
    end = now + FAR if result.next_at is None else result.next_at
    assert end > now
    grid = now - now % (6 * HOUR)
    steady = {now + 1, end - 1, (now + end) // 2, *(grid + number * 12 * HOUR for number in range(1, 40, 3))}
    for at in sorted(steady):
        if now < at < end:
            assert reference(at) == result.holds, at
    if result.next_at is not None:
        assert reference(result.next_at) != result.holds
        assert evaluate(parsed, sheet, result.next_at, terms, audience).holds != result.holds
