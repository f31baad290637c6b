"""Reading all that is stored of the person whom a request is about. It is read when it is fetched, and kept nowhere."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import orjson

from identity_graph.domain.consent.decisions import Decision
from identity_graph.domain.identity.read_models import CustomerIdentifier
from identity_graph.domain.journeys.read_models import JourneyTouchpoint
from identity_graph.domain.privacy.personal_data import FORMAT, PersonalData
from identity_graph.domain.privacy.requests import RequestKind, RequestState
from identity_graph.domain.profiles.order_views import CustomerOrder
from identity_graph.domain.profiles.read_models import TraitView
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.values.instants import format_instant
from identity_graph.errors import NotFoundError, PrivacyRequestError
from identity_graph.service.consent.reading import read_decisions_of
from identity_graph.service.core import Service
from identity_graph.service.customers.cards import read_identifiers, read_identifiers_of
from identity_graph.service.journeys.reading import JourneyFilter, read_journeys
from identity_graph.service.positions import Page, TimePosition
from identity_graph.service.privacy.cases import get_case
from identity_graph.service.profiles.order_reading import read_orders_of
from identity_graph.service.profiles.reading import read_traits_of
from identity_graph.service.reads import Reads
from identity_graph.service.segments.members import read_memberships
from identity_graph.store.segments.segments import find_segments

T = TypeVar("T", CustomerOrder, JourneyTouchpoint)

_PAGE = 1000
_ALL = 2**31
"""More traits than anybody has."""

_EXPORTED = frozenset([RequestKind.ACCESS, RequestKind.PORTABILITY])


async def export_personal_data(service: Service, id: str) -> PersonalData:
    """Read all that is stored of the person whom a request for access or portability is about, once it is ``DONE``.

    Raises:
        NotFoundError: there is no such request, or nothing is stored of the person any more.
        PrivacyRequestError: the request is of another kind, or not done.
        GraphUnavailableError: Neo4j does not answer.
    """
    case = await get_case(service, id)
    if case.request.kind not in _EXPORTED or case.request.state is not RequestState.DONE:
        raise PrivacyRequestError(
            "Personal data is given for a request of the kind ACCESS or PORTABILITY that is DONE: have it verified and approved, "
            "and advance it to RUNNING.",
            fault="NOT_NEXT",
        )
    key = None if case.subject is None else read_key(case.subject, service.rules)
    (owned,) = [None] if key is None else await read_identifiers(Reads(service.graph, of_case=True), [key])
    if owned is None:
        raise NotFoundError("Nothing is stored of the person any more.")
    customer_id = owned.customer.id
    return {
        "format": FORMAT,
        "made_at": format_instant(service.units.now()),
        "request": id,
        "customer": customer_id,
        **await read_personal_data(service, customer_id),
    }


async def read_personal_data(service: Service, customer_id: str) -> PersonalData:
    """Read the lists of what is stored of a customer."""
    reads, ids = Reads(service.graph, of_case=True), [customer_id]
    (identifiers,) = await read_identifiers_of(reads, ids)
    (traits,) = await read_traits_of(reads, ids, service.units.in_force, most=_ALL)
    (decisions,) = await read_decisions_of(reads, ids)
    orders = await _all(
        lambda after: read_orders_of(Reads(service.graph, of_case=True), ids, first=_PAGE, after=after), _order_place
    )
    events = await _all(
        lambda after: read_journeys(Reads(service.graph, of_case=True), ids, JourneyFilter(), first=_PAGE, after=after),
        _event_place,
    )
    return {
        "identifiers": [_identifier(row) for row in sorted(identifiers, key=lambda row: row.key)],
        "traits": [_trait(row) for row in traits],
        "consents": [_consent(row) for row in decisions],
        "orders": [_order(row) for row in orders],
        "segments": await _segments(service, customer_id),
        "events": [_event(row) for row in events],
    }


async def _all(
    read: Callable[[TimePosition | None], Coroutine[Any, Any, list[Page[T]]]], place: Callable[[T], TimePosition]
) -> list[T]:
    found: list[T] = []
    after: TimePosition | None = None
    while True:
        (page,) = await read(after)
        found += page.items
        if not page.has_next_page:
            return found
        after = place(page.items[-1])


async def _segments(service: Service, customer_id: str) -> list[dict[str, Any]]:
    since = {
        one.segment_id: one.since
        for one in await read_memberships(service.graph, customer_id)
        if one.member and one.since is not None
    }
    rows = await service.graph.read(lambda tx: find_segments(tx, ids=sorted(since)))
    return [{"id": row.id, "name": row.name, "since": format_instant(since[row.id])} for row in rows]


def _order_place(row: CustomerOrder) -> TimePosition:
    return TimePosition(row.at, row.id)


def _event_place(row: JourneyTouchpoint) -> TimePosition:
    return TimePosition(row.occurred_at, row.id)


def _identifier(row: CustomerIdentifier) -> dict[str, Any]:
    return {
        "namespace": row.namespace,
        "value": row.value,
        "first_seen": format_instant(row.first_seen),
        "last_seen": format_instant(row.last_seen),
    }


def _trait(row: TraitView) -> dict[str, Any]:
    return {
        "name": row.name,
        "value": orjson.loads(row.value),
        "observed_at": format_instant(row.observed_at),
        "source": row.source,
    }


def _consent(row: Decision) -> dict[str, Any]:
    return {
        "subject": row.subject,
        "channel": None if row.channel is None else row.channel.value,
        "state": row.state.value,
        "at": format_instant(row.at),
        "source": row.source,
        "identifier": row.identifier,
        "version": row.version or None,
        "text": row.text or None,
    }


def _order(row: CustomerOrder) -> dict[str, Any]:
    return {
        "order_id": row.order_id,
        "scope": row.scope,
        "state": row.state,
        "at": format_instant(row.at),
        "currency": row.currency,
        "total": row.total,
        "revenue": row.revenue,
        "refunded": row.refunded,
        "shipping": row.shipping,
        "tax": row.tax,
        "discount": row.discount,
        "lines": None if row.lines is None else orjson.loads(row.lines),
    }


def _event(row: JourneyTouchpoint) -> dict[str, Any]:
    return {
        "id": row.id,
        "type": row.type,
        "name": row.name,
        "occurred_at": format_instant(row.occurred_at),
        "received_at": format_instant(row.received_at),
        "channel": row.channel,
        "source": row.source,
        "properties": {} if row.properties is None else orjson.loads(row.properties),
    }
