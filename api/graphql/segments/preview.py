"""Previews: what a rule would come to before it is saved."""

from asyncio import gather
from typing import Annotated

import strawberry
from strawberry import Private

from api.graphql.base.context import Info
from api.graphql.base.cursors import MAX_PAGE, check_first, given
from api.graphql.base.scalars import DateTime, Id
from api.graphql.segments.changes import LazyCustomer
from api.graphql.segments.conditions import check_conditions_for
from api.graphql.segments.enums import Audience
from api.graphql.segments.inputs import RuleInput
from api.graphql.segments.loading import get_customer, get_segment, read_customer
from api.graphql.segments.membership import Membership, membership_of_rule
from api.graphql.segments.segments import Language, Segment, say
from api.graphql.segments.written import write_input
from identity_graph.domain.segments.fields import Finding
from identity_graph.domain.segments.reading import find_rule, raise_if_any
from identity_graph.domain.segments.rule_tree import Rule
from identity_graph.errors import NotFoundError
from identity_graph.service.segments import preview
from identity_graph.service.segments.overlap import read_overlap
from identity_graph.service.segments.preview import Proposal

AmongWhom = Annotated[
    Audience | None, strawberry.argument(description="Among whom it looks; anonymous ones too with ALL.")
]
OfSegment = Annotated[
    Id | None,
    strawberry.argument(description="The segment whose rule it is to become, so that it is not compared with itself."),
]
Sample = Annotated[int | None, strawberry.argument(description="How many to show, 100 at most.")]


@strawberry.type(description="How many would be in, and are in another segment, too.")
class SegmentOverlap:
    """What a rule has in common with a segment."""

    segment: Segment
    size: int


@strawberry.type(description="What a rule would come to; nothing is saved.")
class SegmentPreview:
    """A preview."""

    size: int = strawberry.field(
        description="How many would be in. Where `least` and `most` differ, it is an estimate."
    )
    least: int
    most: int
    share: float = strawberry.field(description="The share of the audience, from 0 to 1.")
    audience: Audience
    audience_size: int = strawberry.field(description="How many customers it looks among.")
    as_of: DateTime
    time_zone: str = strawberry.field(description="The zone in which days are counted.")
    warnings: list[str] = strawberry.field(description="What is worth a look: costs, unknown names, sizes.")
    found: Private[preview.SegmentPreview]

    @strawberry.field(description="Who would be in, in words.")
    async def sentence(self, info: Info, language: Language = "en") -> str:
        """Say the rule."""
        proposal = self.found.proposal
        return await say(info, proposal.rule, language, proposal.audience)

    @strawberry.field(description="Some of those who would be in.")
    async def sample(self, info: Info, first: Sample = 5) -> list[LazyCustomer]:
        """Show some."""
        size = 5 if first is None else check_first(first)
        ids = self.found.sample[:size]
        return await gather(*(read_customer(info, id, self.found.as_of) for id in ids))

    @strawberry.field(
        description="How many of them are in each saved segment, the most first; segments without any are left out."
    )
    async def overlap(self, info: Info) -> list[SegmentOverlap]:
        """Compare with the segments that are saved."""
        service, proposal = info.context.service, self.found.proposal
        rows = await read_overlap(
            service.graph,
            proposal.rule,
            proposal.audience,
            service.units.in_force,
            self.found.as_of,
            but=() if proposal.own is None else (proposal.own,),
        )
        segments = await gather(*(get_segment(info, row.segment_id) for row in rows))
        return [
            SegmentOverlap(segment=one, size=info.context.mask.count(row.size))
            for one, row in zip(segments, rows, strict=True)
        ]

    @strawberry.field(description="Why a customer would be in or not, condition by condition.")
    async def explain(self, info: Info, customer: Id) -> Membership:
        """Explain the rule for one customer."""
        service, whom = info.context.service, await get_customer(info, customer)
        found = await preview.explain_proposal(
            service.graph, self.found.proposal, service.units.in_force, self.found.as_of, str(whom.id)
        )
        if found is None:
            raise NotFoundError("There is no customer with this id.", id=customer)
        return membership_of_rule(found.member, found.result)


async def preview_segment(
    info: Info, rule: RuleInput, audience: Audience | None, segment_id: str | None
) -> SegmentPreview:
    """Preview a rule."""
    service = info.context.service
    own = given(segment_id)
    proposal = Proposal(rule=read_rule_input(info, rule), audience=given(audience) or Audience.KNOWN, own=own)
    found = await preview.preview_segment(
        service.graph, proposal, service.units.in_force, info.context.received_at, sample=MAX_PAGE
    )
    mask = info.context.mask
    return SegmentPreview(
        size=mask.count(found.size),
        least=mask.count(found.least),
        most=mask.count(found.most),
        share=mask.share(found.size, found.audience) if mask.hides else found.share,
        audience=proposal.audience,
        audience_size=mask.count(found.audience),
        as_of=DateTime(found.as_of),
        time_zone=found.time_zone,
        warnings=found.warnings,
        found=found,
    )


def read_rule_input(info: Info, rule: RuleInput) -> Rule:
    """Read a rule that is an argument.

    Raises:
        SegmentError: it is none; the message names every problem with its place.
        ForbiddenError: it compares personal values, which who asks must not see.
    """
    found: list[Finding] = []
    read = find_rule(write_input(rule), found, "rule")
    raise_if_any(found)
    check_conditions_for(info, read)
    return read
