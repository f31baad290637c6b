"""Reading what analysis looks at: customers page by page, and their events, visits and orders.

Moments in parameters are ISO 8601 texts; both ends of a time belong to it. ``most`` are the rows that are given at most.
"""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, query


class CustomerRow(NamedTuple):
    """A customer, and when it was first and last seen; one that is being written may not have these yet."""

    id: str
    first_seen: Instant | None
    last_seen: Instant | None


class StepRow(NamedTuple):
    """An event of a customer; ``properties`` is JSON if properties are asked for, and the visit is None unless visits are."""

    customer_id: str
    occurred_at: Instant
    source: str
    message_id: str
    name: str
    channel: str
    properties: str | None
    visit_at: Instant | None
    visit_source: str | None
    visit_message_id: str | None
    visit_name: str | None
    visit_channel: str | None
    campaign_source: str | None
    campaign_medium: str | None
    campaign_name: str | None


class VisitRow(NamedTuple):
    """A visit of a customer, by its first event."""

    customer_id: str
    visit_at: Instant
    visit_source: str
    visit_message_id: str
    visit_name: str
    visit_channel: str
    campaign_source: str | None
    campaign_medium: str | None
    campaign_name: str | None


class OrderRow(NamedTuple):
    """An order of a customer. Amounts are decimals as text; ``lines`` is JSON if lines are asked for."""

    customer_id: str
    id: str
    state: str
    at: Instant
    currency: str
    total: str
    revenue: str
    refunded: str
    shipping: str | None
    tax: str | None
    discount: str | None
    lines: str | None


@query("analysis/page_customers")
async def page_customers(tx: ReadTransaction, *, after: str, limit: int) -> list[CustomerRow]: ...


@query("analysis/list_steps_of_customers")
async def list_steps_of_customers(
    tx: ReadTransaction,
    *,
    customer_ids: list[str],
    names: list[str] | None,
    since: str,
    until: str,
    properties: bool,
    visits: bool,
    most: int,
) -> list[StepRow]: ...


@query("analysis/list_visits_of_customers")
async def list_visits_of_customers(
    tx: ReadTransaction, *, customer_ids: list[str], since: str, until: str, most: int
) -> list[VisitRow]: ...


@query("analysis/list_orders_of_customers")
async def list_orders_of_customers(
    tx: ReadTransaction, *, customer_ids: list[str], since: str, until: str, lines: bool, most: int
) -> list[OrderRow]: ...
