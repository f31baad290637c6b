"""Access keys: who may write and who may read. The graph stores only their SHA-256."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class AccessKeyRow(NamedTuple):
    """A key; ``kind`` is ``write`` or ``admin``, ``sha256`` in hex."""

    kind: str
    name: str
    sha256: str
    created_at: Instant


class DeletedRow(NamedTuple):
    """How many were deleted."""

    deleted: int


@query("access/list_access_keys")
async def list_access_keys(tx: ReadTransaction) -> list[AccessKeyRow]: ...


@query("access/create_access_key")
async def create_access_key(
    tx: WriteTransaction, *, kind: str, name: str, sha256: str, created_s: int, created_ns: int
) -> None: ...


@query("access/delete_access_key")
async def delete_access_key(tx: WriteTransaction, *, kind: str, name: str) -> list[DeletedRow]: ...
