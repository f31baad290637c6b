"""Reading journeys for analysis, page by page, so that memory stays bounded however many customers there are.

Each page is read in transactions of its own: an answer is not of one moment, but as of the time at which it was read.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, TypeVar

from identity_graph.domain.analysis.conversions import ConversionRule
from identity_graph.domain.analysis.journeys import Step, Visit
from identity_graph.domain.profiles.orders import Order, OrderState
from identity_graph.domain.segments.rule_tree import EventRule, Occurrence, OrderRule
from identity_graph.domain.segments.sheet import EventFact, FactSheet
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.domain.values.times import EARLIEST, LATEST
from identity_graph.service.profiles.scores import read_lines
from identity_graph.store.analysis import journeys as store
from identity_graph.store.analysis.journeys import CustomerRow, OrderRow, StepRow, VisitRow
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction

CUSTOMERS_AT_ONCE = 200
ROWS_AT_ONCE = 5000
"""Rows of several customers that are read at once. Of one customer all are read, however many."""

_ROWS_A_TURN = 2000
"""Rows that are taken apart before others get their turn: some twenty milliseconds."""

_ALL = 1_000_000_000
_CHANNELS = {channel.value: channel for channel in Channel}
_NO_VISIT = Visit((0, "", ""), "", "")

R = TypeVar("R", StepRow, VisitRow, OrderRow)


class Rows(Protocol[R]):
    """A query for the rows of some customers."""

    def __call__(self, tx: ReadTransaction, *, customer_ids: list[str], most: int) -> Awaitable[list[R]]:
        """Read them."""
        ...


class Wanted(NamedTuple):
    """Which events are wanted: of some names or of all, from a moment to another, with properties and visits or without."""

    names: frozenset[str] | None
    since: Instant = EARLIEST
    until: Instant = LATEST
    properties: bool = True
    visits: bool = False


async def page_customers(
    graph: Graph, *, since: Instant, until: Instant, at_once: int
) -> AsyncIterator[list[CustomerRow]]:
    """Give all customers who may have done something in a time, page by page."""
    after = ""
    while page := await graph.read(lambda tx, after=after: store.page_customers(tx, after=after, limit=at_once)):
        after = page[-1].id
        yield [row for row in page if (row.last_seen or LATEST) >= since and (row.first_seen or EARLIEST) <= until]


async def read_steps(graph: Graph, ids: Sequence[str], wanted: Wanted) -> Mapping[str, list[Step]]:
    """Read the journeys of some customers, each in its order."""

    def read(tx: ReadTransaction, *, customer_ids: list[str], most: int) -> Awaitable[list[StepRow]]:
        return store.list_steps_of_customers(
            tx,
            customer_ids=customer_ids,
            names=None if wanted.names is None else sorted(wanted.names),
            since=format_instant(wanted.since),
            until=format_instant(wanted.until),
            properties=wanted.properties,
            visits=wanted.visits,
            most=most,
        )

    make = _StepMaker().make
    return await _grouped(await _read_all(graph, list(ids), read), make, key=lambda step: step.event.order)


async def read_visits(graph: Graph, ids: Sequence[str], since: Instant, until: Instant) -> Mapping[str, list[Visit]]:
    """Read the visits of some customers that began in a time, each customer's in their order."""

    def read(tx: ReadTransaction, *, customer_ids: list[str], most: int) -> Awaitable[list[VisitRow]]:
        return store.list_visits_of_customers(
            tx, customer_ids=customer_ids, since=format_instant(since), until=format_instant(until), most=most
        )

    return await _grouped(await _read_all(graph, list(ids), read), _visit_of, key=attrgetter("begun"))


async def read_sheets(
    graph: Graph, ids: Sequence[str], wanted: ConversionRule, since: Instant, until: Instant
) -> Mapping[str, FactSheet]:
    """Read of some customers what may convert in a time. Of whom nothing may is left out."""
    if isinstance(wanted.rule, OrderRule):
        return await _read_orders(graph, ids, wanted.rule, since, until)
    is_any = wanted.rule.pick is Occurrence.ANY  # the first or the last one may lie outside of the time
    events = Wanted(
        frozenset({wanted.rule.event}),
        since=since if is_any else EARLIEST,
        until=until if is_any else LATEST,
        properties=bool(wanted.rule.where) or wanted.value is not None,
    )
    journeys = await read_steps(graph, ids, events)
    return {id: sheet_of(id, steps) for id, steps in journeys.items()}


