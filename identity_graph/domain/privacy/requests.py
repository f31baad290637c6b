"""Requests of people about their data: their kinds, states and due dates, and who has to agree."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
MOST_APPROVALS = 2


class RequestKind(StrEnum):
    """What somebody wants."""

    ACCESS = "ACCESS"
    ERASURE = "ERASURE"
    RESTRICTION = "RESTRICTION"
    RECTIFICATION = "RECTIFICATION"
    PORTABILITY = "PORTABILITY"
    NOT_PERSONALISED = "NOT_PERSONALISED"
    DECEASED = "DECEASED"


class RequestState(StrEnum):
    """How far a request is."""

    OPEN = "OPEN"
    VERIFIED = "VERIFIED"
    APPROVED = "APPROVED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    DENIED = "DENIED"
    FAILED = "FAILED"


class RequestFault(StrEnum):
    """Why a request cannot go on as somebody wants."""

    NOT_NEXT = "NOT_NEXT"
    NO_REASON = "NO_REASON"
    DUPLICATE = "DUPLICATE"
    OPENED_IT = "OPENED_IT"
    APPROVED_IT = "APPROVED_IT"
    EXTENDED = "EXTENDED"


_NEXT: dict[RequestState, frozenset[RequestState]] = {
    RequestState.OPEN: frozenset([RequestState.VERIFIED, RequestState.DENIED]),
    RequestState.VERIFIED: frozenset([RequestState.APPROVED, RequestState.DENIED]),
    RequestState.APPROVED: frozenset([RequestState.RUNNING, RequestState.DENIED]),
    RequestState.RUNNING: frozenset([RequestState.RUNNING, RequestState.DONE, RequestState.FAILED]),
    RequestState.FAILED: frozenset([RequestState.RUNNING, RequestState.DENIED]),
    RequestState.DONE: frozenset(),
    RequestState.DENIED: frozenset(),
}

_SAID = {
    RequestFault.NO_REASON: "Say why: the reason is empty.",
    RequestFault.DUPLICATE: "The request repeats another one, which is still open. Go on with that one, and deny this one.",
    RequestFault.OPENED_IT: "Whoever opened the request cannot approve it: somebody else has to, with a key of their own.",
    RequestFault.APPROVED_IT: "You approved the request already: somebody else has to, with a key of their own.",
    RequestFault.EXTENDED: "The due date cannot be put off: it was once, or the law of the region does not allow it.",
}

BY_PEOPLE = frozenset([RequestState.VERIFIED, RequestState.APPROVED, RequestState.RUNNING, RequestState.DENIED])
"""States to which people bring a request; the service brings it to the others."""

ENDED = frozenset([RequestState.DONE, RequestState.DENIED])
"""States in which nothing is left to do."""


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """How long there is, in calendar months and days, and by how much that may be extended once."""

    months: int = 0
    days: int = 0
    more_months: int = 0
    more_days: int = 0


DEADLINES: dict[str, Deadline] = {
    "EU": Deadline(months=1, more_months=2),  # GDPR, article 12(3)
    "US-CA": Deadline(days=45, more_days=45),  # CCPA regulations, section 7021
    "CN": Deadline(days=15),  # what is usual: the law (PIPL, article 50) says "in a timely manner"
}
"""Due dates by region; elsewhere that of the EU counts."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it stands. ``approvals`` is how many people have to approve it, 1 or 2."""

    id: str
    kind: RequestKind
    opened_at: Instant
    due_at: Instant
    opened_by: str
    region: str = "EU"
    state: RequestState = RequestState.OPEN
    approvals: int = 1
    approved_by: tuple[str, ...] = ()
    duplicate_of: str | None = None
    extended: bool = False


def find_deadline(region: str) -> Deadline:
    """Find how long there is in a region."""
    return DEADLINES.get(region, DEADLINES["EU"])


def due_at(received_at: Instant, region: str) -> Instant:
    """Tell by when a request has to be answered."""
    deadline = find_deadline(region)
    return _later(received_at, deadline.months, deadline.days)


def extend(request: Request, reason: str) -> Request | RequestFault:
    """Put off the due date: once, and with a reason, where the law of the region allows that."""
    deadline = find_deadline(request.region)
    if request.extended or not (deadline.more_months or deadline.more_days):
        return RequestFault.EXTENDED
    if not reason.strip():
        return RequestFault.NO_REASON
    return replace(request, extended=True, due_at=_later(request.due_at, deadline.more_months, deadline.more_days))


def advance(request: Request, to: RequestState, actor: str, reason: str) -> Request | RequestFault:
    """Bring a request on, or tell why that cannot be.

    ``VERIFIED`` says that the requester was checked. Where two have to approve, whoever opened the request is not one of them,
    and nobody counts twice; the request stays ``VERIFIED`` until enough have. A duplicate can only be denied. One that is ``RUNNING``
    may be told so again: it goes on where it was interrupted.
    """
    if not reason.strip():
        return RequestFault.NO_REASON
    if to not in _NEXT[request.state]:
        return RequestFault.NOT_NEXT
    if request.duplicate_of is not None and to is not RequestState.DENIED:
        return RequestFault.DUPLICATE
    if to is not RequestState.APPROVED:
        return replace(request, state=to)
    if request.approvals == MOST_APPROVALS and actor == request.opened_by:
        return RequestFault.OPENED_IT
    if actor in request.approved_by:
        return RequestFault.APPROVED_IT
    approved_by = (*request.approved_by, actor)
    state = RequestState.APPROVED if len(approved_by) >= request.approvals else RequestState.VERIFIED
    return replace(request, state=state, approved_by=approved_by)


def say_fault(fault: RequestFault, request: Request, to: RequestState) -> str:
    """Say why a request cannot go on as somebody wants, and what can be done."""
    if fault is RequestFault.NOT_NEXT:
        possible = ", ".join(sorted(_NEXT[request.state] & BY_PEOPLE)) or "nothing"
        return f"The request is {request.state}, so it cannot become {to}. It can become: {possible}."
    return _SAID[fault]


def find_duplicate(kind: RequestKind, others: list[Request]) -> str | None:
    """Find the request that one of a kind repeats, among others of the same customer: the oldest that has not ended."""
    same = [one for one in others if one.kind is kind and one.duplicate_of is None and one.state not in ENDED]
    return min(same, key=lambda one: (one.opened_at, one.id)).id if same else None


def _later(at: Instant, months: int, days: int) -> Instant:
    """Add calendar months, to the last day of a month at most, and days."""
    moment = _EPOCH + at * _MICROSECOND
    first, after = (_first_of_month(moment, number) for number in (months, months + 1))
    day = min(moment.day, (after - first).days)
    return (first.replace(day=day) - _EPOCH) // _MICROSECOND + days * DAY


def _first_of_month(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=1)
