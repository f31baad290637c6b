"""Privacy requests, one node each."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class RequestRow(NamedTuple):
    """A request as stored. ``subject`` is the key of an identifier; ``corrections`` and ``steps`` are JSON.

    After an erasure there is no ``subject`` and no ``requester`` any more.
    """

    id: str
    kind: str
    state: str
    region: str
    subject: str | None
    requester: str | None
    corrections: str | None
    opened_at: Instant
    due_at: Instant
    opened_by: str
    approvals: int
    approved_by: list[str]
    duplicate_of: str | None
    extended: bool
    steps: str
    receipt: str | None
    fault: str | None
    preserve: str | None


class SubjectRow(NamedTuple):
    """Whom a request is about."""

    id: str
    subject: str


class StateCount(NamedTuple):
    """How many requests are in a state."""

    state: str
    total: int


@query("privacy/lock_requests")
async def lock_requests(tx: WriteTransaction) -> None: ...


@query("privacy/create_request")
async def create_request(
    tx: WriteTransaction,
    *,
    id: str,
    kind: str,
    state: str,
    region: str,
    subject: str,
    requester: str,
    corrections: str | None,
    preserve: str | None,
    opened_s: int,
    opened_ns: int,
    due_s: int,
    due_ns: int,
    opened_by: str,
    approvals: int,
    duplicate_of: str | None,
) -> None: ...


@query("privacy/lock_request")
async def lock_request(tx: WriteTransaction, *, id: str) -> list[RequestRow]: ...


@query("privacy/find_requests")
async def find_requests(tx: ReadTransaction, *, ids: list[str]) -> list[RequestRow]: ...


@query("privacy/list_requests_in_states")
async def list_requests_in_states(tx: ReadTransaction, *, states: list[str]) -> list[RequestRow]: ...


@query("privacy/page_requests")
async def page_requests(
    tx: ReadTransaction, *, state: str | None, before: str, before_id: str, limit: int
) -> list[RequestRow]: ...


@query("privacy/count_requests")
async def count_requests(tx: ReadTransaction) -> list[StateCount]: ...


@query("privacy/list_subjects")
async def list_subjects(tx: ReadTransaction) -> list[SubjectRow]: ...


@query("privacy/update_request")
async def update_request(
    tx: WriteTransaction,
    *,
    id: str,
    state: str,
    due_s: int,
    due_ns: int,
    approved_by: list[str],
    steps: str,
    receipt: str | None,
    fault: str | None,
    extended: bool,
) -> None: ...


@query("privacy/clear_requests")
async def clear_requests(tx: WriteTransaction, *, ids: list[str]) -> None: ...
