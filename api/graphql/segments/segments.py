"""Segments: what they say, how large they are, and who is in."""

from functools import partial
from typing import Annotated

import orjson
import strawberry
from strawberry.dataloader import DataLoader

from api.graphql.base.connections import Connection
from api.graphql.base.context import Info
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import JSON, DateTime, Id, json_text
from api.graphql.segments.loading import load_names, load_segment, load_terms
from identity_graph.domain.segments.naming import name_segments
from identity_graph.domain.segments.read_models import SegmentState, StoredSegment
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import Audience, Rule
from identity_graph.domain.segments.sentences import say_rule
from identity_graph.service.segments import reading

Language = Annotated[str, strawberry.argument(description="`en` or `zh`; any other is answered in English.")]

strawberry.enum(
    SegmentState,
    description="What is being done for a segment: FILLING it for the first time, CHANGING it to a changed rule aside, SETTLING: the "
    "changed rule is in force, and who entered and left by it is being told; else it is LIVE.",
)


@strawberry.type(description="A segment: a rule that says which customers belong to an audience, and who these are.")
class Segment(Node):
    """A segment; what hangs on it is read when it is asked for."""

    name: str
    description: str | None
    audience: Audience
    purpose: str | None
    version: int = strawberry.field(description="Counts the times that it was saved: 1, 2, 3 …")
    created_at: DateTime
    updated_at: DateTime
    deleted_at: DateTime | None = strawberry.field(description="When it was deleted: it then has no members.")
    state: SegmentState
    progress: float = strawberry.field(
        description="How much of all customers is evaluated, from 0 to 1; 1 when it is live."
    )
    fault: str | None = strawberry.field(
        description="Why the rule cannot be evaluated under the catalogue and rules in force: then it lets nobody in."
    )
    stored_rule: strawberry.Private[str]

    @strawberry.field(description="The rule as it was written; `RuleInput` takes it.")
    def rule(self) -> JSON:
        """Pass the rule on."""
        return json_text(self.stored_rule, "{}")

    @strawberry.field(description="Who belongs to it, in words.")
    async def sentence(self, info: Info, language: Language = "en") -> str:
        """Say the rule."""
        return await say(info, read_rule(orjson.loads(self.stored_rule)), language, self.audience)

    @strawberry.field(description="What uses it, such as other segments. While there is any, it cannot be deleted.")
    async def used_by(self, info: Info) -> list[Node]:
        """Read what uses the segment."""
        loaders = info.context.loaders
        ids = await loaders.kept("users", lambda: DataLoader(partial(reading.read_users, loaders.reads))).load(self.id)
        rows = [await load_segment(info, id) for id in ids]
        return [segment_of(row) for row in rows if row is not None]


SegmentConnection = Connection[Segment]


def segment_of(row: StoredSegment) -> Segment:
    """Make a segment of a row."""
    return Segment(
        id=Id(row.id),
        name=row.name,
        description=row.description,
        audience=Audience(row.audience),
        purpose=row.purpose,
        version=row.version,
        created_at=DateTime(row.created_at),
        updated_at=DateTime(row.updated_at),
        deleted_at=None if row.deleted_at is None else DateTime(row.deleted_at),
        state=SegmentState(row.state),
        progress=row.progress,
        fault=row.fault,
        stored_rule=row.rule,
    )


async def say(info: Info, rule: Rule, language: str, audience: Audience) -> str:
    """Say who belongs to a rule; other segments are called by their names."""
    named = name_segments(rule, await load_names(info, rule))
    return say_rule(named, await load_terms(info), language, audience)
