"""Tombstones and receipts: what erasure leaves behind."""

from typing import NamedTuple

from identity_graph.domain.privacy.receipts import ReceiptView
from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class TombstoneRow(NamedTuple):
    """A tombstone, and when what is under it was erased."""

    hash: str
    erased_at: Instant


@query("privacy/find_tombstones")
async def find_tombstones(tx: ReadTransaction, *, hashes: list[str]) -> list[TombstoneRow]: ...


@query("privacy/create_tombstones")
async def create_tombstones(tx: WriteTransaction, *, hashes: list[str], at_s: int, at_ns: int) -> None: ...


@query("privacy/delete_tombstones")
async def delete_tombstones(tx: WriteTransaction, *, hashes: list[str]) -> None: ...


@query("privacy/create_receipt")
async def create_receipt(
    tx: WriteTransaction,
    *,
    id: str,
    at_s: int,
    at_ns: int,
    identifiers: int,
    events: int,
    preserved_orders: int,
    signature: str,
) -> None: ...


@query("privacy/find_receipts")
async def find_receipts(tx: ReadTransaction, *, ids: list[str]) -> list[ReceiptView]: ...
