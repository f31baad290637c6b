"""What a customer buys most: products, categories and brands, by the orders that they are in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.profiles.reports import Line
from identity_graph.domain.values.observations import Instant


class AffinityKind(StrEnum):
    """What affinities are told of."""

    PRODUCT = "PRODUCT"
    CATEGORY = "CATEGORY"
    BRAND = "BRAND"


class Affinity(NamedTuple):
    """A product, category or brand. ``share`` is that of the orders with lines in which it is, 0 to 1."""

    name: str
    orders: int
    quantity: Decimal
    share: float
    last_at: Instant


@dataclass(slots=True)
class _Tally:
    orders: int = 0
    quantity: Decimal = field(default_factory=Decimal)
    last_at: Instant = 0


def find_affinities(orders: Iterable[tuple[Instant, Iterable[Line]]], kind: AffinityKind) -> list[Affinity]:
    """Count in how many orders something is, most first; then what was bought in greater number, then by name."""
    tallies: dict[str, _Tally] = {}
    total = 0
    for at, lines in orders:
        quantities: dict[str, Decimal] = {}
        told = False
        for line in lines:
            told = True
            name = name_of(line, kind)
            if name is not None:
                quantities[name] = quantities.get(name, Decimal(0)) + line.quantity
        total += told
        for name, quantity in quantities.items():
            known = tallies.setdefault(name, _Tally(last_at=at))
            known.orders += 1
            known.quantity += quantity
            known.last_at = max(known.last_at, at)
    found = [
        Affinity(name, tally.orders, tally.quantity, tally.orders / total, tally.last_at)
        for name, tally in tallies.items()
    ]
    return sorted(found, key=lambda one: (-one.orders, -one.quantity, one.name))


def name_of(line: Line, kind: AffinityKind) -> str | None:
    """Name what a line is: a product by its id, else its SKU, else its name."""
    if kind is AffinityKind.PRODUCT:
        return line.product_id or line.sku or line.name
    return line.category if kind is AffinityKind.CATEGORY else line.brand
