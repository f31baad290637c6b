"""Counters of accepted, repeated and ignored input."""

from typing import NamedTuple

from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


class WriterCounts(NamedTuple):
    """What one writer took in. ``ignored`` is JSON: counts per namespace and code."""

    accepted: int
    duplicates: int
    dead_lettered: int
    ignored: str


class EventCount(NamedTuple):
    """The number of events in the graph."""

    total: int


@query("collecting/set_counts")
async def set_counts(tx: WriteTransaction, *, writer: str, accepted: int, duplicates: int, ignored: str) -> None: ...


@query("collecting/find_counts")
async def find_counts(tx: ReadTransaction, *, writer: str) -> list[WriterCounts]: ...


@query("collecting/add_dead_lettered")
async def add_dead_lettered(tx: WriteTransaction, *, writer: str, created: int) -> None: ...


@query("collecting/list_counts")
async def list_counts(tx: ReadTransaction) -> list[WriterCounts]: ...


@query("collecting/count_events")
async def count_events(tx: ReadTransaction) -> list[EventCount]: ...


class BegunUnit(NamedTuple):
    """A unit of work that has begun: the versions of the rules and the catalogue in force, and of the set of segments.

    ``salt`` is that of tombstones; None while nobody was erased. ``has_bars``: a privacy request bars use of somebody.
    """

    rule_version: int
    catalogue_version: int
    segments_version: int
    salt: str | None
    has_bars: bool


@query("collecting/begin_unit")
async def begin_unit(tx: WriteTransaction, *, writer: str) -> list[BegunUnit]: ...


@query("collecting/lock_counters")
async def lock_counters(tx: WriteTransaction) -> None: ...
