"""The fact sheet: all that the conditions of segments look at, for one customer.

A sheet holds facts and no answers: what follows from time is derived when somebody asks for a moment. Facts of the future may
stand in it; they do not count before their time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from identity_graph.domain.consent.bars import Barred
from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.claims import Order as Position
from identity_graph.domain.profiles.computing import Happened
from identity_graph.domain.profiles.orders import Order
from identity_graph.domain.profiles.quality import CheckedClaims
from identity_graph.domain.profiles.rfm import RfmCut
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.segments.rule_tree import ConsentState
from identity_graph.domain.values.observations import Channel, Instant

T = TypeVar("T")


class TraitStep(NamedTuple):
    """The value of a trait from a moment on, as JSON has it; None: from then on there is none."""

    since: Instant
    value: Any


class TraitFact(NamedTuple):
    """A trait: its values one after the other, the last one in force, and when that one was told last.

    Being told the same value again makes no new step. Only ``heldFor`` looks at steps before the one in force.
    """

    steps: tuple[TraitStep, ...]
    observed_at: Instant

    def value_at(self, at: Instant) -> Any:
        """Give the value in force at a moment; None without one."""
        return next((step.value for step in reversed(self.steps) if step.since <= at), None)


class EventFact(NamedTuple):
    """An event: its place among others, its name (its type where it has none), its channel and its properties."""

    order: Position
    name: str
    channel: Channel
    properties: Mapping[str, Any]

    @property
    def at(self) -> Instant:
        """When it happened."""
        return self.order[0]


class ConsentFact(NamedTuple):
    """What the customer said last to a purpose."""

    state: ConsentState
    at: Instant


@dataclass(frozen=True, kw_only=True)
class FactSheet:
    """The facts of one customer.

    ``identifiers`` are keys and when each was first seen; ``links`` the namespaces of the weaker end of each link inside the
    customer; ``orders`` are by the id of their node; ``sessions`` are when each visit began; ``segments`` the ids of segments
    that the customer is in; ``consents`` are by purpose and channel, None for all channels; ``bars`` are in the order in which they count.
    """

    customer_id: str
    first_seen: Instant
    identifiers: Mapping[str, Instant] = field(default_factory=dict[str, Instant])
    links: frozenset[str] = frozenset()
    traits: Mapping[str, TraitFact] = field(default_factory=dict[str, TraitFact])
    claims: CheckedClaims = field(default_factory=CheckedClaims)
    orders: Mapping[str, Order] = field(default_factory=dict[str, Order])
    events: tuple[EventFact, ...] = ()
    sessions: tuple[Instant, ...] = ()
    preferred_channel: Channel | None = None
    segments: frozenset[str] = frozenset()
    consents: Mapping[tuple[str, Channel | None], ConsentFact] = field(
        default_factory=dict[tuple[str, Channel | None], ConsentFact]
    )
    bars: tuple[Barred, ...] = ()

    @cached_property
    def anchor(self) -> str:
        """The key of the oldest identifier; of several the smaller one. Empty without identifiers."""
        return min(self.identifiers, key=lambda key: (self.identifiers[key], key), default="")

    @cached_property
    def messages(self) -> tuple[EventFact, ...]:
        """The events in their order, each message once."""
        once = {event.order[1:]: event for event in sorted(self.events, key=lambda event: event.order, reverse=True)}
        return tuple(sorted(once.values(), key=lambda event: event.order))

    @cached_property
    def events_by_name(self) -> Mapping[str, tuple[EventFact, ...]]:
        """The events of each name, in their order."""
        found: dict[str, list[EventFact]] = {}
        for event in self.messages:
            found.setdefault(event.name, []).append(event)
        return {name: tuple(own) for name, own in found.items()}

    def events_of(self, name: str) -> tuple[EventFact, ...]:
        """List the events of exactly this name, in their order."""
        return self.events_by_name.get(name, ())

    @cached_property
    def happened(self) -> tuple[Happened, ...]:
        """The events as computed traits take them."""
        return tuple(Happened(event.order, event.name, event.properties) for event in self.messages)

    def share(self, terms: "Terms", name: str, make: Callable[[], T]) -> T:
        """Give what was derived from these facts under terms before, or derive it; whatever has a name is made by one function."""
        known = self._shared.setdefault(id(terms), (terms, {}))[1]
        if name not in known:
            known[name] = make()
        return known[name]

    @cached_property
    def _shared(self) -> dict[int, tuple["Terms", dict[str, Any]]]:
        """What was derived, by the identity of the terms, which are kept so that no other ones get it."""
        return {}


@dataclass(frozen=True)
class Terms:
    """By what a customer is judged: the catalogue, the rules and the RFM cut in force; None before the first cut."""

    catalogue: Catalogue
    rules: RuleSet
    cut: RfmCut | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The one zone of the project."""
        return self.catalogue.zone

    @property
    def currency(self) -> str | None:
        """The currency in which money is compared; None where nothing says: then it is that of most orders."""
        return self.catalogue.commerce.reporting_currency or (None if self.cut is None else self.cut.currency)


def namespaces_at(sheet: FactSheet, at: Instant) -> list[str]:
    """List the namespaces of the identifiers that are known by a moment."""
    return [key.partition(":")[0] for key, seen in sheet.identifiers.items() if seen <= at]
