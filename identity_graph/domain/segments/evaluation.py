"""Evaluating a rule for one customer: whether it holds, why, and when that changes with time alone.

The answer is a function of the rule, the facts of the customer, the terms and the moment. Nothing else has an influence, and
the order in which facts became known has none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from identity_graph.domain.segments.binding import ANYBODY, bind_leaf, in_audience
from identity_graph.domain.segments.checking import find_faults
from identity_graph.domain.segments.deciding import (
    MOST_ROUNDS,
    Asked,
    AskedTree,
    Decision,
    ask,
    ask_audience,
    follow,
    plan,
)
from identity_graph.domain.segments.leaves import LeafView, find_next
from identity_graph.domain.segments.rule_tree import (
    All,
    AnyOf,
    Audience,
    Not,
    Rule,
    children_of,
)
from identity_graph.domain.segments.sentences import say_condition
from identity_graph.domain.segments.sheet import FactSheet, Terms
from identity_graph.domain.values.observations import Instant


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """Whether a condition holds, with the value that it compares, and until when that stays so if no fact changes."""

    rule: Rule
    holds: bool
    actual: Any
    children: tuple["ConditionResult", ...]
    until: Instant | None

    def sentence(self, terms: Terms, language: str = "en") -> str:
        """Say what the condition means."""
        return say_condition(self.rule, terms, language)


class Result(NamedTuple):
    """Whether a rule holds, and the next moment at which that changes if no fact does; None when it never does.

    With a ``fault``, the rule cannot be evaluated under these terms: then nobody is in, whatever it says. ``condition`` is the
    rule alone; who is not ``in_audience`` is not in, whatever it gives.
    """

    holds: bool
    next_at: Instant | None
    condition: ConditionResult
    fault: str | None = None
    in_audience: bool = True


class Judge:
    """A rule, and among whom it is asked, under terms; checked once, for any number of customers."""

    def __init__(self, rule: Rule, terms: Terms, audience: Audience = Audience.ALL) -> None:
        self._rule = rule
        self._plan = plan(rule)
        self._terms = terms
        self._audience = audience
        self.fault = "; ".join(finding.text for finding in find_faults(rule, terms)) or None

    def judge(self, sheet: FactSheet, now: Instant) -> Result:
        """Evaluate the rule for a customer, at a moment."""
        if self.fault is not None:
            unknown = ConditionResult(self._rule, holds=False, actual=None, children=(), until=None)
            return Result(holds=False, next_at=None, condition=unknown, fault=self.fault)
        audience = _Bound(ANYBODY, in_audience(self._audience, sheet, self._terms), ())
        return _follow(_Bound(ANYBODY, None, (audience, _bind(self._rule, sheet, self._terms))), now)

    def decide(self, sheet: FactSheet, now: Instant) -> Decision:
        """Tell of a customer what ``judge`` tells, apart from the conditions; those that decide nothing are not looked at."""
        if self.fault is not None:
            return Decision(holds=False, fault=self.fault)
        return follow(self._ask(sheet), now)

    def holds(self, sheet: FactSheet, now: Instant) -> bool:
        """Tell whether the rule holds, and nothing else."""
        return self.fault is None and self._ask(sheet).holds(now)

    def _ask(self, sheet: FactSheet) -> Asked:
        audience = ask_audience(self._audience, sheet, self._terms)
        return AskedTree(ANYBODY, (audience, ask(self._plan, sheet, self._terms)))


def evaluate(rule: Rule, sheet: FactSheet, now: Instant, terms: Terms, audience: Audience = Audience.ALL) -> Result:
    """Evaluate a rule for one customer, at a moment."""
    return Judge(rule, terms, audience).judge(sheet, now)


def is_member(result: Result | Decision, pinned: bool | None = None) -> bool:
    """Tell who is in: a pin outranks the rule, in both directions and also while the rule has a fault."""
    return result.holds if pinned is None else pinned


class _Bound(NamedTuple):
    """A rule whose conditions are bound to the facts of a customer."""

    rule: Rule
    leaf: LeafView | None
    children: Sequence["_Bound"]


def _bind(rule: Rule, sheet: FactSheet, terms: Terms) -> _Bound:
    if isinstance(rule, All | AnyOf | Not):
        return _Bound(rule, None, [_bind(child, sheet, terms) for child in children_of(rule)])
    return _Bound(rule, bind_leaf(rule, sheet, terms), ())


def _look(bound: _Bound, now: Instant) -> ConditionResult:
    if bound.leaf is not None:
        holds, actual = bound.leaf.look(now)
        return ConditionResult(bound.rule, holds, actual, (), find_next(bound.leaf, now, holds=holds))
    children = tuple(_look(child, now) for child in bound.children)
    if isinstance(bound.rule, Not):
        return ConditionResult(bound.rule, not children[0].holds, None, children, children[0].until)
    decides = isinstance(bound.rule, AnyOf)
    holds = any(child.holds for child in children) if decides else all(child.holds for child in children)
    return ConditionResult(bound.rule, holds, None, children, _until(children, decides=decides, holds=holds))


def _until(children: Iterable[ConditionResult], *, decides: bool, holds: bool) -> Instant | None:
    """Tell how long the answer stays at least.

    If one child decides the answer, it stays as long as any of those that decide it; otherwise until the first one turns.
    """
    if holds is decides:
        deciding = [child.until for child in children if child.holds is decides]
        return None if None in deciding else max(until for until in deciding if until is not None)
    return min((child.until for child in children if child.until is not None), default=None)


def _follow(root: _Bound, now: Instant) -> Result:
    """Evaluate now, and at each moment at which the answer could change, until it does."""
    first = result = _look(root, now)
    asked, condition = first.children
    for _ in range(MOST_ROUNDS):
        if result.until is None:
            break
        at = result.until
        result = _look(root, at)
        if result.holds is not first.holds:
            return Result(first.holds, at, condition, in_audience=asked.holds)
    return Result(first.holds, result.until, condition, in_audience=asked.holds)
