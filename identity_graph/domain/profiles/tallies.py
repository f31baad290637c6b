"""Tallies: what the claims of one trait come to, for one identifier or for several, and how that is stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any

import orjson

from identity_graph.domain.profiles.claims import Order, text_of

MOST_VALUES = 1000
"""Different values that a policy keeps of one identifier: those that were said first."""

EXACT = Context(prec=100)
"""Enough digits for the sum of 10^60 numbers, each with at most 18 before the point and 18 after it."""


@dataclass(slots=True)
class Best:
    """The claim whose value counts, and the identifier that it belongs to; ``rank`` orders values, the greatest first."""

    rank: Any
    order: Order
    value: Any
    owner: str


@dataclass(slots=True)
class Listed:
    """How often a value was claimed, and when first and last."""

    count: int
    first: Order
    last: Order


@dataclass(slots=True)
class Tally:
    """What the claims of one trait come to. Claims at or before ``deleted`` are not in it.

    ``first`` and ``last`` are the oldest and the newest claim that counts, the latter of the identifier ``last_owner``.
    """

    deleted: Order | None = None
    first: Order | None = None
    last: Order | None = None
    last_owner: str = ""
    best: Best | None = None
    count: int = 0
    total: Decimal = Decimal(0)
    values: dict[str, Listed] = field(default_factory=dict[str, Listed])
    days: set[str] = field(default_factory=set[str])

    @property
    def order(self) -> Order | None:
        """The newest claim or deletion: whatever was said last of the trait."""
        return max((order for order in (self.last, self.deleted) if order is not None), default=None)

    def see(self, order: Order, owner: str) -> None:
        """Take note of when a claim was made that counts."""
        if self.first is None or order < self.first:
            self.first = order
        if self.last is None or self.last < order:
            self.last, self.last_owner = order, owner

    def list_value(self, text: str, first: Order, last: Order, count: int = 1) -> None:
        """Count a value."""
        known = self.values.get(text)
        if known is None:
            self.values[text] = Listed(count, first, last)
        else:
            known.count += count
            known.first, known.last = min(known.first, first), max(known.last, last)

    def is_full_for(self, text: str, most: int | None) -> bool:
        """Tell whether a value would be one too many."""
        return most is not None and len(self.values) >= most and text not in self.values

    def to_json(self) -> str:
        """Write what is stored of it beside its identifier."""
        state: dict[str, Any] = {
            "deleted": self.deleted,
            "first": self.first,
            "last": self.last,
            "best": None if self.best is None else (self.best.rank, self.best.order, text_of(self.best.value)),
            "count": self.count,
            "total": str(self.total) if self.total else None,
            "values": {text: (one.count, one.first, one.last) for text, one in sorted(self.values.items())},
            "days": sorted(self.days),
        }
        return orjson.dumps({name: value for name, value in state.items() if value}).decode()

    @classmethod
    def from_json(cls, text: str, owner: str) -> "Tally":
        """Read what is stored beside an identifier."""
        state: Mapping[str, Any] = orjson.loads(text)
        best = state.get("best")
        return cls(
            deleted=_order(state.get("deleted")),
            first=_order(state.get("first")),
            last=_order(state.get("last")),
            last_owner=owner if "last" in state else "",
            best=None
            if best is None
            else Best(best[0], (best[1][0], best[1][1], best[1][2]), json.loads(best[2]), owner),
            count=state.get("count", 0),
            total=Decimal(state.get("total", "0")),
            values={
                value: Listed(count, (first[0], first[1], first[2]), (last[0], last[1], last[2]))
                for value, (count, first, last) in state.get("values", {}).items()
            },
            days=set(state.get("days", ())),
        )


def _order(stored: list[Any] | None) -> Order | None:
    return None if stored is None else (stored[0], stored[1], stored[2])
