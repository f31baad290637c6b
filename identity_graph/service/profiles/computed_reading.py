"""Reading computed traits: what the events of customers come to now.

Neo4j gives events that are alike as one row, so that a history of a hundred thousand events is not sent as a whole.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.computed_types import ComputedType
from identity_graph.domain.profiles.computing import Happened, compute
from identity_graph.domain.profiles.personal import is_personal_path, personal_names
from identity_graph.domain.profiles.read_models import AlikeEvents
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.profiles.trait_types import Policy
from identity_graph.domain.values.instants import EARLIEST, format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.service.reads import MAX_ROWS, Reads, align_many
from identity_graph.store.driver.rows import to_json
from identity_graph.store.profiles import class_reading as store

_ROWS_A_TURN = 2000
"""Rows that are read before others get their turn: some ten milliseconds."""


class ComputedView(NamedTuple):
    """A computed trait of a customer; ``value`` is JSON."""

    name: str
    value: str


class _Needs(NamedTuple):
    """What must be told apart for some traits: what events say, and on which day they happened."""

    properties: bool
    hours: bool

    @classmethod
    def of(cls, kind: ComputedType) -> "_Needs":
        """Tell what a trait needs."""
        return cls(kind.of is not None or bool(kind.where), kind.policy is Policy.ACTIVE_DAYS)


async def read_computed_of(
    reads: Reads, customer_ids: list[str], in_force: InForce, now: Instant, *, names: tuple[str, ...] | None = None
) -> list[list[ComputedView]]:
    """Compute the traits of each customer, those of some names or all, by name; one that has no value is left out.

    Raises:
        TooManyRowsError: there are more different events than one request may read.
    """
    wanted: defaultdict[_Needs, list[ComputedType]] = defaultdict(list)
    for name, kind in in_force.catalogue.computed.items():
        if names is None or name in names:
            wanted[_Needs.of(kind)].append(kind)
    parts = await asyncio.gather(
        *(_read_part(reads, customer_ids, needs, kinds, now) for needs, kinds in wanted.items())
    )
    found: list[list[ComputedView]] = [[] for _ in customer_ids]
    for kinds, part in zip(wanted.values(), parts, strict=True):
        for own, rows in zip(found, part, strict=True):
            own.extend(await _compute_all(kinds, rows, now, in_force.catalogue))
    personal = personal_names(in_force.rules, in_force.catalogue)
    hidden = {
        name
        for name, kind in in_force.catalogue.computed.items()
        if kind.of is not None and is_personal_path(kind.of, personal)
    }
    return [
        sorted(view._replace(value=reads.mask.json(view.value)) if view.name in hidden else view for view in own)
        for own in found
    ]


async def _read_part(
    reads: Reads, customer_ids: list[str], needs: _Needs, kinds: Sequence[ComputedType], now: Instant
) -> list[list[AlikeEvents]]:
    """Read the events of each customer that count in some traits."""
    windows = {kind.within for kind in kinds}
    edges = sorted(max(now - within, EARLIEST) for within in windows if within is not None)
    rows = await reads.run(
        store.sum_events_of_customers.call(
            customer_ids=customer_ids,
            names=sorted({name for kind in kinds for name in kind.events}),
            since=format_instant(EARLIEST if None in windows else edges[0]),
            until=format_instant(now),
            edges=[format_instant(edge) for edge in edges],
            properties=needs.properties,
            hours=needs.hours,
            most=MAX_ROWS + 1,
        )
    )
    return align_many(customer_ids, rows, attrgetter("customer_id"))


async def _compute_all(
    kinds: Sequence[ComputedType], rows: Sequence[AlikeEvents], now: Instant, catalogue: Catalogue
) -> list[ComputedView]:
    happened: list[Happened] = []
    for start in range(0, len(rows), _ROWS_A_TURN):
        happened += _happened(rows[start : start + _ROWS_A_TURN])
        await asyncio.sleep(0)
    values: list[ComputedView] = []
    for kind in kinds:
        value = compute(kind, happened, now, catalogue)
        if value is not None:
            values.append(ComputedView(kind.name, to_json(value)))
        if len(rows) > _ROWS_A_TURN:
            await asyncio.sleep(0)
    return values


def _happened(rows: Iterable[AlikeEvents]) -> list[Happened]:
    return [
        Happened(
            (row.first_at, row.first_source, row.first_message_id),
            row.name,
            {} if row.properties is None else json.loads(row.properties),
            row.events,
            (row.last_at, row.last_source, row.last_message_id),
        )
        for row in rows
    ]
