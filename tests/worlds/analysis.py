"""Journeys for the tests of analysis."""

from decimal import Decimal
from typing import Any

from identity_graph.domain.analysis.attribution import AttributionQuery
from identity_graph.domain.analysis.conversions import Conversion, ConversionRule
from identity_graph.domain.analysis.journeys import Dimension, Step, Visit
from identity_graph.domain.analysis.models import Model
from identity_graph.domain.analysis.reading import days
from identity_graph.domain.profiles.money import Money
from identity_graph.domain.segments.rule_tree import OrderRule
from identity_graph.domain.segments.sheet import EventFact
from identity_graph.domain.values.observations import Channel
from tests.worlds.segment_facts import DAY, NOW

ORDERS = ConversionRule(OrderRule())


def visit(ago: float, medium: str | None = None, *, name: str = "page", channel: str = "WEB", **said: Any) -> Visit:
    """Make a visit that began so many days ago."""
    at = NOW - int(ago * DAY)
    return Visit((at, "web", f"v{ago}"), name, channel, medium=medium, **said)


def conversion(ago: float = 0, amount: str = "140.00", currency: str = "CNY") -> Conversion:
    return Conversion(NOW - int(ago * DAY), Money(Decimal(amount), currency))


def asked(*models: Model, **more: Any) -> AttributionQuery:
    """Ask for orders by medium, 30 days back."""
    given: dict[str, Any] = {
        "conversion": ORDERS,
        "models": models or tuple(Model),
        "by": Dimension.MEDIUM,
        "look_back": days(30),
        "half_life": days(7),
    }
    return AttributionQuery(**given | more)


def step(ago: float, name: str, during: Visit | None = None, **properties: Any) -> Step:
    """Make an event that happened so many days ago, in a visit of its own unless one is given."""
    at = NOW - int(ago * DAY)
    event = EventFact((at, "web", f"{name} {ago}"), name, Channel.WEB, properties)
    return Step(event, during or visit(ago, name=name))
