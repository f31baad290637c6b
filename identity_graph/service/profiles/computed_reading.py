"""Reading computed traits: what the events of customers come to now."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.computed_types import ComputedType
from identity_graph.domain.profiles.computing import Happened, compute
from identity_graph.domain.profiles.read_models import CustomerEvent
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.values.instants import EARLIEST
from identity_graph.domain.values.observations import Instant
from identity_graph.service.profiles.class_reading import read_events_of
from identity_graph.service.reads import Reads
from identity_graph.store.driver.rows import to_json


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
    names_wanted = sorted({name for kind in wanted for name in kind.events})
    events = await read_events_of(reads, customer_ids, names=names_wanted, since=max(since, EARLIEST))
    return [_compute_all(wanted, [_happened(event) for event in own], now, catalogue) for own in events]


def _compute_all(
    wanted: Sequence[ComputedType], happened: Sequence[Happened], now: Instant, catalogue: Catalogue
) -> list[ComputedView]:
    values = ((kind.name, compute(kind, happened, now, catalogue)) for kind in wanted)
    return [ComputedView(name, to_json(value)) for name, value in values if value is not None]


def _happened(event: CustomerEvent) -> Happened:
    properties = {} if event.properties is None else json.loads(event.properties)
    return Happened((event.occurred_at, event.source, event.message_id), event.name, properties)
