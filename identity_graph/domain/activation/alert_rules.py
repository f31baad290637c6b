"""Alert rules: which events somebody wants to hear of at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from identity_graph.domain.activation.quiet_hours import QuietHours
from identity_graph.domain.profiles.computing import find_property
from identity_graph.domain.segments.comparing import Kind, Test
from identity_graph.domain.segments.rule_tree import PropertyRule
from identity_graph.domain.values.observations import Instant

ANY_EVENT = "*"
"""The name that stands for every event; only a rule for those who come back has it."""

FRESH: Instant = 86_400_000_000
"""Only of events of the last day is anybody told: an import of old ones is no news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """A rule: an event of a name, and what else must hold.

    ``where`` is about its properties, ``order_above`` about the total of the order that it tells of. ``back_after``: the
    customer was not seen for so long before. ``segment``: the customer is in it. Within ``repeat_after`` there is one alert
    for a customer. Times are in microseconds.
    """

    id: str
    name: str
    event: str
    where: tuple[PropertyRule, ...] = ()
    order_above: Decimal | None = None
    back_after: Instant | None = None
    segment: str | None = None
    repeat_after: Instant = 0
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """What is known of an event: its properties, the orders of which it tells, and its customer.

    ``seen_before`` is when the customer was last seen before it, None for never; ``segments`` are those the customer is in.
    """

    name: str
    at: Instant
    properties: Mapping[str, Any]
    customer_id: str | None = None
    order_totals: tuple[Decimal, ...] = ()
    seen_before: Instant | None = None
    segments: frozenset[str] = frozenset()


def matches(rule: AlertRule, facts: AlertFacts, zone: tzinfo, now: Instant) -> bool:
    """Tell whether somebody is to hear of an event."""
    return (
        rule.event in (ANY_EVENT, facts.name)
        and now - facts.at <= FRESH
        and _has_properties(rule, facts, zone)
        and (rule.order_above is None or any(total > rule.order_above for total in facts.order_totals))
        and _is_back(rule, facts)
        and (rule.segment is None or rule.segment in facts.segments)
    )


def is_repeat(rule: AlertRule, last_at: Instant | None, at: Instant) -> bool:
    """Tell whether an alert of a customer follows the one before too soon."""
    return last_at is not None and at - last_at < rule.repeat_after


def _has_properties(rule: AlertRule, facts: AlertFacts, zone: tzinfo) -> bool:
    return all(
        Test(one.op, one.value, Kind.EITHER, zone).holds(find_property(facts.properties, one.name), facts.at)
        for one in rule.where
    )


def _is_back(rule: AlertRule, facts: AlertFacts) -> bool:
    if rule.back_after is None:
        return True
    return facts.seen_before is not None and facts.at - facts.seen_before >= rule.back_after
