"""The evaluator says what a plain reading of the facts says, and when it will say something else."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given

from identity_graph.domain.segments.evaluation import Judge, evaluate
from identity_graph.domain.segments.reading import read_rule
from tests.properties import examples
from tests.worlds.segment_reference import is_in
from tests.worlds.segment_sheets import DAY, HOUR
from tests.worlds.segment_worlds import SegmentWorld, segment_worlds

FAR = 3 * 366 * DAY


@examples(60)
@given(world=segment_worlds())
def test_the_evaluator_agrees_with_a_plain_reading_at_every_moment(world: SegmentWorld) -> None:
    for now in world.moments:
        for part in (part for rule in world.rules for part in parts_of(rule)):
            agree(part, world, now)


def parts_of(rule: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a rule and all rules inside."""
    yield rule
    ((word, said),) = rule.items()
    if word in {"all", "any", "not"}:
        for one in [said] if word == "not" else said:
            yield from parts_of(one)


def agree(rule: dict[str, Any], world: SegmentWorld, now: int) -> None:
    parsed = read_rule(rule)

    def reference(at: int) -> bool:
        return is_in(rule, world.sheet, at, world.terms, known_only=world.known_only)

    result = evaluate(parsed, world.sheet, now, world.terms, world.audience)
    assert result.fault is None
    assert result.holds == reference(now)
    judge = Judge(parsed, world.terms, world.audience)
    assert judge.holds(world.sheet, now) == result.holds
    assert judge.decide(world.sheet, now) == (result.holds, result.next_at, None)
    end = now + FAR if result.next_at is None else result.next_at
    assert end > now
    grid = now - now % (6 * HOUR)
    steady = {now + 1, end - 1, (now + end) // 2, *(grid + number * 12 * HOUR for number in range(1, 40, 3))}
    for at in sorted(steady):
        if now < at < end:
            assert reference(at) == result.holds, at
    if result.next_at is not None:
        assert reference(result.next_at) != result.holds
        assert evaluate(parsed, world.sheet, result.next_at, world.terms, world.audience).holds != result.holds