def sheet_of(customer_id: str, steps: Sequence[Step]) -> FactSheet:
    """Give the facts of a journey."""
    return FactSheet(customer_id=customer_id, first_seen=EARLIEST, events=tuple(step.event for step in steps))


def needs_properties(*rules: EventRule | None) -> bool:
    """Tell whether any rule looks at properties."""
    return any(rule is not None and bool(rule.where) for rule in rules)


async def _read_orders(
    graph: Graph, ids: Sequence[str], rule: OrderRule, since: Instant, until: Instant
) -> Mapping[str, FactSheet]:
    lines = rule.product is not None or rule.category is not None

    def read(tx: ReadTransaction, *, customer_ids: list[str], most: int) -> Awaitable[list[OrderRow]]:
        return store.list_orders_of_customers(
            tx,
            customer_ids=customer_ids,
            since=format_instant(since),
            until=format_instant(until),
            lines=lines,
            most=most,
        )

    found: defaultdict[str, dict[str, Order]] = defaultdict(dict)
    for row in await _read_all(graph, list(ids), read):
        found[row.customer_id][row.id] = _order_of(row)
    return {id: FactSheet(customer_id=id, first_seen=EARLIEST, orders=orders) for id, orders in found.items()}


async def _read_all(graph: Graph, ids: list[str], read: Rows[R]) -> list[R]:
    """Read the rows of some customers, in halves where they are many."""
    if not ids:
        return []
    most = ROWS_AT_ONCE + 1 if len(ids) > 1 else _ALL
    rows = await graph.read(lambda tx: read(tx, customer_ids=ids, most=most))
    if len(ids) == 1 or len(rows) <= ROWS_AT_ONCE:
        return rows
    half = len(ids) // 2
    return [*await _read_all(graph, ids[:half], read), *await _read_all(graph, ids[half:], read)]


T = TypeVar("T")


async def _grouped(rows: Sequence[R], make: Callable[[R], T], *, key: Callable[[T], Any]) -> Mapping[str, list[T]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for start in range(0, len(rows), _ROWS_A_TURN):
        for row in rows[start : start + _ROWS_A_TURN]:
            found[row.customer_id].append(make(row))
        await asyncio.sleep(0)
    for own in found.values():
        own.sort(key=key)
    return found


class _StepMaker:
    """Makes steps of rows; those of one visit share it."""

    def __init__(self) -> None:
        self._visits: dict[tuple[Instant | None, str | None, str | None], Visit] = {(None, None, None): _NO_VISIT}

    def make(self, row: StepRow) -> Step:
        event = EventFact(
            (row.occurred_at, row.source, row.message_id),
            row.name,
            _CHANNELS[row.channel],
            {} if row.properties is None else json.loads(row.properties),
        )
        begun = (row.visit_at, row.visit_source, row.visit_message_id)
        visit = self._visits.get(begun)
        if visit is None:
            visit = self._visits[begun] = _visit_of(row)
        return Step(event, visit)


def _visit_of(row: StepRow | VisitRow) -> Visit:
    return Visit(
        (row.visit_at or 0, row.visit_source or "", row.visit_message_id or ""),
        row.visit_name or "",
        row.visit_channel or "",
        row.campaign_source,
        row.campaign_medium,
        row.campaign_name,
    )


def _order_of(row: OrderRow) -> Order:
    def decimal(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    return Order(
        state=OrderState(row.state),
        placed_at=row.at,
        at=row.at,
        currency=row.currency,
        total=Decimal(row.total),
        revenue=Decimal(row.revenue),
        refunded=Decimal(row.refunded),
        shipping=decimal(row.shipping),
        tax=decimal(row.tax),
        discount=decimal(row.discount),
        lines=tuple(read_lines(json.loads(row.lines or "[]"))),
        problems=(),
    )
