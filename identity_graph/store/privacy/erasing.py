"""What erasure reads and deletes."""

from typing import NamedTuple

from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class OwnedEvent(NamedTuple):
    """An event of whoever is erased. ``identifiers`` are as they came, ``keys`` those of the identifiers seen in it."""

    id: str
    has_traits: bool
    has_consents: bool
    identifiers: list[str]
    keys: list[str]
    visitor: str | None
    order: str | None


class RetractedEvent(NamedTuple):
    """An event that was taken back, with its identifiers as they came."""

    id: str
    identifiers: list[str]


class ToldCustomer(NamedTuple):
    """A destination that was told of a customer."""

    destination_id: str
    customer_id: str


class FoundKey(NamedTuple):
    """An identifier."""

    key: str


class Sharer(NamedTuple):
    """A customer that was seen together with others' identifiers."""

    customer_id: str


class Total(NamedTuple):
    """How many there are."""

    total: int


class Traces(NamedTuple):
    """How many traits a customer has, and in how many segments it is."""

    traits: int
    segments: int


class JudgedPair(NamedTuple):
    """Whom a judgement was about; ``b`` is None of one about a single identifier."""

    a: str
    b: str | None


class Stopped(NamedTuple):
    """How many messages were sent or stopped."""

    stopped: int


class Deleted(NamedTuple):
    """How many were deleted."""

    deleted: int


class SuspectDeadLetter(NamedTuple):
    """A dead letter, as it came, and what was said of it."""

    id: str
    raw: str
    reason: str


@query("privacy/list_owned_events")
async def list_owned_events(tx: ReadTransaction, *, keys: list[str]) -> list[OwnedEvent]: ...


@query("privacy/count_owned_events")
async def count_owned_events(tx: ReadTransaction, *, keys: list[str]) -> list[Total]: ...


@query("privacy/count_owned_orders")
async def count_owned_orders(tx: ReadTransaction, *, keys: list[str]) -> list[Total]: ...


@query("privacy/list_claiming_events")
async def list_claiming_events(tx: ReadTransaction, *, items: list[str], keys: list[str]) -> list[OwnedEvent]: ...


@query("privacy/list_retracted_events")
async def list_retracted_events(tx: ReadTransaction) -> list[RetractedEvent]: ...


@query("privacy/list_told")
async def list_told(tx: ReadTransaction, *, ids: list[str]) -> list[ToldCustomer]: ...


@query("privacy/list_shared_keys")
async def list_shared_keys(tx: ReadTransaction, *, keys: list[str], but: list[str]) -> list[FoundKey]: ...


@query("privacy/list_session_owners")
async def list_session_owners(tx: ReadTransaction, *, visitors: list[str]) -> list[FoundKey]: ...


@query("privacy/list_sharers")
async def list_sharers(tx: ReadTransaction, *, keys: list[str]) -> list[Sharer]: ...


@query("privacy/count_traces")
async def count_traces(tx: ReadTransaction, *, customer_id: str) -> list[Traces]: ...


@query("privacy/list_suspect_dead_letters")
async def list_suspect_dead_letters(tx: ReadTransaction, *, texts: list[str]) -> list[SuspectDeadLetter]: ...


@query("privacy/delete_events")
async def delete_events(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("privacy/delete_judgements")
async def delete_judgements(tx: WriteTransaction, *, keys: list[str]) -> list[JudgedPair]: ...


@query("privacy/stop_messages")
async def stop_messages(tx: WriteTransaction, *, ids: list[str]) -> list[Stopped]: ...


@query("privacy/delete_messages")
async def delete_messages(tx: WriteTransaction, *, ids: list[str]) -> list[Deleted]: ...


@query("privacy/delete_traces")
async def delete_traces(tx: WriteTransaction, *, ids: list[str]) -> None: ...


@query("privacy/delete_former_identifiers")
async def delete_former_identifiers(tx: WriteTransaction, *, ids: list[str], keys: list[str]) -> None: ...
