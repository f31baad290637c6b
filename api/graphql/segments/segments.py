"""Segments: what they say, how large they are, and who is in."""

from asyncio import gather
from functools import partial
from typing import Annotated

import strawberry
from strawberry import UNSET
from strawberry.dataloader import DataLoader

from api.graphql.base.connections import After, Connection, Edge, First, PageInfo
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_moment, encode_moment, given
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import JSON, DateTime, Id, json_text
from api.graphql.segments.changes import LazyCustomer, MembershipChangeConnection, change_page_of, decode_change
from api.graphql.segments.enums import Audience, SegmentState
from api.graphql.segments.loading import load_names, load_terms, read_customer
from identity_graph.domain.segments.naming import name_segments
from identity_graph.domain.segments.read_models import PinView, SegmentNow, StoredSegment
from identity_graph.domain.segments.rule_tree import Rule
from identity_graph.domain.segments.saved import read_saved, show_saved
from identity_graph.domain.segments.sentences import say_rule
from identity_graph.service.segments import lists, reading
from identity_graph.service.segments.terms import edition_of

LazyCustomerConnection = Connection[LazyCustomer]
Language = Annotated[str | None, strawberry.argument(description="`en` or `zh`; any other is answered in English.")]
From = Annotated[DateTime | None, strawberry.argument(name="from", description="Only from this time on.")]
To = Annotated[DateTime | None, strawberry.argument(name="to", description="Only before this time.")]


@strawberry.type(description="How large a segment was, and what came to that.")
class SegmentSize:
    """The size of a segment at the end of an hour."""

    at: DateTime = strawberry.field(description="The beginning of the hour.")
    size: int = strawberry.field(description="Members at its end; of the last one, members now.")
    entered: int = strawberry.field(description="How many entered in it.")
    exited: int = strawberry.field(description="How many left in it.")


@strawberry.type(description="What a person decided about a customer: in or not, whatever the rule says.")
class Pin:
    """A decision about a member."""

    member: bool
    reason: str
    actor: str = strawberry.field(description="The name of the key that it was made with.")
    at: DateTime
    customer_id: strawberry.Private[str]

    @strawberry.field(description="The customer now; a merged id leads to the surviving customer.")
    async def customer(self, info: Info) -> LazyCustomer:
        """Read the customer."""
        return await read_customer(info, self.customer_id, self.at)


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
    edition: strawberry.Private[str]

    @strawberry.field(description="The rule as it was written; `RuleInput` takes it.")
    def rule(self) -> JSON:
        """Pass the rule on."""
        return json_text(show_saved(self.stored_rule, self.purpose), "{}")

    @strawberry.field(description="Who belongs to it, in words.")
    async def sentence(self, info: Info, language: Language = "en") -> str:
        """Say the rule."""
        return await say(info, read_saved(self.stored_rule, self.audience).rule, language, self.audience)

    @strawberry.field(description="How many members it has.")
    async def size(self, info: Info) -> int:
        """Count the members."""
        return info.context.mask.count((await _load_now(info, self.id)).size)

    @strawberry.field(description="The moment of the size: all that happened up to then is evaluated.")
    async def as_of(self, info: Info) -> DateTime:
        """Tell up to when everything is evaluated."""
        return DateTime((await _load_now(info, self.id)).as_of)

    @strawberry.field(description="Who is in, the last to enter first.")
    async def members(self, info: Info, first: First = 20, after: After = UNSET) -> LazyCustomerConnection:
        """Read a page of the members."""
        loaders, size, position = info.context.loaders, check_first(first), decode_moment("members", after)
        page = await loaders.kept(
            ("members", size, position),
            lambda: DataLoader(partial(lists.read_members, loaders.reads, first=size, after=position)),
        ).load(self.edition)
        customers = await gather(*(read_customer(info, row.customer_id, row.since) for row in page.items))
        edges = [
            Edge(cursor=encode_moment("members", row.since, row.customer_id), node=customer)
            for row, customer in zip(page.items, customers, strict=True)
        ]
        end = edges[-1].cursor if edges else None

        async def count() -> int:
            return (await _load_now(info, self.id)).size

        return Connection(
            edges=edges, page_info=PageInfo(has_next_page=page.has_next_page, end_cursor=end), count=count
        )

    @strawberry.field(
        description="How the size went, hour by hour, the first hour first. Hours without a change are left out."
    )
    async def history(self, info: Info, since: From = UNSET, until: To = UNSET) -> list[SegmentSize]:
        """Read the sizes."""
        loaders, since, until = info.context.loaders, given(since), given(until)
        rows = await loaders.kept(
            ("sizes", since, until),
            lambda: DataLoader(partial(lists.read_sizes, loaders.reads, since=since, until=until)),
        ).load(self.id)
        count = info.context.mask.count
        return [
            SegmentSize(at=DateTime(row.at), size=count(row.size), entered=count(row.entered), exited=count(row.exited))
            for row in rows
        ]

    @strawberry.field(description="Who entered and who left, the newest first.")
    async def transitions(self, info: Info, first: First = 20, after: After = UNSET) -> MembershipChangeConnection:
        """Read a page of the membership changes."""
        loaders, size, position = info.context.loaders, check_first(first), decode_change(after)
        page = await loaders.kept(
            ("transitions", size, position),
            lambda: DataLoader(partial(lists.read_transitions, loaders.reads, first=size, after=position)),
        ).load(self.id)
        return change_page_of(page)

    @strawberry.field(description="What uses it, such as other segments. While there is any, it cannot be deleted.")
    async def used_by(self, info: Info) -> list[Node]:
        """Read what uses the segment."""
        loaders = info.context.loaders
        ids = await loaders.kept("users", lambda: DataLoader(partial(reading.read_users, loaders.reads))).load(self.id)
        nodes = await gather(*(info.context.find_node(info, id) for id in ids))
        return [node for node in nodes if node is not None]

    @strawberry.field(description="What people decided about customers, whatever the rule says; the newest first.")
    async def pins(self, info: Info) -> list[Pin]:
        """Read the pins."""
        loaders = info.context.loaders
        rows = await loaders.kept("pins", lambda: DataLoader(partial(lists.read_pins, loaders.reads))).load(self.id)
        return [pin_of(row) for row in rows]


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
        edition=edition_of(row.id, row.edition),
    )


def pin_of(row: PinView) -> Pin:
    """Make a pin of a row."""
    return Pin(member=row.member, reason=row.reason, actor=row.actor, at=DateTime(row.at), customer_id=row.customer_id)


async def say(info: Info, rule: Rule, language: str | None, audience: Audience) -> str:
    """Say who belongs to a rule; other segments are called by their names."""
    named = name_segments(rule, await load_names(info, rule))
    return say_rule(named, await load_terms(info), language or "en", audience)


async def _load_now(info: Info, id: str) -> SegmentNow:
    loaders = info.context.loaders
    loader: DataLoader[str, SegmentNow] = loaders.kept(
        "segment sizes",
        lambda: DataLoader(partial(lists.read_now, loaders.reads, now=info.context.received_at)),
    )
    return await loader.load(id)
