"""The numbers of data quality. Days are counted since 1970, in UTC; ``days`` are five."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, query


class SourceRow(NamedTuple):
    """What a source sent, and on which days the first and last of it."""

    source: str
    accepted: int
    repeated: int
    first_day: int
    last_day: int
    of_days: list[int]


class NameRow(NamedTuple):
    """What a source sent of one event."""

    source: str
    type: str
    name: str
    messages: int
    of_days: list[int]


class ClaimRow(NamedTuple):
    """What came of the claims of a source about a trait; ``misfit`` is the id of an event with a value that does not fit."""

    source: str
    name: str
    claims: int
    deletions: int
    misfits: int
    unsuited: int
    too_large: int
    newest: Instant
    misfit: str | None


class CustomerSource(NamedTuple):
    """A source that told of a customer."""

    customer_id: str
    source: str


class UnusedColumns(NamedTuple):
    """The columns of an imported file that its mapping does not name."""

    key: str
    file: str
    source: str
    columns: list[str]
    at: Instant


@query("health/count_messages_of_sources")
async def count_messages_of_sources(tx: ReadTransaction, *, since: int, days: list[int]) -> list[SourceRow]: ...


@query("health/count_messages_of_names")
async def count_messages_of_names(tx: ReadTransaction, *, since: int, days: list[int]) -> list[NameRow]: ...


@query("health/count_claims_of_sources")
async def count_claims_of_sources(tx: ReadTransaction, *, since: int) -> list[ClaimRow]: ...


@query("health/list_sources_of_customers")
async def list_sources_of_customers(
    tx: ReadTransaction, *, customer_ids: list[str], identifiers: int, touchpoints: int
) -> list[CustomerSource]: ...


@query("health/page_unused_columns")
async def page_unused_columns(
    tx: ReadTransaction, *, before: str, before_key: str, limit: int
) -> list[UnusedColumns]: ...
