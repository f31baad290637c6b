"""Orders that an erasure keeps without the person."""

from typing import TypedDict

from identity_graph.domain.privacy.preserving import PreservedOrder
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class PreservedRow(TypedDict):
    """An order to keep; the fields are those of ``PreservedOrder``."""

    id: str
    scope: str
    order_id: str | None
    state: str
    day: str
    currency: str
    total: str
    revenue: str
    refunded: str
    shipping: str | None
    tax: str | None
    discount: str | None
    lines: str | None


@query("privacy/set_preserved_orders")
async def set_preserved_orders(tx: WriteTransaction, *, rows: list[PreservedRow]) -> None: ...


@query("privacy/page_preserved_orders")
async def page_preserved_orders(tx: ReadTransaction, *, after: str, limit: int) -> list[PreservedOrder]: ...
