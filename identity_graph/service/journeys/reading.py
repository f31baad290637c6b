"""Reading journeys and sessions, for many customers at once."""

from operator import attrgetter
from typing import NamedTuple

from identity_graph.domain.identity.read_models import TouchpointIdentifier
from identity_graph.domain.journeys.read_models import CustomerSession, JourneyTouchpoint, SessionView, TouchpointView
from identity_graph.domain.values.instants import EARLIEST, LATEST, format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.service.positions import ABOVE_ALL, START, Page, TimePosition, cut
from identity_graph.service.reads import Reads, align, align_many
from identity_graph.store.customers import identifiers as reading_identifiers
from identity_graph.store.journeys import reading as reading_journeys

_customer_id = attrgetter("customer_id")


class JourneyFilter(NamedTuple):
    """Which touchpoints are wanted: from ``since`` on, before ``until``, of these types and on these channels."""

    since: Instant | None = None
    until: Instant | None = None
    types: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None

    @property
    def parameters(self) -> dict[str, list[str] | None]:
        """The types and channels, as query parameters."""
        return {
            "types": None if self.types is None else list(self.types),
            "channels": None if self.channels is None else list(self.channels),
        }


async def read_journeys(
    reads: Reads, customer_ids: list[str], wanted: JourneyFilter, *, first: int, after: TimePosition | None
) -> list[Page[JourneyTouchpoint]]:
    """Read a page of each customer's journey, newest first."""
    until = START if wanted.until is None else TimePosition(wanted.until, "")
    before = min(until, after or START)
    is_filtered = wanted.types is not None or wanted.channels is not None
    rows = await reads.run(
        lambda tx: reading_journeys.page_touchpoints(
            tx,
            customer_ids=customer_ids,
            since=format_instant(EARLIEST if wanted.since is None else wanted.since),
            before=format_instant(before.at),
            before_id=before.id,
            # How many sessions hold enough events is unknown when events are filtered.
            enough=ABOVE_ALL if is_filtered else first + 1,
            limit=first + 1,
            **wanted.parameters,
        )
    )
    return [cut(group, first) for group in align_many(customer_ids, rows, _customer_id)]


async def count_journeys(reads: Reads, customer_ids: list[str], wanted: JourneyFilter) -> list[int]:
    """Count the touchpoints of each customer's journey."""
    rows = await reads.run(
        lambda tx: reading_journeys.count_touchpoints(
            tx,
            customer_ids=customer_ids,
            since=format_instant(EARLIEST if wanted.since is None else wanted.since),
            until=format_instant(LATEST if wanted.until is None else wanted.until),
            **wanted.parameters,
        )
    )
    return [0 if row is None else row.touchpoints for row in align(customer_ids, rows, _customer_id)]


async def read_touchpoints(reads: Reads, ids: list[str]) -> list[TouchpointView | None]:
    """Read touchpoints by their ids; None where there is none."""
    rows = await reads.run(lambda tx: reading_journeys.find_touchpoints(tx, ids=ids))
    return align(ids, rows, attrgetter("id"))


async def read_identifiers_of_touchpoints(reads: Reads, ids: list[str]) -> list[list[TouchpointIdentifier]]:
    """Read the identifiers that each touchpoint observed, in no order."""
    rows = await reads.run(lambda tx: reading_identifiers.list_identifiers_of_touchpoints(tx, event_ids=ids))
    return align_many(ids, rows, attrgetter("event_id"))


async def read_sessions_of(
    reads: Reads, customer_ids: list[str], *, first: int, after: TimePosition | None
) -> list[Page[CustomerSession]]:
    """Read a page of each customer's sessions, newest first."""
    before = after or START
    rows = await reads.run(
        lambda tx: reading_journeys.page_sessions(
            tx,
            customer_ids=customer_ids,
            before=format_instant(before.at),
            before_id=before.id,
            limit=first + 1,
        )
    )
    return [cut(group, first) for group in align_many(customer_ids, rows, _customer_id)]


async def count_sessions_of(reads: Reads, customer_ids: list[str]) -> list[int]:
    """Count the sessions of each customer."""
    rows = await reads.run(lambda tx: reading_journeys.count_sessions(tx, customer_ids=customer_ids))
    return [0 if row is None else row.sessions for row in align(customer_ids, rows, _customer_id)]


async def read_sessions(reads: Reads, ids: list[str]) -> list[SessionView | None]:
    """Read sessions by their ids; None where there is none, or no longer."""
    rows = await reads.run(lambda tx: reading_journeys.find_sessions(tx, ids=ids))
    return align(ids, rows, attrgetter("id"))
