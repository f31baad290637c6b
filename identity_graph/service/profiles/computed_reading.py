"""Reading computed traits: what the events of customers come to now."""

import json
from collections import defaultdict
from typing import NamedTuple

from identity_graph.domain.profiles.computing import Happened, compute
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.values.instants import EARLIEST, format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.service.reads import Reads
from identity_graph.store.driver.rows import to_json
from identity_graph.store.profiles import reading as store


class ComputedView(NamedTuple):
    """A computed trait of a customer; ``value`` is JSON."""

    name: str
    value: str


async def read_computed_of(
    reads: Reads, customer_ids: list[str], in_force: InForce, now: Instant, *, names: tuple[str, ...] | None = None
) -> list[list[ComputedView]]:
    """Compute the traits of each customer, those of some names or all, by name; one that has no value is left out."""
    catalogue = in_force.catalogue
    wanted = [kind for name, kind in sorted(catalogue.computed.items()) if names is None or name in names]
    if not wanted:
        return [[] for _ in customer_ids]
    windows = [kind.within for kind in wanted if kind.within is not None]
    since = now - max(windows) if len(windows) == len(wanted) else EARLIEST
    events = await reads.run(
        lambda tx: store.list_named_events(
            tx,
            customer_ids=customer_ids,
            names=sorted({name for kind in wanted for name in kind.events}),
            since=format_instant(max(since, EARLIEST)),
        )
    )
    happened: defaultdict[str, list[Happened]] = defaultdict(list)
    for event in events:
        order = (event.occurred_at, event.source, event.message_id)
        properties = {} if event.properties is None else json.loads(event.properties)
        happened[event.customer_id].append(Happened(order, event.name, properties))
    return [
        [
            ComputedView(kind.name, to_json(value))
            for kind in wanted
            if (value := compute(kind, happened[id], now, catalogue)) is not None
        ]
        for id in customer_ids
    ]
