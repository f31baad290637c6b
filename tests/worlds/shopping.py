"""What the events of random worlds tell of orders, and what these orders come to: slowly, plainly, from the raw messages."""

from collections.abc import Iterable
from decimal import Decimal
from random import Random
from typing import Any

from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event, Instant

SPELLED: dict[Any, Decimal | None] = {
    100: Decimal(100),
    69.99: Decimal("69.99"),
    "55.5": Decimal("55.5"),
    "1,299.00": Decimal(1299),
    "1.299,00": Decimal(1299),
    0.1 + 0.2: Decimal("0.3"),
    10: Decimal(10),
    "7": Decimal(7),
    0: Decimal(0),
    -5: None,
    "-5.00": None,
    "a lot": None,
}
"""Amounts as they are sent, and what they are; None for those that are none."""

_AMOUNTS = ("total", "subtotal", "revenue", "shipping", "tax", "discount")
_REFUNDED = ("total", "refund_amount", "amount", "refund", "value", "revenue", "subtotal")
_PLACING = ("Order Completed", "Order Updated")
_EVENTS = (*_PLACING, "Order Refunded", "Order Refunded", "Order Cancelled")


def shop(seed: str, number: int) -> tuple[str, dict[str, Any]]:
    """Draw the name and the properties of an event: in half of all cases it tells of one of a few orders."""
    rng = Random(seed)
    if rng.random() < 0.5:
        return "Seen", {"number": number}
    name = _EVENTS[int(rng.random() ** 2 * len(_EVENTS))]
    properties: dict[str, Any] = {"number": number}
    if rng.random() < 0.95:
        properties["order_id"] = rng.choice(["1", 1, " 2 ", "2", "null", "3"])
    if rng.random() < 0.3:
        properties["currency"] = rng.choice(["USD", "usd", "CNY", "RMB", "shells", ""])
    for amount in _REFUNDED if name == "Order Refunded" else _AMOUNTS:
        if rng.random() < 0.3:
            properties[amount] = rng.choice(list(SPELLED))
    if rng.random() < 0.3:
        properties["products"] = [_draw_line(rng) for _ in range(rng.randrange(3))]
    if name == "Order Refunded" and rng.random() < 0.5:
        properties["refund_id"] = rng.choice(["r1", "r2", 3])
    if name == "Order Refunded" and rng.random() < 0.3:
        properties = {"order_id": properties.get("order_id"), "number": number}
    return name, properties


def _draw_line(rng: Random) -> dict[str, Any]:
    line: dict[str, Any] = {"sku": rng.choice("ab")}
    if rng.random() < 0.8:
        line["price"] = rng.choice(list(SPELLED))
    if rng.random() < 0.4:
        line["quantity"] = rng.choice([1, 2, "3", -1, "some"])
    return line


OrderFacts = dict[str, Any]


def reference_orders(events: Iterable[Event], rules: RuleSet) -> dict[str, OrderFacts]:
    """Give all orders by their ids, all in the scope ``default``."""
    once = {event.id: event for event in reversed(list(events))}
    told: dict[str, list[Event]] = {}
    for event in sorted(once.values(), key=_moment):
        if event.type == "track" and event.name in _EVENTS and (order_id := _order_id(event)) is not None:
            told.setdefault(order_id, []).append(event)
    return {order_id: _order(own, rules) for order_id, own in told.items()}


def _moment(event: Event) -> tuple[Instant, str, str]:
    return event.occurred_at, event.source, event.message_id


def _order_id(event: Event) -> str | None:
    value = str(event.properties.get("order_id") or "").strip()
    if value in ("", "null"):
        return f"{event.source}/{event.message_id}" if event.name == "Order Completed" else None
    return value


def _order(messages: list[Event], rules: RuleSet) -> OrderFacts:
    placing = [event for event in messages if event.name in _PLACING]
    refunds = [event for event in messages if event.name == "Order Refunded"]
    currency = _currency(placing or refunds)
    amounts: dict[str, Decimal] = {}
    revenue = total = Decimal(0)
    lines = 0
    for event in placing:
        if _currency_of(event) not in ("", currency):
            continue
        amounts.update(_amounts(event, _AMOUNTS))
        if "products" in event.properties:
            lines = len(event.properties["products"])
    beside = amounts.get("shipping", Decimal(0)) + amounts.get("tax", Decimal(0))
    for event in placing:
        if _currency_of(event) in ("", currency):
            said, of_lines = _amounts(event, _AMOUNTS), _lines_total(event)
            if "revenue" in said:
                revenue = said["revenue"]
            elif "subtotal" in said:
                revenue = said["subtotal"]
            elif "total" in said:
                revenue = max(Decimal(0), said["total"] - beside)
            elif of_lines is not None:
                revenue = of_lines
    total = amounts.get("total", revenue + beside)
    refunded, is_whole, asked = _refunded(refunds, currency)
    if placing:
        refunded = total if is_whole else min(refunded, total)
    completed = [event for event in placing if event.name == "Order Completed"] or placing
    return {
        "state": _state(messages, placing, total, refunded, is_whole),
        "placed_at": completed[0].occurred_at if completed else None,
        "at": completed[0].occurred_at if completed else messages[0].occurred_at,
        "currency": currency,
        "amounts": (total, revenue, refunded),
        "beside": tuple(amounts.get(name) for name in ("shipping", "tax", "discount")),
        "lines": lines,
        "exceeds": bool(placing) and asked > total,
        "differs": _completions_differ(placing, currency),
        "contested": _is_contested(placing, rules),
        "owner": _owner(messages, rules),
        "messages": sorted(event.message_id for event in messages),
    }


