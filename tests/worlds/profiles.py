"""What profiles are, from the raw messages and by the definition alone: slow, plain, and with no code of the product."""

import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.trait_types import TraitType
from identity_graph.domain.profiles.trait_values import fit
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event, Instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

POLICIES = """
time_zone: ZONE
traits:
  plain: {type: text}
  oldest: {policy: oldest}
  trusted: {policy: source_priority, sources: [crm, web]}
  count: {policy: count}
  sum: {type: decimal, policy: sum}
  mean: {type: integer, policy: mean}
  min: {type: decimal, policy: min}
  max: {type: date, policy: max}
  latest: {type: moment, policy: max}
  first: {policy: first}
  last: {type: integer, policy: last}
  most: {policy: most_frequent}
  top: {policy: top, size: 2}
  union: {policy: union}
  distinct: {policy: distinct_count}
  days: {policy: active_days}
"""
"""A catalogue with a trait of each policy."""

NAMES = [line.split(":")[0].strip() for line in POLICIES.splitlines() if line.startswith("  ")] + ["undeclared"]
VALUES: list[Any] = [None, None, 1, 2, 2.5, 0.1, "2", "x", "2026-01-01", "2026-02-01", ["x", "y"], ["y", 1], True, {}]


class Told(NamedTuple):
    """What an event says of a trait."""

    order: tuple[Instant, str, str]
    owner: str
    value: Any


class Value(NamedTuple):
    """A trait of a customer: its value as JSON, and the claim that it is told to be of."""

    value: str
    order: tuple[Instant, str, str]
    owner: str


def random_traits(number: int) -> dict[str, Any]:
    """Make the traits of an event, some of which delete, and some of which are of another type."""
    rng = random.Random(number)
    return {name: rng.choice(VALUES) for name in rng.sample(NAMES, rng.choice([0, 2, 5]))}


def told_by(events: Iterable[Event], rules: RuleSet) -> dict[str, list[Told]]:
    """List what events say of each trait."""
    told: dict[str, list[Told]] = {}
    for event in {event.id: event for event in events}.values():
        if event.identifiers:
            ranked = sorted(event.identifiers, key=lambda i: (rules.get_namespace(i.namespace).rank, i.key))
            for name, value in event.traits.items():
                order = (event.occurred_at, event.source, event.message_id)
                told.setdefault(name, []).append(Told(order, ranked[0].key, value))
    return told


def reference_traits(
    events: Iterable[Event], customers: Mapping[str, str], rules: RuleSet, catalogue: Catalogue
) -> dict[tuple[str, str], Value]:
    """Give the traits of customers, by customer and name; ``customers`` names the customer of each key."""
    found: dict[tuple[str, str], Value] = {}
    for name, told in told_by(events, rules).items():
        for customer in {customers[one.owner] for one in told}:
            own = [one for one in told if customers[one.owner] == customer]
            value = reference_value(own, catalogue.trait(name), catalogue.zone)
            if value is not None:
                found[customer, name] = value
    return found


def reference_value(told: list[Told], trait: TraitType, zone: ZoneInfo) -> Value | None:
    """Give the value that claims come to under a policy."""
    deletions = [one.order for one in told if one.value is None]
    live = [one for one in told if not deletions or one.order > max(deletions)]
    if trait.declared:
        live = [one._replace(value=fit(one.value, trait)) for one in live]
        live = [one for one in live if one.value is not None]
    live.sort(key=lambda one: one.order)
    if not live:
        return None
    winner = _choose(live, trait)
    value = winner.value if winner is not None else _put_together(live, trait, zone)
    return Value(json.dumps(value, sort_keys=True), *(winner or live[-1])[:2])


def _choose(live: list[Told], trait: TraitType) -> Told | None:
    """Choose the claim whose value counts; None with the policies for which all count."""
    values = [one.value for one in live]
    match trait.policy.value:
        case "newest" | "last":
            return live[-1]
        case "oldest" | "first":
            return live[0]
        case "source_priority":
            for source in trait.sources:
                of_source = [one for one in live if one.order[1] == source]
                if of_source:
                    return of_source[-1]
            return live[-1]
        case "min":
            return [one for one in live if one.value == min(values)][-1]
        case "max":
            return [one for one in live if one.value == max(values)][-1]
        case _:
            return None


def _put_together(live: list[Told], trait: TraitType, zone: ZoneInfo) -> Any:
    values = [one.value for one in live]
    single = [json.dumps(value, sort_keys=True) for value in values]
    several = [
        json.dumps(item, sort_keys=True) for value in values for item in (value if isinstance(value, list) else [value])
    ]
    match trait.policy.value:
        case "count":
            return len(live)
        case "sum":
            return _as_number(sum((Fraction(repr(value)) for value in values), Fraction(0)))
        case "mean":
            return float(sum(Fraction(repr(value)) for value in values) / len(values))
        case "most_frequent":
            return json.loads(_by_frequency(single)[0])
        case "top":
            return [json.loads(text) for text in _by_frequency(single)[: trait.size]]
        case "union":
            return [json.loads(text) for text in _by_age(live)]
        case "distinct_count":
            return len(set(several))
        case "active_days":
            days = {(EPOCH + timedelta(microseconds=one.order[0])).astimezone(zone).date() for one in live}
            return len(days)
        case unknown:
            raise AssertionError(unknown)


def _as_number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _by_frequency(texts: list[str]) -> list[str]:
    """Sort values by how often they come, of two that come as often the one that comes last first."""
    last = {text: place for place, text in enumerate(texts)}
    counts = Counter(texts)
    return sorted(counts, key=lambda text: (counts[text], last[text]), reverse=True)


def _by_age(live: list[Told]) -> list[str]:
    """List values in the order in which they were said first; those of one claim by their text."""
    found: list[str] = []
    for one in live:
        items = one.value if isinstance(one.value, list) else [one.value]
        texts = sorted({json.dumps(item, sort_keys=True, separators=(",", ":")) for item in items})
        found += [text for text in texts if text not in found]
    return found
