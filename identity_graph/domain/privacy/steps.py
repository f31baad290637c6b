"""The steps of a privacy request. Each can be run again, and the first that is not done is the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from identity_graph.domain.privacy.requests import RequestKind
from identity_graph.domain.values.observations import Instant


class RequestStep(StrEnum):
    """What is done for a request, in this order. The first two are done by people."""

    VERIFY = "VERIFY"
    APPROVE = "APPROVE"
    OUTBOX = "OUTBOX"
    SPOOL = "SPOOL"
    GRAPH = "GRAPH"
    EXPORT = "EXPORT"
    BAR = "BAR"
    CORRECT = "CORRECT"


_ERASURE = (RequestStep.OUTBOX, RequestStep.SPOOL, RequestStep.GRAPH)

WORK: Mapping[RequestKind, tuple[RequestStep, ...]] = {
    RequestKind.ACCESS: (RequestStep.EXPORT,),
    RequestKind.ERASURE: _ERASURE,  # nothing is sent of a person while being erased, and nothing waits to be taken in
    RequestKind.RESTRICTION: (RequestStep.BAR,),
    RequestKind.RECTIFICATION: (RequestStep.CORRECT,),
    RequestKind.PORTABILITY: (RequestStep.EXPORT,),
    RequestKind.NOT_PERSONALISED: (RequestStep.BAR,),
    RequestKind.DECEASED: (RequestStep.BAR,),
}
"""What the service does for each kind of request, once it is approved."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that is done: when, by whom, and how many of what it deals with it deleted, wrote or showed."""

    step: RequestStep
    at: Instant
    count: int
    by: str


def next_step(kind: RequestKind, done: Sequence[StepDone]) -> RequestStep | None:
    """Give the step that the service has to take next; None when all are done."""
    known = {one.step for one in done}
    return next((step for step in WORK[kind] if step not in known), None)


def plan_of(kind: RequestKind) -> tuple[RequestStep, ...]:
    """List all steps of a kind of request, in their order."""
    return (RequestStep.VERIFY, RequestStep.APPROVE, *WORK[kind])


def take(done: Sequence[StepDone], step: StepDone) -> tuple[StepDone, ...]:
    """Note that a step is done. One that was run again counts with what both runs did; each approval stands by itself."""
    before = next((one for one in done if one.step is step.step), None)
    if before is None or step.step is RequestStep.APPROVE:
        return (*done, step)
    return tuple(replace(step, count=before.count + step.count) if one is before else one for one in done)
