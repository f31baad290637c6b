"""Reading what does not count: refused links, values that were not identifiers, quarantined identifiers.

A page holds what comes before a position (``before``, an ISO 8601 text, with ``before_id``), the latest first. ``code``
None means all. A limit is one more than the page shows.
"""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, query


class RefusalRow(NamedTuple):
    """A refused link; ``id`` is both keys with a line break between. ``counts`` are JSON: identifiers per limited scope."""

    id: str
    refused_at: Instant
    code: str
    a: str
    b: str
    a_ambiguous: bool
    counts_a: str
    counts_b: str
    size_a: int
    size_b: int
    rule_version_a: int
    rule_version_b: int


class IgnoredValueRow(NamedTuple):
    """A value of an event; ``item`` is ``code namespace:value``, ``id`` the event's with the place of the value."""

    id: str
    ignored_at: Instant
    item: str
    event_id: str
    occurred_at: Instant


class QuarantineRow(NamedTuple):
    """A quarantined identifier; ``id`` is its key, ``partners`` JSON: partners per namespace and scope."""

    id: str
    quarantined_at: Instant
    partners: str
    rule_version: int


@query("explaining/page_refusals")
async def page_refusals(
    tx: ReadTransaction, *, before: str, before_id: str, code: str | None, max_identifiers: int, limit: int
) -> list[RefusalRow]: ...


@query("explaining/page_ignored_values")
async def page_ignored_values(
    tx: ReadTransaction, *, before: str, before_id: str, code: str | None, limit: int
) -> list[IgnoredValueRow]: ...


@query("explaining/page_quarantines")
async def page_quarantines(tx: ReadTransaction, *, before: str, before_id: str, limit: int) -> list[QuarantineRow]: ...
