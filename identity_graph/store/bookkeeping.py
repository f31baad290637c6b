"""What the service keeps about itself: counters of what was taken in, and the rules in force."""

from typing import NamedTuple

from identity_graph.domain.observations import Instant
from identity_graph.store.query import Transaction, query


class WriterCounts(NamedTuple):
    """What one writer took in. ``ignored`` is JSON: counts per namespace and code."""

    accepted: int
    duplicates: int
    dead_lettered: int
    ignored: str


class StoredRuleSet(NamedTuple):
    """A set of rules that was applied."""

    version: int
    yaml: str
    fingerprint: str
    applied_by: str
    applied_at: Instant


class EventCount(NamedTuple):
    """The number of events in the graph."""

    total: int


@query("counters/put_counts")
async def put_counts(
    tx: Transaction, *, writer: str, accepted: int, duplicates: int, dead_lettered: int, ignored: str
) -> None: ...


@query("counters/list_counts")
async def list_counts(tx: Transaction) -> list[WriterCounts]: ...


@query("rule_sets/find_rule_set")
async def find_rule_set(tx: Transaction) -> list[StoredRuleSet]: ...


@query("rule_sets/create_rule_set")
async def create_rule_set(
    tx: Transaction, *, version: int, yaml: str, fingerprint: str, applied_by: str, at_s: int, at_ns: int
) -> None: ...


@query("rule_sets/replace_rule_set")
async def replace_rule_set(
    tx: Transaction, *, version: int, yaml: str, fingerprint: str, applied_by: str, at_s: int, at_ns: int
) -> None: ...


@query("events/count_events")
async def count_events(tx: Transaction) -> list[EventCount]: ...
