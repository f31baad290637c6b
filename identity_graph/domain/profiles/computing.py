"""Computing traits: a function of the customer's events, of the declaration, and of the moment at which somebody asks.

So a value that moves with time alone moves in time, and one that is asked for twice is the same whatever happened between.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.claims import Claim, Order, read_value
from identity_graph.domain.profiles.computed_types import ComputedType
from identity_graph.domain.profiles.survivorship import Survivorship
from identity_graph.domain.profiles.tallies import Tally
from identity_graph.domain.profiles.trait_types import Policy
from identity_graph.domain.values.observations import Instant

_OF_NOTHING: Mapping[Policy, Any] = {
    Policy.COUNT: 0,
    Policy.SUM: 0,
    Policy.DISTINCT_COUNT: 0,
    Policy.ACTIVE_DAYS: 0,
    Policy.TOP: [],
    Policy.UNION: [],
}
"""What no event at all comes to; with any other policy there is no value."""


class Happened(NamedTuple):
    """Events of a customer that are alike: ``order`` is the first and ``last`` the last of ``times``, by default the only one.

    They have the same properties, lie in the same windows, and, where days count, within twelve hours, so that there is one
    midnight among them at most.
    """

    order: Order
    name: str
    properties: Mapping[str, Any]
    times: int = 1
    last: Order | None = None


def compute(kind: ComputedType, events: Iterable[Happened], now: Instant, catalogue: Catalogue) -> Any:
    """Compute a trait of a customer as JSON has it; None where there is none."""
    trait = kind.as_trait()
    alone = Catalogue(time_zone=catalogue.time_zone, traits={kind.name: trait})
    policy = Survivorship(kind.name, alone, most_values=None)
    tally = Tally()
    for event in events:
        if _counts(event, kind, now):
            said = True if kind.of is None else find_property(event.properties, kind.of)
            value, reason = read_value(said, trait)
            if value is not None and reason is None:
                policy.add_alike(tally, Claim(event.order, value), event.last or event.order, event.times)
    value = policy.value(tally)
    if value is None:
        value = _OF_NOTHING.get(kind.policy)
    if not kind.named:
        return value
    return next((one.name for one in kind.named if all(c.holds(value) for c in one.conditions)), None)


def find_property(properties: Mapping[str, Any], path: str) -> Any:
    """Find a property by its path, such as ``cart.total``; None without one. A name with dots in it is found, too."""
    if path in properties:
        return properties[path]
    first, _, rest = path.partition(".")
    inner = properties.get(first)
    return find_property(inner, rest) if rest and isinstance(inner, dict) else None


def _counts(event: Happened, kind: ComputedType, now: Instant) -> bool:
    at = event.order[0]
    is_recent = at <= now and (kind.within is None or at > now - kind.within)
    return (
        event.name in kind.events
        and is_recent
        and all(condition.holds(find_property(event.properties, path)) for path, condition in kind.where)
    )
