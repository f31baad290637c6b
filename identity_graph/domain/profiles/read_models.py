"""Traits and catalogues, as readers are told of them."""

from typing import NamedTuple

from identity_graph.domain.profiles.claims import Order
from identity_graph.domain.profiles.trait_types import TraitType
from identity_graph.domain.values.observations import Instant


class StoredCatalogue(NamedTuple):
    """A catalogue. ``replaces`` are the versions under which profiles may still stand while it is applied.

    ``derivation`` says how profiles were derived when it was put in force: see ``domain.profiles.difference.DERIVATION``.
    """

    version: int
    yaml: str
    fingerprint: str
    applied_by: str
    applied_at: Instant
    status: str
    progress: float
    error: str | None
    replaces: list[int]
    derivation: int


class TraitView(NamedTuple):
    """A trait of a customer; ``value`` is JSON. The others tell of the claim whose value it is, or of the newest that counts.

    With a policy that adds, claims up to the deletion ``void_until`` do not count.
    """

    customer_id: str
    name: str
    value: str
    observed_at: Instant
    source: str
    message_id: str
    identifier_key: str
    trait: TraitType
    void_until: Order | None

    @property
    def order(self) -> Order:
        """The place of that claim among others."""
        return self.observed_at, self.source, self.message_id


class TraitClaimView(NamedTuple):
    """What one event says of a trait; ``value`` is JSON as it came. ``reason`` says why it is not compared with others.

    ``won``: it is the customer's value, or counts in it.
    """

    name: str
    value: str
    observed_at: Instant
    source: str
    message_id: str
    identifier_key: str
    won: bool
    deleted: bool
    reason: str | None


class CustomerEvent(NamedTuple):
    """An event of a customer; ``name`` is its type where it has no name, ``properties`` is JSON."""

    customer_id: str
    occurred_at: Instant
    source: str
    message_id: str
    type: str
    name: str
    channel: str
    properties: str | None


class AlikeEvents(NamedTuple):
    """Events of a customer that are alike: how many, the first and the last of them. ``properties`` is JSON."""

    customer_id: str
    name: str
    properties: str | None
    events: int
    first_at: Instant
    first_source: str
    first_message_id: str
    last_at: Instant
    last_source: str
    last_message_id: str


class EventCount(NamedTuple):
    """How many events of a name a customer has in a channel."""

    customer_id: str
    name: str
    channel: str
    events: int


class VisitCount(NamedTuple):
    """How many visits a customer paid in a channel, and when the first and the last began."""

    customer_id: str
    channel: str
    visits: int
    first_at: Instant
    last_at: Instant
