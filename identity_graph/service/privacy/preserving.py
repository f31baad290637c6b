"""Keeping orders of somebody who is erased, without the person, and reading what is kept."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from identity_graph.domain.privacy.preserving import Preserve, PreservedOrder, strip_id, strip_lines
from identity_graph.domain.profiles.order_views import OrderView
from identity_graph.domain.profiles.orders import OrderState
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.observations import Instant
from identity_graph.service.new_ids import new_id
from identity_graph.service.reads import Reads
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.privacy import preserving as store
from identity_graph.store.privacy.erasing import OwnedEvent
from identity_graph.store.privacy.preserving import PreservedRow
from identity_graph.store.profiles.order_reading import find_orders

PREFIX = "ord"
_UNKNOWN = OrderState.UNKNOWN.value
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def read_orders(tx: ReadTransaction, events: Sequence[OwnedEvent], preserve: Preserve | None) -> list[OrderView]:
    """Read the orders of which some events tell, as they stand; none unless they are to be kept."""
    ids = sorted({row.order for row in events if row.order is not None})
    return await find_orders(tx, ids=ids) if ids and preserve is not None else []


async def preserve_orders(
    tx: WriteTransaction, orders: Sequence[OrderView], named: Collection[str], preserve: Preserve, regime: Regime
) -> int:
    """Keep those of some orders that an erasure took away, and tell how many.

    One of which events of others tell that it was placed stays with these. ``named`` are the values that go.
    """
    left = {row.id: row.state for row in await find_orders(tx, ids=[order.id for order in orders])} if orders else {}
    lost = [order for order in orders if order.state != _UNKNOWN and left.get(order.id, _UNKNOWN) == _UNKNOWN]
    if lost:
        await store.set_preserved_orders(tx, rows=[_row(order, named, preserve, regime) for order in lost])
    return len(lost)


async def read_preserved(reads: Reads, *, first: int, after: str = "") -> list[PreservedOrder]:
    """Read a page of the orders that are kept without the person, by id."""
    return await reads.run(store.page_preserved_orders.call(after=after, limit=first))


def _row(order: OrderView, named: Collection[str], preserve: Preserve, regime: Regime) -> PreservedRow:
    order_id = strip_id(order.order_id, named)
    kept = PreservedOrder(
        id=new_id(PREFIX) if order_id is None else order.id,
        scope=order.scope,
        order_id=order_id,
        state=order.state,
        day=_day_of(order.at, regime.catalogue.zone),
        currency=order.currency,
        total=order.total,
        revenue=order.revenue,
        refunded=order.refunded,
        shipping=order.shipping,
        tax=order.tax,
        discount=order.discount,
        lines=strip_lines(order.lines, named, preserve),
    )
    return PreservedRow(**kept._asdict())


def _day_of(at: Instant, zone: ZoneInfo) -> str:
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone).date().isoformat()
