"""Values of traits: what fits the declared type, and as what it is compared."""

from decimal import Decimal
from typing import Any

import pytest

from identity_graph.domain.profiles.trait_types import TraitType, ValueType
from identity_graph.domain.profiles.trait_values import decimal_of, fit

FITTING: dict[ValueType, list[tuple[Any, Any]]] = {
    ValueType.TEXT: [("Ann", "Ann"), (42, "42")],
    ValueType.INTEGER: [(42, 42), (42.0, 42), ("42", 42), ("-7", -7), (0, 0), (10**17, 10**17)],
    ValueType.DECIMAL: [(1.5, 1.5), ("1.50", 1.5), (3, 3), ("0.1", 0.1), (1e-7, 1e-7)],
    ValueType.BOOLEAN: [(True, True), ("false", False)],
    ValueType.DATE: [("2026-01-31", "2026-01-31")],
    ValueType.MOMENT: [
        ("2026-01-31T08:00:00+08:00", "2026-01-31T00:00:00Z"),
        (1767225600000, "2026-01-01T00:00:00Z"),
        ("2026-01-31", "2026-01-31T00:00:00Z"),
    ],
    ValueType.LIST: [(["a"], ["a"])],
    ValueType.OBJECT: [({"a": 1}, {"a": 1})],
    ValueType.ANY: [("x", "x"), (1, 1), ([], []), (False, False)],
}
MISFITS: dict[ValueType, list[Any]] = {
    ValueType.TEXT: [True, 1.5, ["a"], {}],
    ValueType.INTEGER: [1.5, "042", "4 2", "1,000", "", True, 10**18, "1e3", [1]],
    ValueType.DECIMAL: ["1,5", ".5", "1e-19", 1e-19, 1e300, float("nan"), float("inf"), False, {}],
    ValueType.BOOLEAN: [1, "yes", "True", None],
    ValueType.DATE: ["2026-02-30", "31.1.2026", "20260131", 20260131, "2026-01-31T00:00:00Z"],
    ValueType.MOMENT: ["yesterday", True, [], 5],
    ValueType.LIST: ["a", {"a": 1}],
    ValueType.OBJECT: [["a"], "a"],
    ValueType.ANY: [],
}


@pytest.mark.parametrize(
    ("kind", "value", "read"), [(kind, *pair) for kind, pairs in FITTING.items() for pair in pairs]
)
def test_a_value_that_fits_is_read_in_one_form(kind: ValueType, value: Any, read: Any) -> None:
    found = fit(value, TraitType(name="t", type=kind))
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in MISFITS.items() for value in values])
def test_a_value_that_has_no_exact_form_in_the_type_does_not_fit(kind: ValueType, value: Any) -> None:
    assert fit(value, TraitType(name="t", type=kind)) is None


def test_a_value_that_is_not_allowed_does_not_fit() -> None:
    level = TraitType(name="level", type=ValueType.TEXT, values=("gold", "silver"))
    assert (fit("gold", level), fit("Gold", level)) == ("gold", None)


def test_a_number_is_exactly_what_is_written() -> None:
    assert decimal_of(0.1) + decimal_of(0.2) == Decimal("0.3")
