"""The channel that a customer prefers, with the numbers behind it."""

from asyncio import gather
from functools import partial

import strawberry
from strawberry.dataloader import DataLoader

from api.graphql.base.context import Info
from api.graphql.profiles.base import OfCustomer
from api.graphql.profiles.scores import load_purchases
from identity_graph.domain.profiles.preference import ContactEvent, find_preference
from identity_graph.domain.values.observations import Channel
from identity_graph.service.profiles.class_reading import read_events_of


@strawberry.type(description="How a customer responds to contacts in a channel.")
class ChannelScore:
    """A channel."""

    channel: Channel
    contacts: int = strawberry.field(description="Contacts that were sent.")
    responses: int = strawberry.field(
        description="Contacts that were answered: by opens, clicks and replies, or by a purchase soon after."
    )
    score: float = strawberry.field(
        description="The share of contacts that were answered, from 0 to 1; recent ones count most."
    )


@strawberry.type(description="The channel in which most contacts are answered.")
class ChannelPreference:
    """The preferred channel."""

    channel: Channel | None = strawberry.field(description="Null when no contact was answered.")
    scores: list[ChannelScore] = strawberry.field(description="All channels with contacts, the best one first.")


@strawberry.type
class PreferenceFields(OfCustomer):
    """What a customer prefers."""

    @strawberry.field(description="The preferred channel, by the part `preference` of the catalogue.")
    async def preferred_channel(self, info: Info) -> ChannelPreference:
        """Score the channels."""
        loaders, now = info.context.loaders, info.context.received_at
        rules = info.context.service.units.in_force.catalogue.preference
        contacts = loaders.kept(
            "contacts",
            lambda: DataLoader(
                partial(read_events_of, loaders.reads, names=rules.names, since=now - rules.within, properties=False)
            ),
        )
        rows, purchases = await gather(contacts.load(self.customer_id), load_purchases(info, self.customer_id))
        events = [ContactEvent(row.occurred_at, row.name, row.channel) for row in rows]
        found = find_preference(events, [purchase.at for purchase, _ in purchases], rules, now)
        return ChannelPreference(
            channel=found.channel, scores=[ChannelScore(**score._asdict()) for score in found.scores]
        )
