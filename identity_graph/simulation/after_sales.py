"""What comes after an order: somebody collects it in a store, cancels it, or brings things back.

Each message names one identifier, so it tells of orders and links nobody.
"""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from identity_graph.simulation.messages import Sender, Sent, by_day, external_id, track
from identity_graph.simulation.people import DAY
from identity_graph.simulation.values import PLACEHOLDER

_HOUR, _MINUTE = 3_600_000, 60_000
_STRENGTH = (
    "crm_id", "user_id", "unionid", "loyalty_id", "openid", "phone", "email", "device_id", "ad_id", "anonymous_id",
)  # fmt: skip
_TILL: Mapping[str, Any] = {
    "app": {"name": "Till", "version": "2024.3"},
    "library": {"name": "analytics-python", "version": "2.3.2"},
    "channel": "store",
}
_SHOP_SERVER: Mapping[str, Any] = {
    "app": {"name": "Shop server", "version": "11.2"},
    "library": {"name": "analytics-python", "version": "2.3.2"},
    "channel": "web",
}
_REASONS = ("changed my mind", "arrived damaged", "wrong shade", "allergic reaction", "present, not liked")


def follow_up(rng: Random, order: Sent, card: str) -> Iterator[Sent]:
    """Tell what comes of an order, in any order of time.

    ``card`` is the key by which tills know the person, empty when they do not. Of the orders on the web one in thirty is
    cancelled, one in seven is collected in a store, which may tell of it as an order or as a change. One in nine has things
    brought back, a third of these everything; every sixth refund is told twice.
    """
    if not order.keys:
        return
    key = min(order.keys, key=lambda one: _STRENGTH.index(one.partition(":")[0]))
    bought: dict[str, Any] = order.message["properties"]
    at = order.at
    if order.message["context"].get("channel") != "store":
        luck = rng.random()
        if luck < 1 / 30:
            cancelled = {"order_id": bought["order_id"], "reason": "ordered twice", "currency": bought["currency"]}
            sender = _sender(_SHOP_SERVER, key)
            yield track(rng, sender, at + rng.randrange(5, 50) * _MINUTE, "Order Cancelled", cancelled)
            return
        if luck < 1 / 30 + 1 / 7:
            at = by_day(rng, at + int(rng.uniform(1, 3) * DAY))
            yield _collect(rng, bought, _sender(_TILL, card or key), at)
    if rng.random() < 1 / 9:
        yield from _bring_back(rng, bought, card, key, by_day(rng, at + int(rng.uniform(1.5, 20) * DAY)))


def _collect(rng: Random, bought: Mapping[str, Any], sender: Sender, at: int) -> Sent:
    """Let a till say the same of an order that the web shop said: as an order, or as what holds now."""
    said = {name: bought[name] for name in ("order_id", "revenue", "shipping", "total", "currency", "products")}
    said |= {"store_id": f"S{rng.randrange(60):03d}", "status": "collected"}
    return track(rng, sender, at, rng.choice(("Order Completed", "Order Updated")), said)


def _bring_back(rng: Random, bought: Mapping[str, Any], card: str, key: str, at: int) -> Iterator[Sent]:
    """Pay back all of an order or one piece of it, at a till or by the shop's server."""
    line: Mapping[str, Any] = rng.choice(bought["products"])
    is_all = rng.random() < 1 / 3
    pieces = bought["products"] if is_all else [{**line, "quantity": 1}]
    said = {
        "order_id": bought["order_id"],
        "refund_id": f"R{bought['order_id'][1:]}",
        "total": bought["total"] if is_all else line["price"],
        "currency": bought["currency"],
        "reason": rng.choice(_REASONS),
        "products": pieces,
    }
    sender = _sender(_TILL, card or key) if rng.random() < 0.5 else _sender(_SHOP_SERVER, key)
    yield track(rng, sender, at, "Order Refunded", said)
    if rng.random() < 1 / 6:
        yield track(rng, _sender(_SHOP_SERVER, key), at + rng.randrange(2, 30) * _HOUR, "Order Refunded", said)


def _sender(system: Mapping[str, Any], key: str) -> Sender:
    """Let a system send that knows a person by one identifier."""
    namespace, _, value = key.partition(":")
    if namespace == "user_id":
        return Sender(system, (key,), user_id=value)
    if namespace == "anonymous_id":
        return Sender(system, (key,), anonymous_id=value)
    return Sender({**system, "externalIds": [external_id(namespace, value)]}, (key,), PLACEHOLDER)
