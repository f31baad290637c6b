"""Destinations as they are shown, with their deliveries."""

from functools import partial
from typing import Annotated

import strawberry
from strawberry import UNSET, Private
from strawberry.dataloader import DataLoader

from api.graphql.base.connections import After, Connection, First, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_cursor, encode_cursor, given
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import DateTime, Id
from api.graphql.journeys.journeys import Channel
from identity_graph.domain.activation.destinations import DeliveryState, Reentry
from identity_graph.domain.activation.read_models import DeliveryCounts, DeliveryRow, DestinationRow
from identity_graph.domain.activation.signing import MASKED
from identity_graph.service.activation import destinations as service
from identity_graph.service.positions import ABOVE_ALL

strawberry.enum(Reentry, description="How often a destination is told that the same customer entered the same segment.")
strawberry.enum(DeliveryState, description="What became of a message.")

State = Annotated[DeliveryState | None, strawberry.argument(description="Only those in this state.")]


@strawberry.type(description="A message to a destination.")
class Delivery:
    """A delivery."""

    id: Id = strawberry.field(description="The `webhook-id`, the same at every attempt.")
    kind: str = strawberry.field(description="What it tells of, such as `segment.entered`.")
    customer_id: Id | None = strawberry.field(description="The customer whom it tells of, if any.")
    state: DeliveryState
    attempts: int = strawberry.field(description="How often it was tried without success.")
    withheld: str | None = strawberry.field(description="Why it was not sent: a `ConsentRefusal`, or `ENTRY_WITHHELD`.")
    last_status: int | None = strawberry.field(description="The status of the last answer.")
    last_error: str | None = strawberry.field(description="What was wrong at the last attempt.")
    created_at: DateTime
    next_attempt_at: DateTime | None = strawberry.field(description="Of one that is pending.")
    delivered_at: DateTime | None
    failed_at: DateTime | None


@strawberry.type(description="Messages that were not sent for one reason.")
class WithheldCount:
    """A count."""

    reason: str = strawberry.field(description="A `ConsentRefusal`, or `ENTRY_WITHHELD`.")
    count: int


DeliveryConnection = Connection[Delivery]


@strawberry.type(description="A receiver of webhooks by the Standard Webhooks specification.")
class Destination(Node):
    """A destination."""

    name: str
    url: str
    secret: str = strawberry.field(description="Shown when it was just made or changed, masked afterwards.")
    segments: list[Id] | None = strawberry.field(description="The segments that it is told of; null for all.")
    kinds: list[str] = strawberry.field(description="What it is told of.")
    reentry: Reentry
    cool_down: str | None
    initial: bool = strawberry.field(description="It is also told of those who were in a segment from the beginning.")
    region: str | None
    channel: Channel | None = strawberry.field(description="The channel through which it contacts people.")
    created_at: DateTime
    updated_at: DateTime
    disabled_since: DateTime | None = strawberry.field(
        description="Since when nothing is sent to it. Saving it switches it on again."
    )
    disabled_reason: str | None
    row: Private[DestinationRow]

    @strawberry.field(description="How many messages are still to be delivered.")
    async def pending(self, info: Info) -> int:
        """Count what is pending."""
        return (await _load_counts(info, self.id)).pending

    @strawberry.field(description="How many messages were given up; `replayDeliveries` sends them again.")
    async def failed(self, info: Info) -> int:
        """Count what was given up."""
        return (await _load_counts(info, self.id)).failed

    @strawberry.field(
        description="How many messages of the last 30 days were not sent, since customers do not permit the purpose, by reason."
    )
    async def withheld(self, info: Info) -> list[WithheldCount]:
        """Count what was withheld."""
        loaders = info.context.loaders
        loader = loaders.kept("withheld", lambda: DataLoader(partial(service.read_withheld, loaders.reads)))
        return [WithheldCount(reason=row.reason, count=row.total) for row in await loader.load(str(self.id))]

    @strawberry.field(description="Its messages of the last 30 days, and all pending ones, the newest first.")
    async def deliveries(
        self, info: Info, state: State = UNSET, first: First = 20, after: After = UNSET
    ) -> DeliveryConnection:
        """Read a page of the deliveries."""
        reads, wanted = info.context.loaders.reads, given(state)
        position = decode_cursor("deliveries", after, int)
        page = await service.read_deliveries(
            reads,
            str(self.id),
            state=None if wanted is None else wanted.value,
            first=check_first(first),
            before=ABOVE_ALL if position is None else int(position[0]),
        )
        edges, page_info = edges_of(
            page, delivery_of, lambda row: encode_cursor("deliveries", row.position, str(self.id))
        )
        return DeliveryConnection(
            edges=edges,
            page_info=page_info,
            count=lambda: service.count_deliveries(reads, str(self.id), None if wanted is None else wanted.value),
        )


DestinationConnection = Connection[Destination]


async def _load_counts(info: Info, id: str) -> DeliveryCounts:
    loaders = info.context.loaders
    loader = loaders.kept("deliveries", lambda: DataLoader(partial(service.read_counts, loaders.reads)))
    return await loader.load(str(id))


def destination_of(row: DestinationRow, secret: str | None = None) -> Destination:
    """Make a destination of a row; its secret is masked unless it is given."""
    return Destination(
        id=Id(row.id),
        name=row.name,
        url=row.url,
        secret=secret or MASKED,
        segments=None if row.segments is None else [Id(one) for one in row.segments],
        kinds=row.kinds,
        reentry=Reentry(row.reentry),
        cool_down=row.cool_down,
        initial=row.initial,
        region=row.region,
        channel=None if row.channel is None else Channel(row.channel),
        created_at=DateTime(row.created_at),
        updated_at=DateTime(row.updated_at),
        disabled_since=None if row.disabled_at is None else DateTime(row.disabled_at),
        disabled_reason=row.disabled_reason,
        row=row,
    )


def delivery_of(row: DeliveryRow) -> Delivery:
    """Make a delivery of a row."""
    return Delivery(
        id=Id(row.id),
        kind=row.kind,
        customer_id=None if row.customer_id is None else Id(row.customer_id),
        state=DeliveryState(row.state),
        attempts=row.attempts,
        withheld=row.withheld,
        last_status=row.last_status,
        last_error=row.last_error,
        created_at=DateTime(row.created_at),
        next_attempt_at=None if row.due_at is None else DateTime(row.due_at),
        delivered_at=None if row.delivered_at is None else DateTime(row.delivered_at),
        failed_at=None if row.failed_at is None else DateTime(row.failed_at),
    )


@strawberry.type
class ActivationQueries:
    """The entry points for looking at destinations."""

    @strawberry.field(description="All destinations.")
    async def destinations(self, info: Info, first: First = 20, after: After = UNSET) -> DestinationConnection:
        """Read a page of the destinations."""
        reads = info.context.loaders.reads
        position = decode_cursor("destinations", after, str)
        page = await service.read_destinations(
            reads, first=check_first(first), after="" if position is None else position[1]
        )
        edges, page_info = edges_of(page, destination_of, lambda row: encode_cursor("destinations", "", row.id))
        return DestinationConnection(edges=edges, page_info=page_info, count=lambda: service.count_destinations(reads))


async def find_destination(info: Info, id: str) -> Destination | None:
    """Find a destination by its id."""
    row = await service.find_destination(info.context.loaders.reads, id)
    return None if row is None else destination_of(row)
