"""The entry points for changing segments."""

from typing import Any

import strawberry

from api.graphql.base.context import Info
from api.graphql.base.cursors import given
from api.graphql.base.scalars import Id
from api.graphql.segments.conditions import check_conditions_for
from api.graphql.segments.inputs import SegmentInput
from api.graphql.segments.loading import get_segment
from api.graphql.segments.segments import Segment, segment_of
from api.graphql.segments.written import write_input
from identity_graph.domain.segments.fields import Finding
from identity_graph.domain.segments.file import SegmentDraft, read_segment
from identity_graph.domain.segments.reading import raise_if_any
from identity_graph.service.segments import pins, saving


@strawberry.type(description="A segment as it is now.")
class SegmentResult:
    """A segment that was changed."""

    segment: Segment
    warnings: list[str] = strawberry.field(description="What is only worth a look, each with its place in the rule.")


@strawberry.type(description="A segment that was deleted.")
class DeleteSegmentResult:
    """The id of the segment."""

    id: Id


@strawberry.type
class SegmentMutations:
    """The entry points for changing segments."""

    @strawberry.mutation(
        description="Save a new segment, or with `id` a changed one. All customers are then evaluated in the background; until that is done, "
        "the members of a changed segment stay those of its former rule."
    )
    async def save_segment(self, info: Info, input: SegmentInput) -> SegmentResult:
        """Save a segment."""
        written = _draft_of(input)
        check_conditions_for(info, written.rule)
        draft = saving.Draft(written, given(input.id), given(input.expected_version))
        saved = await saving.save_segment(info.context.service.units, draft)
        info.context.service.evaluator.wake()
        info.context.forget()
        return SegmentResult(segment=segment_of(saved.segment), warnings=saved.warnings)

    @strawberry.mutation(
        description="Delete a segment that nothing uses: all members leave it. Its id and its name are never used again."
    )
    async def delete_segment(self, info: Info, id: Id) -> DeleteSegmentResult:
        """Delete a segment."""
        await saving.delete_segment(info.context.service.units, str(id))
        info.context.service.evaluator.wake()
        info.context.forget()
        return DeleteSegmentResult(id=id)

    @strawberry.mutation(
        description="Decide that a customer is in a segment, or is not, whatever the rule says. It holds for the person, also after merges and splits, "
        "until it is taken back."
    )
    async def pin_member(self, info: Info, segment: Id, customer: Id, member: bool, reason: str) -> SegmentResult:
        """Pin a customer."""
        context = info.context
        await pins.pin_member(
            context.service.units, str(segment), str(customer), member=member, reason=reason, actor=context.actor
        )
        return await _changed(info, segment)

    @strawberry.mutation(description="Take back what was decided about a customer: the rule counts again.")
    async def unpin_member(self, info: Info, segment: Id, customer: Id) -> SegmentResult:
        """Take a pin back."""
        await pins.unpin_member(info.context.service.units, str(segment), str(customer))
        return await _changed(info, segment)


async def _changed(info: Info, id: str) -> SegmentResult:
    info.context.service.evaluator.wake()
    info.context.forget()
    return SegmentResult(segment=await get_segment(info, id), warnings=[])


def _draft_of(input: SegmentInput) -> SegmentDraft:
    """Read a draft as the reader of files does.

    Raises:
        SegmentError: it is none; the message names every problem with its place.
    """
    audience = given(input.audience)
    written: dict[str, Any] = {
        "name": input.name,
        "description": given(input.description),
        "audience": None if audience is None else audience.value,
        "purpose": given(input.purpose),
        "rule": write_input(input.rule),
    }
    found: list[Finding] = []
    draft = read_segment(written, found)
    raise_if_any(found)
    return draft
