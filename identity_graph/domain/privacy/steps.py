"""The steps of an erasure. Each can be run again, and the first that is not done is the next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from identity_graph.domain.values.observations import Instant


class ErasureStep(StrEnum):
    """What is done, in this order: nothing is sent of a person while being erased, and nothing waits to be taken in."""

    OUTBOX = "OUTBOX"
    SPOOL = "SPOOL"
    GRAPH = "GRAPH"


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that is done: when, and how many of what it deals with it deleted."""

    step: ErasureStep
    at: Instant
    count: int


def next_step(done: Sequence[StepDone]) -> ErasureStep | None:
    """Give the step to take next; None when all are done."""
    known = {one.step for one in done}
    return next((step for step in ErasureStep if step not in known), None)


def take(done: Sequence[StepDone], step: StepDone) -> tuple[StepDone, ...]:
    """Note that a step is done. One that was run again counts with what both runs deleted."""
    before = next((one for one in done if one.step is step.step), None)
    if before is None:
        return (*done, step)
    return tuple(replace(step, count=before.count + step.count) if one is before else one for one in done)
