"""Shopping: what is searched, looked at and bought during a visit, in the names of the e-commerce events."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from identity_graph.simulation.catalogue import SEARCHES, Product, pick
from identity_graph.simulation.messages import Entry, Sender, Sent, enter_email, enter_phone, track
from identity_graph.simulation.people import AppDevice, Person
from identity_graph.simulation.values import make_uuid


@dataclass(slots=True)
class Shop:
    """What all visits share: the chance, the assortment, the stores' tablets and the running order number.

    ``detail`` is the chance for what has no bearing on who is who, such as the site that a visitor comes from.
    """

    rng: Random
    detail: Random
    catalogue: list[Product]
    tablets: list[AppDevice]
    orders: int = 0


def look_around(shop: Shop, person: Person, sender: Sender, at: int, page: dict[str, Any]) -> Iterator[Sent]:
    """Look around and perhaps buy; most visits end after a look or two."""
    rng = shop.rng
    more: dict[str, Any] = {"page": page} if page else {}
    if rng.random() < 0.3:
        query = SEARCHES[int(rng.random() * len(SEARCHES))]
        yield track(rng, sender, at, "Products Searched", {"query": query, "results": rng.randrange(40)}, **more)
        at += pause(rng)
    product = pick(rng, shop.catalogue)
    for position in range(int(rng.expovariate(1.1))):
        product = pick(rng, shop.catalogue)
        properties = {**product.to_properties(), "currency": "CNY", "position": position + 1, "quantity": 1}
        yield track(rng, sender, at, "Product Viewed", properties, **more)
        at += pause(rng)
    if rng.random() > 0.16:
        return
    cart = make_uuid(rng)
    added = {"cart_id": cart, **product.to_properties(), "currency": "CNY", "quantity": 1}
    yield track(rng, sender, at, "Product Added", added, **more)
    at += pause(rng)
    if rng.random() > 0.75:
        return
    yield track(
        rng, sender, at, "Checkout Started", {"cart_id": cart, "value": product.price, "currency": "CNY"}, **more
    )
    at += pause(rng)
    if rng.random() > 0.8:
        return
    entries: tuple[Entry, ...] = ()
    properties = {"checkout_id": cart, "payment_method": rng.choice(("wechat_pay", "alipay", "card"))}
    if not sender.user_id or rng.random() < 0.3:
        entries = (enter_phone(rng, person, at), enter_email(rng, person))[: 1 + (rng.random() < 0.5)]
        properties |= dict(zip(("phone", "email"), (entry.text for entry in entries), strict=False))
    yield order(shop, sender, at, properties, entries, first=product, **more)


def order(
    shop: Shop,
    sender: Sender,
    at: int,
    properties: dict[str, Any],
    entries: tuple[Entry, ...],
    *,
    first: Product | None = None,
    **context: Any,
) -> Sent:
    """Make an ``Order Completed`` of one to four lines, the first one ``first`` if that is given.

    ``entries`` are the identifiers among ``properties``.
    """
    rng = shop.rng
    shop.orders += 1
    lines = [
        {**pick(rng, shop.catalogue).to_properties(), "quantity": 1 + (rng.random() < 0.2)}
        for _ in range(1 + int(rng.expovariate(1.4)))
    ][:4]
    if first is not None:
        lines[0] |= first.to_properties()
    revenue = round(sum(line["price"] * line["quantity"] for line in lines), 2)
    shipping = 0 if revenue > 199 else 10
    bought = {
        "order_id": f"O{20_000_000 + shop.orders}",
        "revenue": revenue,
        "shipping": shipping,
        "total": round(revenue + shipping, 2),
        "currency": "CNY",
        "products": lines,
    }
    return track(rng, sender, at, "Order Completed", {**bought, **properties}, *entries, **context)


def pause(rng: Random) -> int:
    """Wait before the next click: milliseconds, half a minute on average."""
    return 1500 + int(rng.expovariate(1 / 35_000))
