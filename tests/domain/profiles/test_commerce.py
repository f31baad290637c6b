"""The commerce part of a catalogue, read with the line of each problem."""

from decimal import Decimal

import pytest

from identity_graph.domain.profiles.commerce import (
    COMMERCE_KEYS,
    DEFAULT_COMMERCE,
    CommerceKind,
    CommerceRules,
    read_commerce_rules,
)
from identity_graph.domain.profiles.difference import orders_differ
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.values.yaml_sections import Problems, Section, compose
from identity_graph.errors import RulesError

DAY = 86_400_000_000


def read(text: str) -> CommerceRules:
    problems = Problems("catalogue.yaml")
    rules = read_commerce_rules(Section(problems, compose(text, problems), "commerce", COMMERCE_KEYS))
    problems.raise_if_any()
    return rules


def test_what_is_not_said_is_as_by_default() -> None:
    assert read("{}") == DEFAULT_COMMERCE


def test_everything_can_be_said() -> None:
    rules = read("""
reporting_currency: CNY
order_scope: {property: affiliation, sources: {till-7: store-7}}
events:
  completed: [Order Completed, Order Paid]
  cancelled: [Order Voided]
rates:
  USD: {2026-02-01: 7.20, 2026-01-01: "7.10"}
""")
    assert (rules.reporting_currency, rules.currency) == ("CNY", "CNY")
    assert (rules.scope_property, rules.scope_of_source) == ("affiliation", {"till-7": "store-7"})
    assert rules.events == {
        "Order Completed": CommerceKind.COMPLETED,
        "Order Paid": CommerceKind.COMPLETED,
        "Order Updated": CommerceKind.UPDATED,
        "Order Refunded": CommerceKind.REFUNDED,
        "Order Voided": CommerceKind.CANCELLED,
    }
    assert rules.rates.by_currency == {"USD": ((20454, Decimal("7.10")), (20485, Decimal("7.20")))}
    assert read("{reporting_currency: CNY, currency: USD}").currency == "USD"
    assert read("order_scope: {property: shop}").scope_of_source == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("reporting_currency: shells", "1: commerce.reporting_currency: expected a currency of ISO 4217"),
        ("coat: red", "1: commerce.coat: unknown key"),
        ("events: {bought: [x]}", "1: commerce.events.bought: unknown key"),
        ("events: {completed: Order Paid}", "1: commerce.events.completed: expected a list of names of events"),
        ("events: {completed: [{}]}", "1: commerce.events.completed: expected a list of names of events"),
        ("events: {refunded: [Order Updated]}", "1: commerce.events.refunded: 'Order Updated' is an event of updated"),
        (
            "events: {updated: [Order Cancelled]}",
            "1: commerce.events.cancelled: 'Order Cancelled' is an event of updated",
        ),
        ("order_scope: {sources: {till: []}}", "1: commerce.order_scope.sources.till: expected the name of a scope"),
        ("rates: {USD: {2026-01-01: 7}}", "1: commerce.rates: name the reporting_currency that they lead to"),
        (
            "{reporting_currency: CNY, rates: {CNY: {2026-01-01: 7}}}",
            "1: commerce.rates.CNY: expected another currency",
        ),
        ("{reporting_currency: CNY, rates: {shells: {}}}", "1: commerce.rates.shells: expected another currency"),
        ("{reporting_currency: CNY, rates: {USD: {today: 7}}}", "1: commerce.rates.USD.today: expected a day"),
        ("{reporting_currency: CNY, rates: {USD: {2026-01-01: x}}}", "2026-01-01: expected a rate above zero"),
        ("{reporting_currency: CNY, rates: {USD: {2026-01-01: -1}}}", "2026-01-01: expected a rate above zero"),
        ("{reporting_currency: CNY, rates: {USD: {2026-01-01: []}}}", "2026-01-01: expected a rate above zero"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(RulesError) as raised:
        read(text)
    assert problem in str(raised.value)
    assert len(raised.value.facts["problems"]) == 1


@pytest.mark.parametrize(
    ("commerce", "differs"),
    [
        ("reporting_currency: CNY, currency: EUR", True),
        ("reporting_currency: EUR, rates: {USD: {2026-01-01: 7}}, currency: CNY", False),
        ("currency: CNY, events: {updated: [Order Changed]}", True),
        ("currency: CNY, order_scope: {property: shop}", True),
        ("currency: CNY, order_scope: {sources: {till: shop}}", True),
    ],
)
def test_orders_are_read_again_where_they_may_differ(commerce: str, differs: bool) -> None:
    before = parse_catalogue("commerce: {currency: CNY}")
    assert orders_differ(before, parse_catalogue(f"commerce: {{{commerce}}}")) is differs
