"""Customers: a view over the identifiers of one person."""

from functools import partial
from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.base.connections import After, Connection, First
from api.graphql.base.context import Info
from api.graphql.base.cursors import given
from api.graphql.base.identifiers import Identifier, identifier_of
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import DateTime, Id
from api.graphql.changes.changes import ChangeConnection, history_page
from api.graphql.consent.consents import Consent, ConsentDecision, Permission, consents_of, decisions_of, permission_of
from api.graphql.customers.as_of import OnlyNow
from api.graphql.explaining.explanations import ResolutionStep, read_steps
from api.graphql.explaining.links import Link, LinkConnection, links_of, refused_links_page
from api.graphql.journeys.journeys import (
    SessionConnection,
    Touchpoint,
    TouchpointConnection,
    journey_page,
    read_touch,
    session_page,
)
from api.graphql.profiles.profile import Profile
from api.graphql.profiles.traits import Trait, trait_of
from api.graphql.segments.changes import MembershipChangeConnection
from api.graphql.segments.of_customer import membership_history_page, segments_of
from api.graphql.segments.segments import Segment
from identity_graph.domain.identity.read_models import CustomerView, ListedCustomer
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.service.journeys.reading import JourneyFilter

From = Annotated[DateTime | None, strawberry.argument(name="from", description="Only from this time on.")]
To = Annotated[DateTime | None, strawberry.argument(name="to", description="Only before this time.")]
Names = Annotated[
    list[str] | None,
    strawberry.argument(description="Only events with one of these names; of an event without a name it is the type."),
]
Campaigns = Annotated[
    list[str] | None,
    strawberry.argument(description="Only touchpoints to which one of these campaigns brought the customer."),
]
Within = Annotated[
    str,
    strawberry.argument(
        description="How long before the conversion a visit may have begun, in ISO 8601: `P30D`, `PT12H`."
    ),
]
Direct = Annotated[
    bool, strawberry.argument(description="False leaves out visits that no campaign, ad or other site brought about.")
]
OfSegment = Annotated[Id | None, strawberry.argument(description="Only of this segment.")]

only_now = partial(strawberry.field, extensions=[OnlyNow()])
"""A field that a customer of an earlier moment does not have."""


@strawberry.type(description="The identifiers of a customer, and their links to each other and to other customers.")
class IdentityGraph:
    """The graph of one customer."""

    customer: strawberry.Private["Customer"]

    @strawberry.field(description="All identifiers of the customer, strongest first.")
    async def nodes(self, info: Info) -> list[Identifier]:
        """Read the identifiers."""
        return await self.customer.all_identifiers(info)

    @strawberry.field(
        description="The links between them, and the judgements that join them, in the order of their keys."
    )
    async def links(self, info: Info) -> list[Link]:
        """Read the links."""
        return await links_of(
            info, self.customer.id, {node.key: node for node in await self.customer.all_identifiers(info)}
        )

    @strawberry.field(description="The links to identifiers of other customers, in the order of their keys.")
    async def refused_links(self, info: Info, first: First = 20, after: After = UNSET) -> LinkConnection:
        """Read a page of the refused links."""
        return await refused_links_page(info, self.customer.id, {}, first, after)


