"""Privacy requests as cases: opened, brought on by people, put off and listed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from identity_graph.domain.privacy.preserving import Preserve
from identity_graph.domain.privacy.requests import (
    BY_PEOPLE,
    ENDED,
    Request,
    RequestFault,
    RequestKind,
    RequestState,
    advance,
    due_at,
    extend,
    find_duplicate,
    say_fault,
)
from identity_graph.domain.privacy.steps import RequestStep, StepDone, take
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import InvalidInputError, NotFoundError, PrivacyRequestError
from identity_graph.service.core import Service
from identity_graph.service.corrections.corrections import Named
from identity_graph.service.new_ids import new_id
from identity_graph.service.positions import START, Page, TimePosition, cut
from identity_graph.service.privacy.requests import find_key
from identity_graph.service.reads import Reads
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.driver.rows import to_json
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.privacy import requests as store
from identity_graph.store.privacy.requests import RequestRow

PREFIX = "prq"
_LONGEST_REQUESTER = 255
_LONGEST_REGION = 20
_LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Case:
    """A request with what is kept of it: whom it is about (the key of an identifier), who asks, and the steps that are done.

    ``subject`` and ``requester`` are None after an erasure. ``corrections`` are the traits to correct. ``fault`` is the code of the
    error at which it stopped, ``preserve`` what an erasure keeps of orders.
    """

    request: Request
    subject: str | None
    requester: str | None
    corrections: Mapping[str, Any]
    steps: tuple[StepDone, ...]
    receipt: str | None = None
    fault: str | None = None
    preserve: Preserve | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants. ``received_at`` None: it came now. ``region`` None: that of the settings.

    ``preserve`` says what an erasure keeps of orders. ``id`` is given by who may ask again for the same: a request that is there already stays as it is.
    """

    by: Named
    kind: RequestKind
    requester: str
    region: str | None = None
    received_at: Instant | None = None
    corrections: Mapping[str, Any] | None = None
    preserve: Preserve | None = None
    id: str | None = None


async def open_request(service: Service, wanted: Wanted, actor: str) -> Case:
    """Open a request about the customer of an identifier. One that repeats an open request of the customer names that one.

    Raises:
        InvalidInputError: something of it cannot be; the message names all of it.
        NotFoundError: the identifier is unknown: nothing is stored of the person.
        GraphUnavailableError: Neo4j does not answer.
    """
    now = service.units.now()
    problems = _find_problems(wanted, now)
    if problems:
        raise InvalidInputError(" ".join(problems))
    key = find_key(service, wanted.by)
    region = (wanted.region or service.settings.privacy_region).strip().upper()
    opened_at = now if wanted.received_at is None else wanted.received_at
    rules = service.rules

    async def work(tx: WriteTransaction) -> str:
        await store.lock_requests(tx)
        if wanted.id is not None and await store.find_requests(tx, ids=[wanted.id]):
            return wanted.id
        owners = await customer_store.find_owners(tx, keys=[key])
        if not owners:
            raise NotFoundError("There is no such identifier, so nothing is stored of the person.")
        members = {row.key for row in await customer_store.list_members(tx, ids=[owners[0].customer_id])}
        waiting = await store.list_requests_in_states(tx, states=sorted(set(RequestState) - ENDED))
        same = [row for row in waiting if row.subject is not None and read_key(row.subject, rules) in members]
        id = wanted.id or new_id(PREFIX)
        due = due_at(opened_at, region)
        await store.create_request(
            tx,
            id=id,
            kind=wanted.kind,
            state=RequestState.OPEN,
            region=region,
            subject=key,
            requester=wanted.requester.strip(),
            corrections=None if wanted.corrections is None else to_json(dict(wanted.corrections)),
            preserve=wanted.preserve,
            opened_s=seconds(opened_at),
            opened_ns=nanoseconds(opened_at),
            due_s=seconds(due),
            due_ns=nanoseconds(due),
            opened_by=actor,
            approvals=service.settings.privacy_approvals,
            duplicate_of=find_duplicate(wanted.kind, [case_of(row).request for row in same]),
        )
        return id

    id = await service.graph.write(work)
    return await get_case(service, id)


async def decide(service: Service, id: str, to: RequestState, actor: str, reason: str) -> Case:
    """Bring a request on as far as people do it: to ``RUNNING`` the service's own steps are still to be taken.

    The reason is asked for and not kept, since it may name the person.

    Raises:
        NotFoundError: there is no such request.
        InvalidInputError: there is no reason, or only the service brings a request to that state.
        PrivacyRequestError: the request cannot go on like that.
        GraphUnavailableError: Neo4j does not answer.
    """
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise InvalidInputError(f"Say why, in 1 to {_LONGEST_REASON} characters.", field="reason")
    if to not in BY_PEOPLE:
        raise InvalidInputError(f"Only the service brings a request to {to}: advance it to RUNNING.", field="to")
    now = service.units.now()
    done = {RequestState.VERIFIED: RequestStep.VERIFY, RequestState.APPROVED: RequestStep.APPROVE}.get(to)

    def change(case: Case) -> Case:
        after = advance(case.request, to, actor, reason)
        if isinstance(after, RequestFault):
            raise PrivacyRequestError(say_fault(after, case.request, to), fault=after.value)
        steps = case.steps if done is None else take(case.steps, StepDone(done, now, 1, actor))
        return replace(case, request=after, steps=steps, fault=None)

    return await change_case(service, id, change)


