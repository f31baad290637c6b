"""Journeys as analysis takes them: events in their order, each with the visit in which it happened."""

from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.profiles.claims import Order as Position
from identity_graph.domain.segments.sheet import EventFact
from identity_graph.domain.values.observations import Instant

DIRECT = "(direct)"
"""What a visit is called of which nothing says what brought the person."""

NOT_SET = "(not set)"
"""What a visit is called that something brought, which does not say the part that is asked for."""

EXPOSURE = "Experiment Viewed"
"""The name of the event that tells that somebody saw a variant of an experiment, as SDKs know it."""

REST = "(rest)"
"""What is summed up that an answer does not list."""


class Dimension(StrEnum):
    """By what visits are told apart: where they took place, or what brought the person."""

    CHANNEL = "CHANNEL"
    SOURCE = "SOURCE"
    MEDIUM = "MEDIUM"
    CAMPAIGN = "CAMPAIGN"


class Visit(NamedTuple):
    """A visit: its first event by its place among others and by name, its channel, and the campaign of that event."""

    begun: Position
    name: str
    channel: str
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None

    @property
    def at(self) -> Instant:
        """When it began."""
        return self.begun[0]

    @property
    def is_direct(self) -> bool:
        """Whether nothing says what brought the person: no campaign, no site, no scene."""
        return self.source is None and self.medium is None and self.campaign is None

    def label(self, by: Dimension) -> str:
        """Name it by a dimension."""
        if by is Dimension.CHANNEL:
            return self.channel
        if self.is_direct:
            return DIRECT
        said = {Dimension.SOURCE: self.source, Dimension.MEDIUM: self.medium, Dimension.CAMPAIGN: self.campaign}[by]
        return said or NOT_SET


class Step(NamedTuple):
    """An event of a journey, and the visit in which it happened."""

    event: EventFact
    visit: Visit
