"""The preferred channel, as segments see it: that of the end of the day, of all that happened until now.

How much a response counts falls from moment to moment, so the preferred channel may change at any time without any fact. As
segments see it, it changes with facts, and when a day of the project's zone begins.
"""

from collections.abc import Mapping
from typing import NamedTuple

from identity_graph.domain.profiles.orders import Order
from identity_graph.domain.profiles.preference import ContactEvent, find_preference
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.segments.days import day_of, start_of_day
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.service.profiles.class_reading import read_events_of
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph


class Preferred(NamedTuple):
    """The preferred channel, and the next moment at which it may be another one; None without any contact."""

    channel: Channel | None
    look_again_at: Instant | None


async def read_preferred(
    graph: Graph, ids: list[str], orders: Mapping[str, dict[str, Order]], in_force: InForce, now: Instant
) -> dict[str, Preferred]:
    """Read the preferred channel of customers."""
    rules, zone = in_force.catalogue.preference, in_force.catalogue.zone
    tomorrow = start_of_day(day_of(now, zone) + 1, zone)
    contacts = await read_events_of(
        Reads(graph), ids, names=rules.names, since=tomorrow - rules.within, properties=False
    )
    found: dict[str, Preferred] = {}
    for id, own in zip(ids, contacts, strict=True):
        events = [ContactEvent(event.occurred_at, event.name, event.channel) for event in own]
        purchases = [order.at for order in orders.get(id, {}).values() if order.counts]
        past = [event for event in events if event.at <= now]
        preference = find_preference(past, [at for at in purchases if at <= now], rules, tomorrow)
        later = [at for at in (*(event.at for event in events), *purchases) if at > now]
        found[id] = Preferred(preference.channel, min([*later, tomorrow]) if events else None)
    return found
