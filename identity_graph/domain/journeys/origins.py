"""The origin of a touchpoint: its channel and its campaign, a function of what its message says and of the rules."""

from dataclasses import replace
from typing import NamedTuple

from identity_graph.domain.journeys.campaigns import find_campaign
from identity_graph.domain.journeys.channel_rules import ChannelRules
from identity_graph.domain.journeys.channels import Said, find_channel
from identity_graph.domain.values.observations import Campaign, Channel, Event


class Origin(NamedTuple):
    """Where a touchpoint took place, and what brought the person there."""

    channel: Channel
    campaign: Campaign | None


def find_origin(said: Said, rules: ChannelRules) -> Origin:
    """Tell channel and campaign of a touchpoint."""
    channel = find_channel(said, rules)
    return Origin(channel, find_campaign(said, channel, rules))


def with_origin(event: Event, rules: ChannelRules) -> Event:
    """Give an event the channel and the campaign that follow from what is kept of it under rules."""
    origin = find_origin(Said(event.source, event.type, event.context, event.properties), rules)
    if origin == (event.channel, event.campaign):
        return event
    return replace(event, channel=origin.channel, campaign=origin.campaign)
