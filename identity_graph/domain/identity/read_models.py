"""Read models of customers and their data."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant


class CustomerView(NamedTuple):
    """A customer under the id that was asked for, which may have been merged into it.

    ``restricted_at`` is since when the data may not be used, and ``restricted_by`` the privacy request; None for most.
    """

    asked_id: str
    id: str
    created_at: Instant
    first_seen: Instant
    last_seen: Instant
    restricted_at: Instant | None = None
    restricted_by: str | None = None


class ListedCustomer(NamedTuple):
    """A customer in a page; ``size`` is the number of its identifiers."""

    id: str
    created_at: Instant
    first_seen: Instant
    last_seen: Instant
    size: int


class OwnedIdentifier(NamedTuple):
    """An identifier with the customer that it belongs to."""

    key: str
    namespace: str
    value: str
    label: str
    first_seen: Instant
    last_seen: Instant
    quarantined: bool
    customer_id: str
    customer_created_at: Instant
    customer_first_seen: Instant
    customer_last_seen: Instant
    restricted_at: Instant | None = None
    restricted_by: str | None = None

    @property
    def customer(self) -> CustomerView:
        """The customer."""
        id = self.customer_id
        return CustomerView(id, id, self.customer_created_at, self.customer_first_seen, self.customer_last_seen)


class CustomerIdentifier(NamedTuple):
    """One identifier of a customer."""

    customer_id: str
    key: str
    namespace: str
    value: str
    label: str
    first_seen: Instant
    last_seen: Instant
    quarantined: bool


class TouchpointIdentifier(NamedTuple):
    """One identifier that a touchpoint observed."""

    event_id: str
    key: str
    namespace: str
    value: str
    label: str
    first_seen: Instant
    last_seen: Instant
    quarantined: bool


class LinkView(NamedTuple):
    """A link inside a customer; ``a`` and ``b`` are keys, ``a`` the smaller."""

    customer_id: str
    a: str
    b: str
    first_seen: Instant
    last_seen: Instant
    observation_count: int
    sources: list[str]


class RefusedLinkView(NamedTuple):
    """A link from a customer to another one; ``refused`` is the code of the refusal."""

    customer_id: str
    a: str
    b: str
    first_seen: Instant
    last_seen: Instant
    observation_count: int
    sources: list[str]
    refused: str


class ChangeView(NamedTuple):
    """A change; ``position`` is its place in the log, from 1 on, in the order of the commits."""

    id: str
    position: int
    kind: str
    at: Instant
    rule_version: int
    trigger_kind: str
    trigger_id: str | None


class CustomerChange(NamedTuple):
    """A change, and the customer for which it was asked."""

    customer_id: str
    id: str
    position: int
    kind: str
    at: Instant
    rule_version: int
    trigger_kind: str
    trigger_id: str | None


class ChangedIdentifier(NamedTuple):
    """An identifier that was a customer's just before a change, or just after it, or both."""

    id: str
    customer_id: str
    key: str
    namespace: str
    value: str
    label: str
    first_seen: Instant
    last_seen: Instant
    quarantined: bool
    before: bool
    after: bool


class OwnerAt(NamedTuple):
    """Whose an identifier was."""

    key: str
    customer_id: str
    created_at: Instant


class CustomerAt(NamedTuple):
    """Whom an id led to."""

    customer_id: str
    created_at: Instant


class ActiveJudgement(NamedTuple):
    """A judgement in force, with the customers that its identifiers belong to, None for one that is unknown now."""

    id: str
    verdict: str
    a: str
    b: str | None
    until: Instant | None
    reason: str
    actor: str
    at: Instant
    customer_a: str | None
    customer_b: str | None