def _completions_differ(placing: list[Event], currency: str) -> bool:
    said: dict[str, set[Decimal]] = {"total": set(), "subtotal": set(), "revenue": set()}
    for event in placing:
        if event.name == "Order Completed" and _currency_of(event) in ("", currency):
            for name, amount in _amounts(event, said).items():
                said[name].add(amount)
    return any(len(amounts) > 1 for amounts in said.values())


def _is_contested(placing: list[Event], rules: RuleSet) -> bool:
    """Whether the identifiers seen as it was placed hold two values of which a customer may have one."""
    values: dict[str, set[str]] = {}
    for event in placing:
        for namespace, value in event.identifiers:
            rule = rules.namespaces[namespace]
            if rule.limit is not None and rule.limit.count == 1:
                scope = value.partition("/")[0] if rule.scoped else ""
                values.setdefault(f"{namespace}:{scope}", set()).add(value)
    return any(len(own) > 1 for own in values.values())


def _state(messages: list[Event], placing: list[Event], total: Decimal, refunded: Decimal, is_whole: bool) -> str:
    names = {event.name for event in messages}
    if not placing:
        return "UNKNOWN"
    if "Order Cancelled" in names:
        return "CANCELLED"
    if is_whole or (refunded and refunded == total):
        return "REFUNDED"
    if refunded:
        return "PARTLY_REFUNDED"
    return "UPDATED" if "Order Updated" in names else "PLACED"


def _refunded(refunds: list[Event], currency: str) -> tuple[Decimal, bool, Decimal]:
    """Sum up refunds; also tell whether one is of everything."""
    by_id: dict[str, list[Event]] = {}
    for event in refunds:
        if _currency_of(event) in ("", currency):
            name = event.properties.get("refund_id")
            by_id.setdefault(f"without {event.message_id}" if name is None else f"id {name}", []).append(event)
    asked, is_whole = Decimal(0), False
    for own in by_id.values():
        amounts = [amount for event in own if (amount := _refund_of(event)) is not None]
        asked += amounts[-1] if amounts else Decimal(0)
        # The first message speaks for a refund of which none names an amount.
        is_whole |= (
            not amounts
            and not any(own[0].properties.get(name) for name in (*_REFUNDED, "products"))
            and all(own[0].properties.get(name) in (None, "") for name in _REFUNDED)
        )
    return asked, is_whole, asked


def _refund_of(event: Event) -> Decimal | None:
    said = _amounts(event, _REFUNDED)
    return next((said[name] for name in _REFUNDED if name in said), _lines_total(event))


def _amounts(event: Event, names: Iterable[str]) -> dict[str, Decimal]:
    said = {name: _amount_of(event.properties[name]) for name in names if name in event.properties}
    return {name: amount for name, amount in said.items() if amount is not None}


def _amount_of(said: Any) -> Decimal | None:
    return SPELLED[said] if said in SPELLED else Decimal(str(said))


def _lines_total(event: Event) -> Decimal | None:
    total: Decimal | None = None
    for line in event.properties.get("products", ()):
        quantity = {1: 1, 2: 2, "3": 3}.get(line.get("quantity", 1))
        if quantity is None:
            return None
        if "price" in line:
            price = _amount_of(line["price"])
            if price is None:
                return None
            total = (total or Decimal(0)) + price * quantity
    return total


def _currency_of(event: Event) -> str:
    text = event.properties.get("currency", "").upper()
    return "CNY" if text == "RMB" else text


def _currency(messages: list[Event]) -> str:
    named = [event for event in messages if _currency_of(event)]
    names = _REFUNDED if messages and messages[0].name == "Order Refunded" else _AMOUNTS
    with_amounts = [event for event in named if _amounts(event, names) or _lines_total(event) is not None]
    return _currency_of((with_amounts or named)[-1]) if named else "XXX"


def _owner(messages: list[Event], rules: RuleSet) -> str | None:
    ranks = {rule.name: rule.rank for rule in rules.namespaces.values()}
    seen = [
        (ranks[identifier.namespace], number, identifier.key)
        for number, event in enumerate(messages)
        for identifier in event.identifiers
    ]
    return min(seen)[2] if seen else None
