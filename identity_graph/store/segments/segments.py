"""Segments as they are saved: created, replaced, found, listed, deleted."""

from typing import NamedTuple

from identity_graph.domain.segments.read_models import StoredSegment
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class SetVersion(NamedTuple):
    """The version of the set of all segments: it changes with each of them."""

    version: int


@query("segments/lock_segments")
async def lock_segments(tx: WriteTransaction) -> list[SetVersion]: ...


@query("segments/create_segment")
async def create_segment(
    tx: WriteTransaction,
    *,
    id: str,
    name: str,
    description: str | None,
    rule: str,
    audience: str,
    purpose: str | None,
    at_s: int,
    at_ns: int,
) -> None: ...


@query("segments/replace_segment")
async def replace_segment(
    tx: WriteTransaction,
    *,
    id: str,
    name: str,
    description: str | None,
    rule: str,
    audience: str,
    purpose: str | None,
    at_s: int,
    at_ns: int,
) -> None: ...


@query("segments/delete_segment")
async def delete_segment(tx: WriteTransaction, *, id: str, at_s: int, at_ns: int) -> None: ...


@query("segments/find_segments")
async def find_segments(tx: ReadTransaction, *, ids: list[str]) -> list[StoredSegment]: ...


@query("segments/find_segments_by_name")
async def find_segments_by_name(tx: ReadTransaction, *, names: list[str]) -> list[StoredSegment]: ...


@query("segments/list_segments")
async def list_segments(tx: ReadTransaction) -> list[StoredSegment]: ...


@query("segments/page_segments")
async def page_segments(tx: ReadTransaction, *, after: str, limit: int) -> list[StoredSegment]: ...
