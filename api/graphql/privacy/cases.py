"""Entry points for privacy requests: opened, brought on, and listed."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

import strawberry
from strawberry import UNSET

from api.graphql.base.connections import After, Connection, First, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_moment, encode_moment, given
from api.graphql.base.identifiers import IdentifierInput
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import JSON, DateTime, Id
from api.graphql.privacy.erasure import ErasureReceipt, find_receipt
from identity_graph.domain.privacy.preserving import Preserve
from identity_graph.domain.privacy.requests import RequestKind, RequestState
from identity_graph.domain.privacy.steps import plan_of
from identity_graph.errors import InvalidInputError
from identity_graph.service.corrections.corrections import Named
from identity_graph.service.privacy import cases
from identity_graph.service.privacy.cases import Case, Wanted
from identity_graph.service.privacy.running import advance_request

strawberry.enum(
    RequestKind,
    name="PrivacyRequestKind",
    description="What somebody wants. ACCESS and PORTABILITY: all that is stored of them; ERASURE: to be forgotten; RESTRICTION: stored and not "
    "used; RECTIFICATION: traits put right; NOT_PERSONALISED: nothing that is made for them personally; DECEASED: they have died.",
)
strawberry.enum(RequestState, name="PrivacyRequestState", description="How far a request is.")

DONE, WAITING = "DONE", "WAITING"


@strawberry.type(description="A step of a privacy request.")
class PrivacyStep:
    """A step."""

    name: str
    state: str = strawberry.field(description="`DONE` or `WAITING`.")
    at: DateTime | None = strawberry.field(description="When it was done.")
    count: int | None = strawberry.field(description="How many of what it deals with it deleted, wrote or showed.")
    by: str | None = strawberry.field(description="The key, or the user of the command, that did it.")


@strawberry.type(
    description="A request of somebody about their data: a case with a due date. After an erasure it has nothing of the person."
)
class PrivacyRequest(Node):
    """A privacy request."""

    kind: RequestKind
    state: RequestState
    region: str = strawberry.field(description="By whose law the due date is.")
    opened_at: DateTime = strawberry.field(description="When it was received.")
    due_at: DateTime = strawberry.field(description="By when it has to be answered.")
    is_extended: bool = strawberry.field(description="The due date was put off.")
    opened_by: str = strawberry.field(description="The key, or the user of the command, that opened it.")
    requester: str = strawberry.field(description="Who asks, in words; empty after an erasure.")
    identifier: str | None = strawberry.field(
        description="Whom it is about: the key of an identifier; null after an erasure."
    )
    approvals: int = strawberry.field(
        description="How many people approve it. With 2, whoever opened it is not one of them."
    )
    approved_by: list[str]
    steps: list[PrivacyStep]
    preserve: Preserve | None = strawberry.field(description="What an erasure keeps of orders.")
    fault: str | None = strawberry.field(description="The code of the error at which it stopped.")
    case: strawberry.Private[Case]

    @strawberry.field(description="The open request that it repeats. It can only be denied.")
    async def duplicate_of(self, info: Info) -> "PrivacyRequest | None":
        """Read the other request."""
        id = self.case.request.duplicate_of
        return None if id is None else await find_request(info, id)

    @strawberry.field(description="The receipt of the erasure.")
    async def receipt(self, info: Info) -> ErasureReceipt | None:
        """Read the receipt."""
        return None if self.case.receipt is None else await find_receipt(info, self.case.receipt)


PrivacyRequestConnection = Connection[PrivacyRequest]


@strawberry.type(description="A privacy request that was just opened or brought on.")
class PrivacyRequestResult:
    """A request."""

    request: PrivacyRequest


@strawberry.input(description="A request of somebody about their data.")
class PrivacyRequestInput:
    """A request to open."""

    by: IdentifierInput = strawberry.field(description="Any identifier of the person, in any spelling.")
    kind: RequestKind
    requester: str = strawberry.field(description="Who asks, in words, such as `herself, by e-mail`.")
    region: str | None = strawberry.field(
        default=UNSET, description="By whose law it is due: `EU`, `US-CA`, `CN`; by default that of the settings."
    )
    received_at: DateTime | None = strawberry.field(default=UNSET, description="When it was received; by default now.")
    corrections: JSON | None = strawberry.field(
        default=UNSET, description="Of a RECTIFICATION: the right values of traits by name; null deletes one."
    )
    preserve: Preserve | None = strawberry.field(
        default=UNSET, description="Of an ERASURE: what is kept of orders, without the person; by default nothing."
    )


State = Annotated[RequestState | None, strawberry.argument(description="Only those in this state.")]


@strawberry.type
class PrivacyQueries:
    """The entry points for looking at privacy requests."""

    @strawberry.field(description="Requests of people about their data, those opened last first.")
    async def privacy_requests(
        self, info: Info, state: State = UNSET, first: First = 20, after: After = UNSET
    ) -> PrivacyRequestConnection:
        """Read a page of the requests."""
        reads, wanted = info.context.loaders.reads, given(state)
        page = await cases.read_cases(
            reads, state=wanted, first=check_first(first), after=decode_moment("privacy requests", after)
        )
        edges, page_info = edges_of(
            page,
            request_of,
            lambda case: encode_moment("privacy requests", case.request.opened_at, case.request.id),
        )
        return PrivacyRequestConnection(
            edges=edges, page_info=page_info, count=lambda: cases.count_cases(reads, wanted)
        )


@strawberry.type
class PrivacyRequestMutations:
    """The entry points for handling privacy requests."""

    @strawberry.mutation(description="Open a request of somebody about their data.")
    async def open_privacy_request(self, info: Info, input: PrivacyRequestInput) -> PrivacyRequestResult:
        """Open a request."""
        received_at = given(input.received_at)
        wanted = Wanted(
            by=Named(input.by.namespace, input.by.value),
            kind=input.kind,
            requester=input.requester,
            region=given(input.region),
            received_at=None if received_at is None else int(received_at),
            corrections=_corrections(given(input.corrections)),
            preserve=given(input.preserve),
        )
        return PrivacyRequestResult(
            request=request_of(await cases.open_request(info.context.service, wanted, info.context.actor))
        )

    @strawberry.mutation(
        description="Bring a request on: VERIFIED when the requester was checked, APPROVED, then RUNNING, which does what is asked for; or "
        "DENIED. One that FAILED or was interrupted goes on with RUNNING. The reason is not kept."
    )
    async def advance_privacy_request(self, info: Info, id: Id, to: RequestState, reason: str) -> PrivacyRequestResult:
        """Bring a request on."""
        case = await advance_request(info.context.service, str(id), to, info.context.actor, reason)
        info.context.forget()
        return PrivacyRequestResult(request=request_of(case))

    @strawberry.mutation(
        description="Put the due date off, once, where the law of the region allows that. The reason is not kept."
    )
    async def extend_privacy_request(self, info: Info, id: Id, reason: str) -> PrivacyRequestResult:
        """Put a due date off."""
        return PrivacyRequestResult(request=request_of(await cases.put_off(info.context.service, str(id), reason)))


async def find_request(info: Info, id: str) -> PrivacyRequest | None:
    """Find a request by its id."""
    case = await cases.find_case(info.context.service, id)
    return None if case is None else request_of(case)


def request_of(case: Case) -> PrivacyRequest:
    """Make a request of what is stored."""
    request = case.request
    return PrivacyRequest(
        id=Id(request.id),
        kind=request.kind,
        state=request.state,
        region=request.region,
        opened_at=DateTime(request.opened_at),
        due_at=DateTime(request.due_at),
        is_extended=request.extended,
        opened_by=request.opened_by,
        requester=case.requester or "",
        identifier=case.subject,
        approvals=request.approvals,
        approved_by=list(request.approved_by),
        steps=_steps_of(case),
        preserve=case.preserve,
        fault=case.fault,
        case=case,
    )


def _steps_of(case: Case) -> list[PrivacyStep]:
    steps: list[PrivacyStep] = []
    for step in plan_of(case.request.kind):
        done = [one for one in case.steps if one.step is step]
        steps += [
            PrivacyStep(name=step.value, state=DONE, at=DateTime(one.at), count=one.count, by=one.by) for one in done
        ]
        if not done:
            steps.append(PrivacyStep(name=step.value, state=WAITING, at=None, count=None, by=None))
    return steps


def _corrections(value: Any) -> Mapping[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise InvalidInputError("`corrections` is an object: the right values of traits by name.", field="corrections")
    return cast("Mapping[str, Any] | None", value)
