"""Orders, as readers are told of them."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant


class OrderView(NamedTuple):
    """An order. Amounts are decimals as text, ``lines`` and ``problems`` JSON; ``owner_key`` is None without an owner.

    ``at`` is when it was placed if ``is_placed``, else when the first event that tells of it happened.
    """

    id: str
    scope: str
    order_id: str
    state: str
    at: Instant
    is_placed: bool
    currency: str
    total: str
    revenue: str
    refunded: str
    shipping: str | None
    tax: str | None
    discount: str | None
    lines: str | None
    problems: str | None
    owner_key: str | None


class CustomerOrder(NamedTuple):
    """An order of a customer; the other fields are those of OrderView."""

    customer_id: str
    id: str
    scope: str
    order_id: str
    state: str
    at: Instant
    is_placed: bool
    currency: str
    total: str
    revenue: str
    refunded: str
    shipping: str | None
    tax: str | None
    discount: str | None
    lines: str | None
    problems: str | None
    owner_key: str | None


class OrderEvent(NamedTuple):
    """An event that tells of an order."""

    order_id: str
    id: str
    occurred_at: Instant
