"""Deciding a rule for one customer: whether it holds and until when. Conditions that decide nothing are not looked at.

It tells what ``evaluation`` tells, without the value and the answer of each condition.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from identity_graph.domain.segments.binding import bind_leaf
from identity_graph.domain.segments.leaves import LeafView, find_next
from identity_graph.domain.segments.rule_tree import (
    All,
    AnyOf,
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


class Asked:
    """A rule that is bound to the facts of a customer as far as it is looked at; ``bind`` gives the view of a condition."""

    __slots__ = ("_at", "_bind", "_holds", "_leaf", "_rule", "children")

    def __init__(
        self, rule: Rule, children: tuple["Asked", ...] = (), bind: Callable[[], LeafView] | None = None
    ) -> None:
        self._rule = rule
        self._bind = bind
        self._leaf: LeafView | None = None
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
        if self._leaf is not None:
            return find_next(self._leaf, at, holds=holds)
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
        if self._bind is not None:
            self._leaf = self._leaf or self._bind()
            return self._leaf.look(at).holds
        if isinstance(self._rule, Not):
            return not self.children[0].holds(at)
        answers = (child.holds(at) for child in self.children)
        return any(answers) if isinstance(self._rule, AnyOf) else all(answers)


def ask(rule: Rule, sheet: FactSheet, terms: Terms) -> Asked:
    """Bind a rule."""
    if isinstance(rule, All | AnyOf | Not):
        return Asked(rule, tuple(ask(child, sheet, terms) for child in children_of(rule)))
    return Asked(rule, bind=partial(bind_leaf, rule, sheet, terms))


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
