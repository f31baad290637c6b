"""Customers: which part of the identifiers keeps which customer's id when the parts change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from identity_graph.domain.values.observations import Instant


class ChangeKind(StrEnum):
    """What happened to a customer."""

    MERGED = "MERGED"
    SPLIT = "SPLIT"
    IDENTIFIER_MOVED = "IDENTIFIER_MOVED"
    ERASED = "ERASED"


class TriggerKind(StrEnum):
    """The cause of a change."""

    OBSERVATION = "OBSERVATION"
    JUDGEMENT = "JUDGEMENT"
    RETRACTION = "RETRACTION"
    RULES = "RULES"
    ERASURE = "ERASURE"


@dataclass(frozen=True, slots=True)
class FormerCustomer:
    """A customer as it was before: when it was created, and the key of its oldest identifier by (first_seen, key)."""

    id: str
    created_at: Instant
    oldest: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A part, the customer id that it keeps (None: it needs a new one) and the ids that merge into that."""

    part: frozenset[str]
    customer_id: str | None
    merged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One net change: ``customers`` are the one that it is about and then those that gave to it."""

    kind: ChangeKind
    customers: tuple[str, ...]


def claim_ids(parts: Iterable[frozenset[str]], former: Iterable[FormerCustomer]) -> list[Claim]:
    """Give every part its customer id.

    A former customer is claimed by the part that holds its oldest identifier. A part with several claims keeps the
    oldest customer, by (created_at, id), and the others merge into it.
    """
    claims: dict[str, list[FormerCustomer]] = {}
    for customer in former:
        claims.setdefault(customer.oldest, []).append(customer)
    outcome: list[Claim] = []
    for part in parts:
        claimed = [customer for key in part if key in claims for customer in claims[key]]
        claimed.sort(key=lambda customer: (customer.created_at, customer.id))
        ids = tuple(customer.id for customer in claimed)
        outcome.append(Claim(part, ids[0] if ids else None, ids[1:]))
    return outcome


def net_changes(
    moves: Iterable[tuple[str, str]], merged: Mapping[str, str], created: frozenset[str] | set[str]
) -> list[Change]:
    """Tell what moves of identifiers, as pairs (from customer, to customer), come to.

    ``merged`` names for each merged customer the one that it merged into, ``created`` the new customers. A merge is one
    change of the survivor, a split one of the new customer, any other move one of the customer that gained.
    """
    givers: dict[tuple[ChangeKind, str], set[str]] = {}
    for loser, survivor in merged.items():
        givers.setdefault((ChangeKind.MERGED, survivor), set()).add(loser)
    for source, target in moves:
        if merged.get(source) == target:
            continue
        kind = ChangeKind.SPLIT if target in created else ChangeKind.IDENTIFIER_MOVED
        givers.setdefault((kind, target), set()).add(source)
    return [Change(kind, (target, *sorted(sources))) for (kind, target), sources in sorted(givers.items())]
