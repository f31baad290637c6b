"""``identity-graph lookup --as-of``: who somebody was at an earlier time, as the service then knew."""

from typing import NamedTuple

from rich.console import RenderableType

from identity_graph.cli.customers.cards import add_identifier, make_panel, make_table
from identity_graph.cli.identifiers import strongest_first
from identity_graph.domain.identity.read_models import CustomerIdentifier
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant
from identity_graph.service.core import Service
from identity_graph.service.customers.cards import read_customers
from identity_graph.service.customers.history import find_owners_at, read_identifiers_at
from identity_graph.service.customers.lookup import find_all_keys
from identity_graph.service.reads import Reads


class PastCard(NamedTuple):
    """A customer at a moment; ``found`` is the key that led there."""

    customer_id: str
    found: str
    members: list[CustomerIdentifier]


async def find_past_cards(service: Service, value: str, namespace: str | None, at: Instant) -> list[PastCard]:
    """Read the cards of all customers that a raw value meant at a moment, each once."""
    reads = Reads(service.graph)
    keys = await find_all_keys(reads, service.rules, value, namespace)
    owners = await find_owners_at(reads, keys, at) if keys else []
    found: dict[str, str] = {}
    for key, owner in zip(keys, owners, strict=True):
        if owner is not None:
            found.setdefault(owner.customer_id, key)
    await read_customers(reads, list(found))
    members = await read_identifiers_at(reads, list(found), at) if found else []
    return [PastCard(id, key, rows) for (id, key), rows in zip(found.items(), members, strict=True)]


def render_past_card(card: PastCard, at: Instant, rules: RuleSet) -> RenderableType:
    """Lay a card out for the terminal: the identifiers are all that is known of an earlier time."""
    table = make_table("Identifiers", "")
    for row in strongest_first(card.members, rules):
        add_identifier(table, row, card.found)
    return make_panel(table, card.customer_id, f"as of {format_instant(at)}")