@strawberry.type(description="A person as the sources together know them.")
class Customer(Node):
    """A customer; everything that hangs on it is read when it is asked for."""

    created_at: DateTime
    first_seen_at: DateTime
    last_seen_at: DateTime
    as_of: strawberry.Private[Instant | None] = None

    @strawberry.field(description="All identifiers of the customer, strongest first.")
    async def identifiers(self, info: Info, namespace: str | None = UNSET) -> list[Identifier]:
        """Read the identifiers, of one namespace or of all."""
        found, namespace = await self.all_identifiers(info), given(namespace)
        return found if namespace is None else [one for one in found if one.namespace == namespace]

    @only_now()
    def identity_graph(self) -> IdentityGraph:
        """Open the graph of the customer."""
        return IdentityGraph(customer=self)

    @only_now(
        description="The steps that joined this customer: judgements first, then links, strongest first. Links "
        "whose identifiers were already joined are left out."
    )
    async def how(self, info: Info) -> list[ResolutionStep]:
        """Derive the customer again."""
        return await read_steps(info, self.id)

    @only_now(description="What the customer did, newest first.")
    async def journey(
        self,
        info: Info,
        first: First = 20,
        after: After = UNSET,
        since: From = UNSET,
        until: To = UNSET,
        types: list[str] | None = UNSET,
        channels: list[Channel] | None = UNSET,
        names: Names = UNSET,
        campaigns: Campaigns = UNSET,
    ) -> TouchpointConnection:
        """Read a page of the journey."""
        on = given(channels)
        wanted = JourneyFilter(
            given(since),
            given(until),
            _chosen(types),
            None if on is None else tuple(channel.value for channel in on),
            _chosen(names),
            _chosen(campaigns),
        )
        return await journey_page(info, self.id, wanted, first, after)

    @only_now(
        description="The touchpoint with which the first visit began that led to a conversion: to the customer's latest event with "
        "the name `conversion`. Null if there is no such event, or no visit began within that time."
    )
    async def first_touch(
        self, info: Info, conversion: str, within: Within = "P30D", direct: Direct = True
    ) -> Touchpoint | None:
        """Read the first touch."""
        return await read_touch(info, self.id, conversion, within, direct, lambda touches: touches.first_touch)

    @only_now(
        description="The same for the last visit before the conversion, which often is the one in which it happened."
    )
    async def last_touch(
        self, info: Info, conversion: str, within: Within = "P30D", direct: Direct = True
    ) -> Touchpoint | None:
        """Read the last touch."""
        return await read_touch(info, self.id, conversion, within, direct, lambda touches: touches.last_touch)

    @only_now(description="The visits of the customer, newest first.")
    async def sessions(self, info: Info, first: First = 20, after: After = UNSET) -> SessionConnection:
        """Read a page of the sessions."""
        return await session_page(info, self.id, first, after)

    @only_now(
        description="The traits of the customer, by name: one value each, chosen by its policy. At most 500; "
        "`traitCount` is the total."
    )
    async def traits(self, info: Info, names: list[str] | None = UNSET) -> list[Trait]:
        """Read the traits, of some names or of all."""
        names = given(names)
        loader = info.context.loaders.traits_of(None if names is None else tuple(sorted(set(names))))
        return [trait_of(row) for row in await loader.load(self.id)]

    @only_now(description="The number of traits of the customer.")
    async def trait_count(self, info: Info) -> int:
        """Count the traits."""
        return await info.context.loaders.trait_counts.load(self.id)

    @only_now(description="Ids of customers that were merged into this one; each still leads here.")
    async def merged_ids(self, info: Info) -> list[Id]:
        """Read the merged ids, the latest first."""
        return [Id(id) for id in await info.context.loaders.merged_ids_of.load(self.id)]

    @only_now(description="The changes of the customer and of customers merged into it, newest first.")
    async def history(self, info: Info, first: First = 20, after: After = UNSET) -> ChangeConnection:
        """Read a page of the history."""
        return await history_page(info, self.id, first, after)

    @only_now(description="What follows from all that is known of the customer.")
    def profile(self) -> Profile:
        """Open the profile of the customer."""
        return Profile(customer_id=self.id)

    @only_now(description="The segments that the customer is in, by name.")
    async def segments(self, info: Info) -> list[Segment]:
        """Read the segments."""
        return await segments_of(info, self.id)

    @only_now(description="What the customer said to purposes and channels, as far as it counts.")
    async def consents(self, info: Info) -> list[Consent]:
        """Read the consents."""
        return await consents_of(info, self.id)

    @only_now(description="All decisions of the customer's identifiers on consents, as proof, the newest first.")
    async def consent_decisions(self, info: Info) -> list[ConsentDecision]:
        """Read the decisions."""
        return await decisions_of(info, self.id)

    @only_now(
        description="Whether the data may be used for a purpose now, and the customer contacted through a channel if one is named."
    )
    async def may_use(self, info: Info, purpose: str, channel: Channel | None = UNSET) -> Permission:
        """Decide it."""
        return await permission_of(info, self.id, purpose, given(channel))

    @only_now(
        description="When the customer, and customers merged into it, entered and left segments, and why; the newest first."
    )
    async def membership_history(
        self, info: Info, segment_id: OfSegment = UNSET, first: First = 20, after: After = UNSET
    ) -> MembershipChangeConnection:
        """Read a page of the membership changes."""
        return await membership_history_page(info, self.id, given(segment_id), first, after)

    async def all_identifiers(self, info: Info) -> list[Identifier]:
        """Read all identifiers, strongest first."""
        rows = await info.context.loaders.identifiers_of.load(self.id)
        return [identifier_of(info, row, self) for row in info.context.strongest_first(rows)]


CustomerConnection = Connection[Customer]


@strawberry.type(description="An identifier that a value may mean, with its customer.")
class LookupMatch:
    """An identifier with its customer."""

    identifier: Identifier
    customer: Customer


def customer_of(row: CustomerView | ListedCustomer) -> Customer:
    """Make a customer of a row."""
    return Customer(
        id=Id(row.id),
        created_at=DateTime(row.created_at),
        first_seen_at=DateTime(row.first_seen),
        last_seen_at=DateTime(row.last_seen),
    )


def _chosen(values: list[str] | None) -> tuple[str, ...] | None:
    chosen = given(values)
    return None if chosen is None else tuple(chosen)
