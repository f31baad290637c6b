"""Counters of what came from each source on each day: every process adds to its own, which ``key`` names."""

from typing import NamedTuple, TypedDict

from identity_graph.store.driver.query import WriteTransaction, query


class AddedMessages(TypedDict):
    """Messages to count: ``accepted`` are new, ``repeated`` known ones that came again."""

    key: str
    writer: str
    day: int
    source: str
    type: str
    name: str
    accepted: int
    repeated: int


class AddedClaims(TypedDict):
    """Claims to count; ``misfit`` is the id of an event whose value does not fit."""

    key: str
    writer: str
    day: int
    source: str
    name: str
    claims: int
    deletions: int
    misfits: int
    unsuited: int
    too_large: int
    newest_s: int
    newest_ns: int
    misfit: str | None


class Deleted(NamedTuple):
    """How many counts were deleted."""

    deleted: int


@query("collecting/add_message_counts")
async def add_message_counts(tx: WriteTransaction, *, rows: list[AddedMessages]) -> None: ...


@query("collecting/add_claim_counts")
async def add_claim_counts(tx: WriteTransaction, *, rows: list[AddedClaims]) -> None: ...


@query("collecting/delete_message_counts")
async def delete_message_counts(tx: WriteTransaction, *, before: int, limit: int) -> list[Deleted]: ...


@query("collecting/delete_claim_counts")
async def delete_claim_counts(tx: WriteTransaction, *, before: int, limit: int) -> list[Deleted]: ...
