"""The commerce part of a catalogue: which events tell of orders, what an order id belongs to, and in what money to report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from identity_graph.domain.profiles.money import CURRENCIES, NO_RATES, AmountError, Rates, read_amount
from identity_graph.domain.values.yaml_sections import Section, read_list, read_text

DEFAULT_SCOPE = "default"
"""The scope of order ids that the rules give no other."""

LONGEST_SCOPE = 255


class CommerceKind(StrEnum):
    """What a message says of an order."""

    COMPLETED = "completed"
    UPDATED = "updated"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


EVENTS: Mapping[str, CommerceKind] = {
    "Order Completed": CommerceKind.COMPLETED,
    "Order Updated": CommerceKind.UPDATED,
    "Order Refunded": CommerceKind.REFUNDED,
    "Order Cancelled": CommerceKind.CANCELLED,
}
"""The events of Segment's e-commerce specification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommerceRules:
    """How orders are read.

    Two shops may both have an order 1001: the scope tells them apart. It is the value of ``scope_property`` where a message
    has it, else what ``scope_of_source`` says of its source, else ``default``. ``currency`` is that of messages that name
    none. ``reporting_currency`` is what sums are given in; without one, that of most orders. ``rates`` lead to it.
    """

    events: Mapping[str, CommerceKind] = field(default_factory=lambda: dict(EVENTS))
    scope_property: str | None = None
    scope_of_source: Mapping[str, str] = field(default_factory=dict[str, str])
    currency: str | None = None
    reporting_currency: str | None = None
    rates: Rates = NO_RATES

    def scope_of(self, source: str, properties: Mapping[str, Any]) -> str:
        """Give the scope of the order id in a message."""
        if self.scope_property is not None:
            value = properties.get(self.scope_property)
            text = str(value).strip() if type(value) in (str, int) else ""
            if text:
                return text[:LONGEST_SCOPE]
        return self.scope_of_source.get(source, DEFAULT_SCOPE)


DEFAULT_COMMERCE = CommerceRules()
"""What holds where the catalogue says nothing."""

COMMERCE_KEYS = ("events", "order_scope", "currency", "reporting_currency", "rates")
"""The keys of this part."""

_SCOPE_KEYS = ("property", "sources")


def read_commerce_rules(section: Section) -> CommerceRules:
    """Read the commerce part of a catalogue; what is wrong is noted with its line."""
    reporting = _read_currency(section, "reporting_currency")
    currency = _read_currency(section, "currency") or reporting
    scope_property, scope_of_source = _read_scope(section)
    return CommerceRules(
        events=_read_events(section),
        scope_property=scope_property,
        scope_of_source=scope_of_source,
        currency=currency,
        reporting_currency=reporting,
        rates=_read_rates(section, reporting),
    )


def _read_events(section: Section) -> Mapping[str, CommerceKind]:
    if "events" not in section:
        return dict(EVENTS)
    own = Section(section.problems, section["events"], section.path("events"), tuple(CommerceKind))
    events: dict[str, CommerceKind] = {}
    for kind in CommerceKind:
        names = _texts(own, kind, "a list of names of events") if kind in own else []
        for name in names or [name for name, its_kind in EVENTS.items() if its_kind is kind]:
            if events.setdefault(name, kind) is not kind:
                line = own.line_of_key(kind) if kind in own else section.line_of_key("events")
                section.problems.add(line, own.path(kind), f"{name!r} is an event of {events[name]}, too")
    return events


def _read_scope(section: Section) -> tuple[str | None, Mapping[str, str]]:
    if "order_scope" not in section:
        return None, {}
    own = Section(section.problems, section["order_scope"], section.path("order_scope"), _SCOPE_KEYS)
    scopes: dict[str, str] = {}
    if "sources" in own:
        sources = Section(own.problems, own["sources"], own.path("sources"))
        for source in sources:
            scope = sources.text(source, "the name of a scope")
            if scope is not None:
                scopes[source] = scope
    return own.text("property", "the name of a property, such as affiliation"), scopes


def _read_currency(section: Section, key: str) -> str | None:
    expected = "a currency of ISO 4217, such as CNY"
    text = section.text(key, expected)
    if text is not None and text not in CURRENCIES:
        section.reject(key, expected)
        return None
    return text


def _read_rates(section: Section, reporting: str | None) -> Rates:
    """Read rates by currency and day: ``USD: {2026-01-01: 7.10}``."""
    if "rates" not in section:
        return NO_RATES
    if reporting is None:
        section.problems.add(
            section.line_of_key("rates"), section.path("rates"), "name the reporting_currency that they lead to"
        )
    own = Section(section.problems, section["rates"], section.path("rates"))
    found: dict[str, tuple[tuple[int, Decimal], ...]] = {}
    for currency in own:
        if currency not in CURRENCIES or currency == reporting:
            own.problems.add(own.line_of_key(currency), own.path(currency), "expected another currency of ISO 4217")
            continue
        days = Section(own.problems, own[currency], own.path(currency))
        rates = [rate for day in days if (rate := _read_rate(days, day)) is not None]
        found[currency] = tuple(sorted(rates))
    return Rates(found)


def _read_rate(days: Section, day: str) -> tuple[int, Decimal] | None:
    try:
        number = (date.fromisoformat(day) - date(1970, 1, 1)).days
    except ValueError:
        days.problems.add(days.line_of_key(day), days.path(day), "expected a day, such as 2026-01-31")
        return None
    text = days.text(day, "a rate above zero")
    try:
        rate = read_amount(text)
    except AmountError:
        rate = Decimal(0)
    if rate is not None and rate <= 0:
        days.reject(day, "a rate above zero")
    return None if rate is None or rate <= 0 else (number, rate)


def _texts(section: Section, key: str, expected: str) -> list[str]:
    nodes = read_list(section[key])
    texts = [read_text(node) for node in nodes or ()]
    if not texts or None in texts:
        section.reject(key, expected)
    return [text for text in texts if text is not None]
