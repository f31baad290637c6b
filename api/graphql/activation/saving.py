"""The entry points for changing destinations."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.activation.destinations import Destination, destination_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import given
from api.graphql.base.scalars import DateTime, Id
from api.graphql.journeys.journeys import Channel
from identity_graph.domain.activation.destinations import Reentry
from identity_graph.errors import NotFoundError
from identity_graph.service.activation import destinations as service
from identity_graph.service.activation.destinations import Draft


@strawberry.input(
    description="A receiver of webhooks by the Standard Webhooks specification. With `id`, it takes the place of that one: what is left out "
    "takes its default, but for the secret, which stays."
)
class DestinationInput:
    """A destination as somebody wants it."""

    id: Id | None = UNSET
    name: str
    url: str = strawberry.field(
        description="Where messages are sent by POST, `https://…`. Private networks must be allowed in the settings."
    )
    secret: str | None = strawberry.field(
        default=UNSET, description="`whsec_` and 24 to 64 bytes in base64; left out, one is made."
    )
    segments: list[Id] | None = strawberry.field(
        default=UNSET, description="The segments that it is told of; left out, all."
    )
    kinds: list[str] | None = strawberry.field(
        default=UNSET,
        description="What it is told of: `segment.entered`, `segment.exited`, `alert`, `customer.changed`, `customer.erased`. "
        "Left out, entries and exits.",
    )
    reentry: Reentry | None = Reentry.EVERY_TIME
    cool_down: str | None = strawberry.field(
        default=UNSET, description="Of `COOL_DOWN`: at least so long lies between two entries, such as `P30D`."
    )
    initial: bool | None = strawberry.field(
        default=False, description="Also those who are in a segment when it is filled for the first time."
    )
    region: str | None = strawberry.field(
        default=UNSET,
        description="The country of two letters, or a region such as `EU`, where it keeps what it gets; purposes may be bound to some.",
    )
    channel: Channel | None = strawberry.field(
        default=UNSET,
        description="The channel through which it contacts people: they must permit it for the purpose of the segment.",
    )


@strawberry.type(description="A destination that was saved, with its secret if that is new.")
class SaveDestinationResult:
    """A saved destination."""

    destination: Destination


@strawberry.type(description="Messages that are sent again.")
class ReplayResult:
    """What is sent again."""

    replayed: int
    destination: Destination


@strawberry.type(description="A destination that was deleted.")
class DeleteDestinationResult:
    """The id of what is gone."""

    id: Id


@strawberry.type
class ActivationMutations:
    """The entry points for changing destinations."""

    @strawberry.mutation(description="Save a destination and switch it on.")
    async def save_destination(self, info: Info, input: DestinationInput) -> SaveDestinationResult:
        """Save a destination."""
        segments, id = given(input.segments), given(input.id)
        shown = await service.save_destination(
            info.context.service.graph,
            Draft(
                id=None if id is None else str(id),
                name=input.name,
                url=input.url,
                secret=given(input.secret),
                segments=None if segments is None else [str(one) for one in segments],
                kinds=given(input.kinds),
                reentry=input.reentry or Reentry.EVERY_TIME,
                cool_down=given(input.cool_down),
                initial=bool(input.initial),
                region=given(input.region),
                channel=given(input.channel),
            ),
            allow_private=info.context.service.settings.webhook_allow_private,
        )
        _changed(info)
        return SaveDestinationResult(destination=destination_of(*shown))

    @strawberry.mutation(
        description="Give a destination another secret. For 24 hours messages carry the signatures of both."
    )
    async def rotate_secret(self, info: Info, destination: Id) -> SaveDestinationResult:
        """Rotate a secret."""
        shown = await service.rotate_secret(info.context.service.graph, str(destination))
        _changed(info)
        return SaveDestinationResult(destination=destination_of(*shown))

    @strawberry.mutation(
        description="Send again what was made for a destination since a moment, delivered or given up, in order and under the same ids."
    )
    async def replay_deliveries(
        self, info: Info, destination: Id, from_: Annotated[DateTime, strawberry.argument(name="from")]
    ) -> ReplayResult:
        """Send again."""
        replayed = await service.replay_deliveries(info.context.service.graph, str(destination), int(from_))
        _changed(info)
        row = await service.find_destination(info.context.loaders.reads, str(destination))
        if row is None:
            raise NotFoundError("The destination was deleted meanwhile.", id=str(destination))
        return ReplayResult(replayed=replayed, destination=destination_of(row))

    @strawberry.mutation(description="Delete a destination, with what is pending for it.")
    async def delete_destination(self, info: Info, id: Id) -> DeleteDestinationResult:
        """Delete a destination."""
        await service.delete_destination(info.context.service.graph, str(id))
        info.context.forget()
        return DeleteDestinationResult(id=id)


def _changed(info: Info) -> None:
    info.context.service.deliverer.wake()
    info.context.forget()
