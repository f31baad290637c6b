"""What the law wants to be kept of the orders of somebody who is erased: amounts and a day, hung on nobody."""

import json
from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.privacy.mentions import mentions

_AMOUNTS_OF_A_LINE = ("price", "quantity")


class Preserve(StrEnum):
    """How much of an order an erasure keeps."""

    AMOUNTS = "AMOUNTS"
    AMOUNTS_AND_LINES = "AMOUNTS_AND_LINES"


class PreservedOrder(NamedTuple):
    """An order without the person. Amounts are decimals as text, ``lines`` is JSON, ``day`` is one of the catalogue's zone.

    ``order_id`` is None where it names the person.
    """

    id: str
    scope: str
    order_id: str | None
    state: str
    day: str
    currency: str
    total: str
    revenue: str
    refunded: str
    shipping: str | None
    tax: str | None
    discount: str | None
    lines: str | None


def strip_id(order_id: str, named: Collection[str]) -> str | None:
    """Give the id of an order, unless it names somebody: ``named`` are the values that go."""
    return None if mentions(json.dumps(order_id), named) else order_id


def strip_lines(lines: str | None, named: Collection[str], preserve: Preserve) -> str | None:
    """Give the lines of an order, as far as they are kept; of a line with a text that names somebody price and quantity stay."""
    if lines is None or preserve is Preserve.AMOUNTS:
        return None
    kept = [
        {name: line[name] for name in _AMOUNTS_OF_A_LINE if name in line} if mentions(json.dumps(line), named) else line
        for line in json.loads(lines)
    ]
    return json.dumps(kept, ensure_ascii=False)
