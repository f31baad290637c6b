"""Conditions on events as Cypher.

Properties are JSON text, which Cypher does not read. It tells who has an event that cannot match, since the text does not hold
the name of a property or the value that it must have; who has others is unsure.
"""

import re
import string
from typing import Any, NamedTuple

from identity_graph.domain.segments.rule_tree import (
    AT_LEAST_ONCE,
    ChannelRule,
    EventRule,
    Occurrence,
    Operator,
    PropertyRule,
    SequenceRule,
    Timing,
)
from identity_graph.store.segments.compiling_asked import Asked, Range, range_of
from identity_graph.store.segments.compiling_bounds import (
    FALSE,
    TRUE,
    Bounds,
    all_of,
    both,
    count_between,
    exactly,
    how_many,
    is_there,
    no,
)
from identity_graph.store.segments.compiling_texts import BLANKS, spell, spell_key

EVENTS = "(c)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(s:Session)<-[:IN]-(e:Event)"
_NAME = "CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END"
_PROPERTIES = "coalesce(e.properties, '')"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]+")


class _Matching(NamedTuple):
    """Which events may match, and which do for sure."""

    possible: str
    certain: str


def compile_events(rule: EventRule, asked: Asked) -> Bounds:
    """Say how often events happened, or what they come to."""
    matching = _matching(rule, range_of(rule.timing, asked), asked)
    if rule.measure is None and rule.pick is Occurrence.ANY:
        count = rule.count or AT_LEAST_ONCE
        if count == AT_LEAST_ONCE:
            return Bounds(is_there(EVENTS, matching.possible), is_there(EVENTS, matching.certain))
        possible, certain = how_many(EVENTS, matching.possible), how_many(EVENTS, matching.certain)
        return count_between(possible, certain, count.op, count.value, asked.given)
    return answered_by_facts(is_there(EVENTS, matching.possible), holds_of_nothing=asked.holds_of_nothing(rule))


def compile_sequence(rule: SequenceRule, asked: Asked) -> Bounds:
    """Say who has an event for each step; whether some choice of them fits is for the evaluator.

    Whoever has a first event after which nothing else has to come, and nothing at all of what must not come, is in for sure.
    """
    ranges = [range_of(step.timing, asked) for step in rule.steps]
    if rule.without is not None:
        ranges[0] = ranges[0].until(asked.now - rule.within.micros + 1)
    steps = [_matching(step, when, asked) for step, when in zip(rule.steps, ranges, strict=True)]
    shared = [_has(name, asked) for name in rule.same]
    upper = both(*(is_there(EVENTS, step.possible, *shared) for step in steps))
    if len(steps) > 1 or rule.steps[0].pick is not Occurrence.ANY:
        return Bounds(upper, FALSE)
    begun = is_there(EVENTS, steps[0].certain, *(_surely_says(name, asked) for name in rule.same))
    if rule.without is None:
        return Bounds(upper, begun)
    barred = _matching(rule.without, Range(ranges[0].start, asked.now + 1), asked).possible
    return Bounds(upper, both(begun, no(is_there(EVENTS, barred))))


def compile_channel(rule: ChannelRule, asked: Asked) -> Bounds:
    """Say who was seen on a channel."""
    when = range_of(Timing(within=rule.within), asked)
    return exactly(is_there(EVENTS, in_time(when, asked), f"e.channel = {asked.given(rule.channel.value)}"))


def answered_by_facts(has_facts: str, *, holds_of_nothing: bool) -> Bounds:
    """Make the bounds of a condition that Cypher cannot decide for those who have facts: the others answer as nobody does."""
    return Bounds(TRUE, no(has_facts)) if holds_of_nothing else Bounds(has_facts, FALSE)


def in_time(when: Range, asked: Asked) -> str:
    """Ask whether an event lies in a range; its visit tells most that do not."""
    given = asked.given
    seen = f"s.started_at < {given.moment(when.end)} AND s.ended_at >= {given.moment(when.start)}"
    return both(seen, when.holds("e.occurred_at", asked))


def of_names(names: Any, asked: Asked) -> str:
    """Ask whether an event has one of some names."""
    return f"{_NAME} IN {asked.given(sorted(names))}"


def _matching(rule: EventRule, when: Range, asked: Asked) -> _Matching:
    plain = both(
        in_time(when, asked),
        f"{_NAME} = {asked.given(rule.event)}",
        TRUE if rule.channel is None else f"e.channel = {asked.given(rule.channel.value)}",
    )
    where = all_of(_property(one, asked) for one in rule.where)
    return _Matching(both(plain, where.upper), both(plain, where.lower))


def _property(rule: PropertyRule, asked: Asked) -> Bounds:
    has = _has(rule.name, asked)
    if rule.op in {Operator.NE, Operator.NOT_IN}:
        return Bounds(TRUE, no(has))
    operands = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    is_text = all(isinstance(one, str) for one in operands)
    if not is_text or rule.op not in {Operator.EQ, Operator.IN}:
        return Bounds(has, FALSE)
    texts = sorted({spelling for one in operands for spelling in spell(one)})
    return Bounds(both(has, f"any(one IN {asked.given(texts)} WHERE {_PROPERTIES} CONTAINS one)"), FALSE)


def _has(path: str, asked: Asked) -> str:
    """Ask whether the text of properties names one, or the first part of its path."""
    names = sorted(spell_key(path) | spell_key(path.partition(".")[0]))
    return f"any(one IN {asked.given(names)} WHERE {_PROPERTIES} CONTAINS one)"


def _surely_says(path: str, asked: Asked) -> str:
    """Ask whether properties surely hold a number or a text that is not blank, of those before the first that nests."""
    if _PLAIN_NAME.fullmatch(path) is None:
        return FALSE
    outer = f"',' + coalesce(split({_PROPERTIES}, '{{')[1], '')"
    head = asked.given(f',"{path}":')
    # A text that begins with an escape may be a blank.
    unsure = asked.given(["", *BLANKS, chr(34), chr(92)])
    said = f"split({outer}, {head})[1]"
    is_text = f"left({said}, 1) = '{chr(34)}' AND NOT substring({said}, 1, 1) IN {unsure}"
    return f"left({said}, 1) IN {asked.given([*string.digits])} OR {is_text}"
