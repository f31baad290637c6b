"""Deciding a rule for one customer: whether it holds and until when. Conditions that decide nothing are not looked at.

It tells what ``evaluation`` tells, without the value and the answer of each condition.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Protocol

from identity_graph.domain.segments.binding import bind_leaf, in_audience
from identity_graph.domain.segments.leaves import LeafView, find_next
from identity_graph.domain.segments.rule_tree import (
    All,
    AnyOf,
    Audience,
    Not,
    Rule,
    children_of,
)
from identity_graph.domain.segments.sheet import FactSheet, Terms
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import EARLIEST

MOST_ROUNDS = 20
"""How often it is asked again when an answer is the same after the first moment at which it could change."""


class Decision(NamedTuple):
    """A result without its conditions: whether a rule holds, the next moment at which that changes, and the fault of the rule."""

    holds: bool
    next_at: Instant | None = None
    fault: str | None = None


class Asked(Protocol):
    """A rule that is bound to the facts of a customer as far as it is looked at."""

    def holds(self, at: Instant) -> bool:
        """Tell whether it holds at a moment."""
        ...

    def until(self, at: Instant) -> Instant | None:
        """Tell how long that stays so at least."""
        ...


class AskedCondition:
    """A condition; all rules that ask the same one of a customer share it, and what it answered."""

    __slots__ = ("_answers", "_bind", "_leaf", "_untils")

    def __init__(self, bind: Callable[[], LeafView]) -> None:
        self._bind = bind
        self._leaf: LeafView | None = None
        self._answers: dict[Instant, bool] = {}
        self._untils: dict[Instant, Instant | None] = {}

    def holds(self, at: Instant) -> bool:
        """Tell whether it holds at a moment."""
        found = self._answers.get(at)
        if found is None:
            found = self._answers[at] = self._view().look(at).holds
        return found

    def until(self, at: Instant) -> Instant | None:
        """Tell how long that stays so at least."""
        if at not in self._untils:
            self._untils[at] = find_next(self._view(), at, holds=self.holds(at))
        return self._untils[at]

    def _view(self) -> LeafView:
        if self._leaf is None:
            self._leaf = self._bind()
        return self._leaf


class AskedTree:
    """Conditions that are joined; those that decide nothing are not looked at."""

    __slots__ = ("_at", "_holds", "_rule", "children")

    def __init__(self, rule: All | AnyOf | Not, children: tuple[Asked, ...]) -> None:
        self._rule = rule
        self._at: Instant | None = None
        self._holds = False
        self.children = children

    def holds(self, at: Instant) -> bool:
        """Tell whether it holds at a moment."""
        if self._at != at:
            self._at, self._holds = at, self._look(at)
        return self._holds

    def until(self, at: Instant) -> Instant | None:
        """Tell how long that stays so at least."""
        holds = self.holds(at)
        if isinstance(self._rule, Not):
            return self.children[0].until(at)
        decides = isinstance(self._rule, AnyOf)
        if holds is not decides:
            return min((until for child in self.children if (until := child.until(at)) is not None), default=None)
        last: Instant = EARLIEST
        for child in self.children:
            if child.holds(at) is decides:
                until = child.until(at)
                if until is None:
                    return None
                last = max(last, until)
        return last

    def _look(self, at: Instant) -> bool:
        if isinstance(self._rule, Not):
            return not self.children[0].holds(at)
        answers = (child.holds(at) for child in self.children)
        return any(answers) if isinstance(self._rule, AnyOf) else all(answers)


class Plan(NamedTuple):
    """A rule with the text of each condition: two conditions are the same when their texts are, down to the types of values."""

    rule: Rule
    text: str
    children: tuple["Plan", ...] = ()


def plan(rule: Rule) -> Plan:
    """Prepare a rule to be asked of any number of customers."""
    if isinstance(rule, All | AnyOf | Not):
        return Plan(rule, "", tuple(plan(child) for child in children_of(rule)))
    return Plan(rule, repr(rule))


def ask(asked: Plan, sheet: FactSheet, terms: Terms) -> Asked:
    """Bind a rule."""
    rule, text, children = asked
    if isinstance(rule, All | AnyOf | Not):
        return AskedTree(rule, tuple(ask(child, sheet, terms) for child in children))
    return sheet.share(terms, text, lambda: AskedCondition(partial(bind_leaf, rule, sheet, terms)))


def ask_audience(audience: Audience, sheet: FactSheet, terms: Terms) -> Asked:
    """Bind the question whether a customer is one of the audience."""
    return sheet.share(
        terms, f"audience {audience}", lambda: AskedCondition(partial(in_audience, audience, sheet, terms))
    )


def follow(root: Asked, now: Instant) -> Decision:
    """Decide now, and at each moment at which the answer could change, until it does."""
    holds, until = root.holds(now), root.until(now)
    for _ in range(MOST_ROUNDS):
        if until is None:
            break
        if root.holds(until) is not holds:
            return Decision(holds, until)
        until = root.until(until)
    return Decision(holds, until)
