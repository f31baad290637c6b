"""``identity-graph lookup --as-of``: who somebody was at an earlier time, as the service then knew."""

from typing import NamedTuple

from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from identity_graph.domain.instants import format_instant
from identity_graph.domain.observations import Instant
from identity_graph.domain.rules import RuleSet
from identity_graph.service.core import Service
from identity_graph.service.history import find_owners_at, read_identifiers_at
from identity_graph.service.lookup import find_keys
from identity_graph.service.reads import Reads
from identity_graph.store.reading_identifiers import CustomerIdentifierRow


class PastCard(NamedTuple):
    """A customer at a moment; ``found`` is the key that led there."""

    customer_id: str
    found: str
    members: list[CustomerIdentifierRow]


async def find_past_cards(service: Service, value: str, namespace: str | None, at: Instant) -> list[PastCard]:
    """Read the cards of all customers that a raw value meant at a moment, each once."""
    reads = Reads(service.graph)
    keys = find_keys(service.rules, value, namespace)
    owners = await find_owners_at(reads, keys, at) if keys else []
    found: dict[str, str] = {}
    for key, owner in zip(keys, owners, strict=True):
        if owner is not None:
            found.setdefault(owner, key)
    members = await read_identifiers_at(reads, list(found), at) if found else []
    return [PastCard(id, key, rows) for (id, key), rows in zip(found.items(), members, strict=True)]


def render_past_card(card: PastCard, at: Instant, rules: RuleSet) -> RenderableType:
    """Lay a card out for the terminal: the identifiers are all that is known of an earlier time."""

    def rank(row: CustomerIdentifierRow) -> tuple[int, str, str]:
        rule = rules.find_namespace(row.namespace)
        return (rule.priority if rule else len(rules.namespaces), row.namespace, row.value)

    table = Table("Identifiers", "", box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    table.columns[0].no_wrap = True
    for row in sorted(card.members, key=rank):
        style = "bold green" if row.key == card.found else ""
        table.add_row(Text(row.namespace, style="cyan"), Text(row.value, style=style))
    return Panel(
        table,
        title=Text(card.customer_id, style="bold"),
        subtitle=Text(f"as of {format_instant(at)}", style="dim"),
        title_align="left",
        subtitle_align="left",
        padding=(1, 2),
    )
