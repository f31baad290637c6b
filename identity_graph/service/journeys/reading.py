"""Reading journeys and sessions, for many customers at once."""

from operator import attrgetter
from typing import NamedTuple

from identity_graph.domain.identity.read_models import TouchpointIdentifier
from identity_graph.domain.journeys.contexts import unpack_context
from identity_graph.domain.journeys.read_models import (
    CustomerSession,
    JourneyTouchpoint,
    SessionView,
    Touches,
    TouchpointView,
)
from identity_graph.domain.values.instants import EARLIEST, LATEST, format_instant
from identity_graph.domain.values.observations import Campaign, Instant
from identity_graph.service.positions import START, Page, TimePosition, cut
from identity_graph.service.reads import Reads, align, align_many
from identity_graph.store.customers import identifiers as reading_identifiers
from identity_graph.store.journeys import reading as reading_journeys

_customer_id = attrgetter("customer_id")


class JourneyFilter(NamedTuple):
    """Which touchpoints are wanted: from ``since`` on, before ``until``, of these types, names, channels and campaigns."""

    since: Instant | None = None
    until: Instant | None = None
    types: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None
    campaigns: tuple[str, ...] | None = None

    @property
    def parameters(self) -> dict[str, list[str] | None]:
        """All but the times, as query parameters."""
        wanted = {"types": self.types, "names": self.names, "channels": self.channels, "campaigns": self.campaigns}
        return {name: None if values is None else list(values) for name, values in wanted.items()}


async def read_journeys(
    reads: Reads, customer_ids: list[str], wanted: JourneyFilter, *, first: int, after: TimePosition | None
) -> list[Page[JourneyTouchpoint]]:
    """Read a page of each customer's journey, newest first."""
    until = START if wanted.until is None else TimePosition(wanted.until, "")
    before = min(until, after or START)
    rows = await reads.run(
        reading_journeys.page_touchpoints.call(
            customer_ids=customer_ids,
            since=format_instant(EARLIEST if wanted.since is None else wanted.since),
            before=format_instant(before.at),
            before_id=before.id,
            limit=first + 1,
            **wanted.parameters,
        )
    )
    return [cut(group, first) for group in align_many(customer_ids, rows, _customer_id)]


async def count_journeys(reads: Reads, customer_ids: list[str], wanted: JourneyFilter) -> list[int]:
    """Count the touchpoints of each customer's journey."""
    rows = await reads.run(
        reading_journeys.count_touchpoints.call(
            customer_ids=customer_ids,
            since=format_instant(EARLIEST if wanted.since is None else wanted.since),
            until=format_instant(LATEST if wanted.until is None else wanted.until),
            **wanted.parameters,
        )
    )
    return [0 if row is None else row.touchpoints for row in align(customer_ids, rows, _customer_id)]


async def read_touchpoints(reads: Reads, ids: list[str]) -> list[TouchpointView | None]:
    """Read touchpoints by their ids; None where there is none."""
    rows = await reads.run(reading_journeys.find_touchpoints.call(ids=ids))
    return align(ids, rows, attrgetter("id"))


async def read_campaigns(reads: Reads, ids: list[str]) -> list[Campaign | None]:
    """Read what brought people to touchpoints; None where nothing did."""
    rows = await reads.run(reading_journeys.find_campaigns.call(ids=ids))
    found = align(ids, rows, attrgetter("id"))
    return [None if row is None or not any(row[1:]) else Campaign(*row[1:]) for row in found]


async def read_touches(
    reads: Reads, customer_ids: list[str], conversion: str, *, within: int, direct: bool
) -> list[Touches | None]:
    """Read between which visits each customer's latest event of a name lies, None where there is no such event.

    Visits count that began up to ``within`` microseconds before it, and in it at the latest; without ``direct`` only
    those that a campaign, an ad or another site brought about.
    """
    rows = await reads.run(
        reading_journeys.find_touches.call(
            customer_ids=customer_ids, conversion=conversion, within=within, direct=direct
        )
    )
    found = align(customer_ids, rows, _customer_id)
    return [None if row is None else Touches(*row[1:]) for row in found]


async def read_contexts(reads: Reads, ids: list[str]) -> list[str]:
    """Read the contexts of touchpoints as JSON; an empty object where there is none."""
    rows = await reads.run(reading_journeys.find_contexts.call(ids=ids))
    return [unpack_context(None if row is None else row.context) for row in align(ids, rows, attrgetter("id"))]


async def read_identifiers_of_touchpoints(reads: Reads, ids: list[str]) -> list[list[TouchpointIdentifier]]:
    """Read the identifiers that each touchpoint observed, in no order."""
    rows = await reads.run(reading_identifiers.list_identifiers_of_touchpoints.call(event_ids=ids))
    return align_many(ids, reads.mask.rows(rows), attrgetter("event_id"))


async def read_sessions_of(
    reads: Reads, customer_ids: list[str], *, first: int, after: TimePosition | None
) -> list[Page[CustomerSession]]:
    """Read a page of each customer's sessions, newest first."""
    before = after or START
    rows = await reads.run(
        reading_journeys.page_sessions.call(
            customer_ids=customer_ids,
            before=format_instant(before.at),
            before_id=before.id,
            limit=first + 1,
        )
    )
    return [cut(group, first) for group in align_many(customer_ids, rows, _customer_id)]


async def count_sessions_of(reads: Reads, customer_ids: list[str]) -> list[int]:
    """Count the sessions of each customer."""
    rows = await reads.run(reading_journeys.count_sessions.call(customer_ids=customer_ids))
    return [0 if row is None else row.sessions for row in align(customer_ids, rows, _customer_id)]


async def read_sessions(reads: Reads, ids: list[str]) -> list[SessionView | None]:
    """Read sessions by their ids; None where there is none, or no longer."""
    rows = await reads.run(reading_journeys.find_sessions.call(ids=ids))
    return align(ids, rows, attrgetter("id"))
