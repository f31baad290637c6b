"""Reading a rule from plain values, as GraphQL and YAML give them."""

from collections.abc import Callable
from typing import Any, cast

from identity_graph.domain.segments.condition_reading import (
    read_channel,
    read_consent,
    read_event,
    read_known,
    read_metric,
    read_orders,
    read_permitted,
    read_sequence,
    read_share,
    read_text_condition,
    read_trait,
)
from identity_graph.domain.segments.fields import Fields, Finding
from identity_graph.domain.segments.rule_tree import All, AnyOf, IdentifierRule, JoinedRule, Not, Rule, SegmentRule
from identity_graph.errors import SegmentError

DEEPEST = 12
"""Levels of ``all``, ``any`` and ``not`` that a rule may have."""

MOST_CONDITIONS = 200
"""Conditions that a rule may have."""

MOST_TOLD = 100
"""Problems of a rule that are told at once."""

_NOTHING = All(())

_LEAVES: dict[str, Callable[[Fields, str], Rule]] = {
    "trait": read_trait,
    "metric": read_metric,
    "did": read_event,
    "sequence": read_sequence,
    "ordered": read_orders,
    "hasIdentifier": lambda fields, key: IdentifierRule(read_text_condition(fields, key, "a namespace")),
    "joinedBy": lambda fields, key: JoinedRule(read_text_condition(fields, key, "a namespace")),
    "inSegment": lambda fields, key: SegmentRule(read_text_condition(fields, key, "the id of a segment")),
    "seenOn": read_channel,
    "consent": read_consent,
    "permitted": read_permitted,
    "knownFor": read_known,
    "share": read_share,
}
CONDITIONS = ("all", "any", "not", *_LEAVES)
"""The names of all conditions."""


def read_rule(value: object) -> Rule:
    """Read a rule from a mapping.

    Raises:
        SegmentError: it is no rule; the message names every problem with its place.
    """
    found: list[Finding] = []
    rule = find_rule(value, found)
    raise_if_any(found)
    return rule


def raise_if_any(found: list[Finding]) -> None:
    """Raise what is wrong with a rule.

    Raises:
        SegmentError: one line for each problem; the fact ``problems`` is the list of them. Of very many the first are told.
    """
    if found:
        problems = [finding.text for finding in found[:MOST_TOLD]]
        if len(found) > MOST_TOLD:
            problems.append(f"and {len(found) - MOST_TOLD:,} more problems")
        raise SegmentError("\n".join(problems), problems=problems)


def find_rule(value: object, found: list[Finding], path: str = "") -> Rule:
    """Read a rule, and note what is wrong; once a problem is noted, what comes back is of no use."""
    return _Reader(found).read(value, path, 1)


class _Reader:
    """Goes through the levels of a rule, and counts its conditions."""

    def __init__(self, found: list[Finding]) -> None:
        self._found = found
        self._conditions = 0

    def read(self, value: object, path: str, level: int) -> Rule:
        if level > DEEPEST:
            return self._fail(path, f"is more than {DEEPEST} levels deep; make a part of it a segment of its own")
        fields = Fields(self._found, value, path, CONDITIONS)
        named = [key for key in CONDITIONS if key in fields]
        if len(named) != 1:
            if isinstance(value, dict):
                said = f"got {' and '.join(named)}; join several by all or any" if named else "got none"
                self._found.append(Finding(path, f"expected exactly one of {', '.join(CONDITIONS)}, {said}"))
            return _NOTHING
        key = named[0]
        if key in _LEAVES:
            self._conditions += 1
            if self._conditions > MOST_CONDITIONS:
                return self._fail("", f"has more than {MOST_CONDITIONS} conditions; make parts of it segments")
            return _LEAVES[key](fields, key)
        if key == "not":
            return Not(self.read(fields[key], fields.at(key), level + 1))
        items = cast("Any", fields[key])
        if not isinstance(items, list | tuple) or not items:
            fields.reject(key, "a list of at least one condition")
            return _NOTHING
        if len(cast("list[object]", items)) > MOST_CONDITIONS:
            return self._fail(fields.at(key), f"has more than {MOST_CONDITIONS} conditions; make parts of it segments")
        rules = tuple(
            self.read(item, f"{fields.at(key)}[{index}]", level + 1)
            for index, item in enumerate(cast("list[object]", items))
        )
        return All(rules) if key == "all" else AnyOf(rules)

    def _fail(self, path: str, problem: str) -> Rule:
        finding = Finding(path, problem)
        if finding not in self._found:
            self._found.append(finding)
        return _NOTHING