async def put_off(service: Service, id: str, reason: str) -> Case:
    """Put the due date of a request off: once, where the law of the region allows that.

    Raises:
        NotFoundError: there is no such request.
        PrivacyRequestError: it cannot be put off.
        GraphUnavailableError: Neo4j does not answer.
    """

    def change(case: Case) -> Case:
        after = RequestFault.NOT_NEXT if case.request.state in ENDED else extend(case.request, reason)
        if isinstance(after, RequestFault):
            fault = RequestFault.EXTENDED if after is RequestFault.NOT_NEXT else after
            raise PrivacyRequestError(say_fault(fault, case.request, case.request.state), fault=fault.value)
        return replace(case, request=after)

    return await change_case(service, id, change)


async def change_case(service: Service, id: str, change: Callable[[Case], Case]) -> Case:
    """Change a request in a transaction of its own."""
    return await service.graph.write(lambda tx: change_case_in(tx, id, change))


async def change_case_in(tx: WriteTransaction, id: str, change: Callable[[Case], Case]) -> Case:
    """Change a request in a transaction, in which it is locked.

    Raises:
        NotFoundError: there is no such request.
    """
    rows = await store.lock_request(tx, id=id)
    if not rows:
        raise NotFoundError("There is no privacy request of this id.")
    case = change(case_of(rows[0]))
    request = case.request
    await store.update_request(
        tx,
        id=id,
        state=request.state,
        due_s=seconds(request.due_at),
        due_ns=nanoseconds(request.due_at),
        approved_by=list(request.approved_by),
        steps=to_json([[one.step, one.at, one.count, one.by] for one in case.steps]),
        receipt=case.receipt,
        fault=case.fault,
        extended=request.extended,
    )
    return case


async def find_case(service: Service, id: str) -> Case | None:
    """Find a request by its id."""
    rows = await service.graph.read(lambda tx: store.find_requests(tx, ids=[id]))
    return case_of(rows[0]) if rows else None


async def get_case(service: Service, id: str) -> Case:
    """Read a request.

    Raises:
        NotFoundError: there is no such request.
    """
    case = await find_case(service, id)
    if case is None:
        raise NotFoundError("There is no privacy request of this id.")
    return case


async def read_cases(reads: Reads, *, state: RequestState | None, first: int, after: TimePosition | None) -> Page[Case]:
    """Read a page of all requests, those opened last first."""
    before = after or START
    rows = await reads.run(
        store.page_requests.call(state=state, before=format_instant(before.at), before_id=before.id, limit=first + 1)
    )
    return cut([case_of(row) for row in rows], first)


async def count_cases(reads: Reads, state: RequestState | None) -> int:
    """Count the requests, all or those in a state."""
    rows = await reads.run(store.count_requests)
    return sum(row.total for row in rows if state is None or row.state == state)


def case_of(row: RequestRow) -> Case:
    """Read a request as it is stored."""
    request = Request(
        id=row.id,
        kind=RequestKind(row.kind),
        opened_at=row.opened_at,
        due_at=row.due_at,
        opened_by=row.opened_by,
        region=row.region,
        state=RequestState(row.state),
        approvals=row.approvals,
        approved_by=tuple(row.approved_by),
        duplicate_of=row.duplicate_of,
        extended=row.extended,
    )
    steps = tuple(StepDone(RequestStep(step), at, count, by) for step, at, count, by in orjson.loads(row.steps))
    corrections = {} if row.corrections is None else orjson.loads(row.corrections)
    preserve = None if row.preserve is None else Preserve(row.preserve)
    return Case(request, row.subject, row.requester, corrections, steps, row.receipt, row.fault, preserve)


def _find_problems(wanted: Wanted, now: Instant) -> list[str]:
    problems: list[str] = []
    if not 0 < len(wanted.requester.strip()) <= _LONGEST_REQUESTER:
        problems.append(f"`requester` says who asks, in 1 to {_LONGEST_REQUESTER} characters.")
    if wanted.region is not None and not 0 < len(wanted.region.strip()) <= _LONGEST_REGION:
        problems.append(f"`region` is a country, or a state of it such as US-CA, in 1 to {_LONGEST_REGION} characters.")
    if wanted.received_at is not None and wanted.received_at > now:
        problems.append("`receivedAt` lies in the future: it is when the request was received.")
    if wanted.received_at is not None and wanted.received_at < 0:
        problems.append("`receivedAt` is from before 1970: check the clock.")
    if (wanted.kind is RequestKind.RECTIFICATION) != bool(wanted.corrections):
        problems.append(
            "`corrections` are the right values of traits by name: a RECTIFICATION needs them, and no other kind has them."
        )
    if wanted.preserve is not None and wanted.kind is not RequestKind.ERASURE:
        problems.append("`preserve` says what an ERASURE keeps of orders: no other kind has it.")
    return problems
