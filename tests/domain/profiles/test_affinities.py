"""What is bought most."""

from decimal import Decimal

import pytest

from identity_graph.domain.profiles.affinities import Affinity, AffinityKind, find_affinities
from identity_graph.domain.profiles.reports import Line


def line(name: str, *, category: str | None = None, quantity: int = 1) -> Line:
    return Line(None, name, None, "Own", category, None, Decimal(quantity))


ORDERS = [
    (1, [line("cup", category="Kitchen"), line("cup", category="Kitchen", quantity=2), line("hat")]),
    (3, [line("cup", category="Kitchen")]),
    (2, [line("hat", quantity=9)]),
    (4, []),
]


def test_what_is_in_most_orders_comes_first_then_what_was_bought_in_greater_number() -> None:
    assert find_affinities(ORDERS, AffinityKind.PRODUCT) == [
        Affinity("hat", 2, Decimal(10), 2 / 3, 2),
        Affinity("cup", 2, Decimal(4), 2 / 3, 3),
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(AffinityKind.CATEGORY, [("Kitchen", 2, 2 / 3)]), (AffinityKind.BRAND, [("Own", 3, 1.0)])],
)
def test_categories_and_brands(kind: AffinityKind, expected: list[tuple[str, int, float]]) -> None:
    assert [(one.name, one.orders, one.share) for one in find_affinities(ORDERS, kind)] == expected
    assert find_affinities([], kind) == []
