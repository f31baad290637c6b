"""Reading what explanations need: customers as they would be derived, without locks, and what connects them."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, query


class CustomerStateRow(NamedTuple):
    """A customer; ``counts`` is JSON: identifiers per limited scope."""

    id: str
    size: int
    counts: str
    contested: bool
    judged: bool
    rule_version: int


class PartLinkRow(NamedTuple):
    """A link of a customer, seen from its identifier ``key``."""

    customer_id: str
    key: str
    other_key: str
    other_customer_id: str
    other_rule_version: int
    outgoing: bool
    first_seen: Instant
    last_seen: Instant
    observation_count: int
    sources: list[str]
    witness: str | None


class QuarantinedLinkRow(NamedTuple):
    """A link of a quarantined identifier."""

    key: str
    other_key: str
    other_customer_id: str
    other_quarantined: bool
    first_seen: Instant
    last_seen: Instant


class WayOutRow(NamedTuple):
    """A link from a customer to another one, seen from its identifier ``key``; no ``refused_at`` when quarantined."""

    customer_id: str
    key: str
    other_key: str
    other_customer_id: str
    is_quarantined: bool
    first_seen: Instant
    last_seen: Instant
    observation_count: int
    sources: list[str]
    refused_at: Instant | None


class QuarantineTimeRow(NamedTuple):
    """A quarantined identifier; ``partners`` is JSON: partners per namespace and scope."""

    key: str
    partners: str
    at: Instant


class ExampleEventRow(NamedTuple):
    """The newest event that links a pair."""

    a: str
    b: str
    event_id: str


class IgnoredEventRow(NamedTuple):
    """An event that holds a value that is no identifier."""

    id: str
    occurred_at: Instant


@query("explaining/list_customer_states")
async def list_customer_states(tx: ReadTransaction, *, ids: list[str]) -> list[CustomerStateRow]: ...


@query("explaining/list_part_links")
async def list_part_links(tx: ReadTransaction, *, ids: list[str]) -> list[PartLinkRow]: ...


@query("explaining/list_links_of_quarantined")
async def list_links_of_quarantined(tx: ReadTransaction, *, keys: list[str]) -> list[QuarantinedLinkRow]: ...


@query("explaining/list_refused_links")
async def list_refused_links(tx: ReadTransaction, *, ids: list[str], limit: int) -> list[WayOutRow]: ...


@query("explaining/list_quarantine_times")
async def list_quarantine_times(tx: ReadTransaction, *, keys: list[str]) -> list[QuarantineTimeRow]: ...


@query("explaining/find_example_events")
async def find_example_events(tx: ReadTransaction, *, pairs: list[list[str]]) -> list[ExampleEventRow]: ...


@query("explaining/find_ignored_events")
async def find_ignored_events(
    tx: ReadTransaction, *, keys: list[str], item: str, limit: int
) -> list[IgnoredEventRow]: ...
