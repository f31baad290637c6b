"""What one message says of an order: which order, which amounts, which lines; read with care, and nothing of it is lost.

A field that cannot be read says nothing: it is told as a problem of the order and counted, and the message stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

from identity_graph.domain.profiles.commerce import CommerceKind, CommerceRules
from identity_graph.domain.profiles.money import AmountError, read_amount, read_currency
from identity_graph.domain.rules.blocked import BLOCKED_VALUES
from identity_graph.domain.values import numbers
from identity_graph.domain.values.numbers import InexactNumberError

AMOUNTS = ("total", "subtotal", "revenue", "shipping", "tax", "discount")
"""The amounts of an order."""

REFUND_AMOUNTS = ("total", "refund_amount", "amount", "refund", "value", "revenue", "subtotal")
"""Where the amount of a refund may be: the first one that is there counts."""

LONGEST_ORDER_ID = 512


class Problem(NamedTuple):
    """What is wrong with a message of an order; the reason says what to do and holds no value.

    ``is_left_out``: something that the message said does not count.
    """

    path: str
    reason: str
    is_left_out: bool = True


class Line(NamedTuple):
    """A line of an order. ``price`` is that of one piece; None when none is said, or it cannot be read."""

    product_id: str | None
    sku: str | None
    name: str | None
    brand: str | None
    category: str | None
    price: Decimal | None
    quantity: Decimal


@dataclass(frozen=True)
class Report:
    """What a message says of an order. ``order_id`` is None when it names none; such a message says nothing.

    ``lines`` is None when it brings none, ``lines_total`` when they do not tell what they come to. ``is_whole``: a refund
    of all that is left.
    """

    kind: CommerceKind
    scope: str
    order_id: str | None
    amounts: Mapping[str, Decimal]
    currency: str | None
    lines: tuple[Line, ...] | None
    lines_total: Decimal | None
    refund_id: str | None
    is_whole: bool
    problems: tuple[Problem, ...]

    @cached_property
    def order(self) -> str | None:
        """The id of the order's node."""
        return None if self.order_id is None else order_key(self.scope, self.order_id)

    @property
    def refund(self) -> Decimal | None:
        """Give what a refund pays back; None when it does not say."""
        named = (self.amounts[name] for name in REFUND_AMOUNTS if name in self.amounts)
        return next(named, self.lines_total)


def order_key(scope: str, order_id: str) -> str:
    """Derive the id of an order: ``ord_`` and 128 bits of BLAKE2b in hex."""
    text = f"{len(scope)}:{scope}{order_id}".encode("utf-8", "surrogatepass")
    return "ord_" + blake2b(text, digest_size=16).hexdigest()


def read_report(
    type: str, name: str | None, source: str, message_id: str, properties: Mapping[str, Any], rules: CommerceRules
) -> Report | None:
    """Read what an event says of an order; None when it is no commerce event."""
    kind = rules.events.get(name or "") if type == "track" else None
    return None if kind is None else _Reader(properties).read(kind, source, message_id, rules)


class _Reader:
    """Reads the properties of one message, and gathers what is wrong with them."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        self._properties = properties
        self._problems: dict[Problem, None] = {}

    def read(self, kind: CommerceKind, source: str, message_id: str, rules: CommerceRules) -> Report:
        order_id = self._order_id(kind)
        if order_id is None and kind is CommerceKind.COMPLETED:
            order_id = f"{source}/{message_id}"
        is_refund = kind is CommerceKind.REFUNDED
        wanted = REFUND_AMOUNTS if is_refund else AMOUNTS
        amounts = {name: amount for name in wanted if (amount := self._amount(name, self._properties)) is not None}
        currency, is_known = read_currency(self._properties.get("currency"))
        if not is_known:
            self._add("currency", "must be a currency of ISO 4217, such as CNY: its amounts are not added to others")
        lines, lines_total = self._lines()
        names_amount = any(not _is_blank(self._properties.get(name)) for name in REFUND_AMOUNTS)
        is_whole = is_refund and not names_amount and self._properties.get("products") in (None, "", [])
        if is_refund and not is_whole and not names_amount and lines_total is None:
            self._add("total", "is needed beside products without prices, or alone: the amount that was paid back")
        return Report(
            kind=kind,
            scope=rules.scope_of(source, self._properties),
            order_id=order_id,
            amounts=amounts,
            currency=currency,
            lines=lines,
            lines_total=lines_total,
            refund_id=self._text("refund_id", self._properties),
            is_whole=is_whole,
            problems=tuple(self._problems),
        )

    def _add(self, path: str, reason: str, *, is_left_out: bool = True) -> None:
        self._problems[Problem(f"properties.{path}", reason, is_left_out)] = None

    def _order_id(self, kind: CommerceKind) -> str | None:
        try:
            text = (numbers.read_id(self._properties.get("order_id")) or "").strip()
        except InexactNumberError as error:
            self._add("order_id", f"is {error}")
            return None
        if not text or text.casefold() in BLOCKED_VALUES:
            reason = "is missing: without it no other message can tell of the same order"
            self._add("order_id", reason, is_left_out=kind is not CommerceKind.COMPLETED)
            return None
        if len(text) > LONGEST_ORDER_ID:
            self._add("order_id", f"may have at most {LONGEST_ORDER_ID} characters")
            return None
        return text

    def _amount(self, name: str, fields: Mapping[str, Any], path: str = "") -> Decimal | None:
        try:
            amount = read_amount(fields.get(name))
        except AmountError as error:
            self._add(path + name, str(error))
            return None
        if amount is not None and amount < 0:
            self._add(
                path + name, "must not be negative: Order Refunded tells what was paid back, as a positive amount"
            )
            return None
        return amount

    def _lines(self) -> tuple[tuple[Line, ...] | None, Decimal | None]:
        products: Any = self._properties.get("products")
        if products is None or products == "":
            return None, None
        if type(products) is not list:
            self._add("products", "must be an array")
            return None, None
        lines: list[Line] = []
        is_clear = True
        for product in products:
            if type(product) is dict:
                lines.append(self._line(product))
                is_clear = is_clear and _says_its_total(product)
            else:
                self._add("products", "must hold objects")
                is_clear = False
        priced = [line.price * line.quantity for line in lines if line.price is not None]
        return tuple(lines), sum(priced, Decimal(0)) if priced and is_clear else None

    def _line(self, product: dict[str, Any]) -> Line:
        quantity = self._amount("quantity", product, "products.")
        return Line(
            product_id=self._text("product_id", product),
            sku=self._text("sku", product),
            name=self._text("name", product),
            brand=self._text("brand", product),
            category=self._text("category", product),
            price=self._amount("price", product, "products."),
            quantity=Decimal(1) if quantity is None else quantity,
        )

    @staticmethod
    def _text(name: str, fields: Mapping[str, Any]) -> str | None:
        value = fields.get(name)
        if type(value) is int:
            return str(value)
        return (value.strip() or None) if type(value) is str else None


def _is_blank(value: object) -> bool:
    return value is None or (type(value) is str and not value.strip())


def _says_its_total(product: Mapping[str, Any]) -> bool:
    """Tell whether nothing is wrong with the price and the quantity of a line; a line without a price costs nothing."""
    return all(_is_amount(product.get(name)) for name in ("price", "quantity"))


def _is_amount(value: object) -> bool:
    try:
        amount = read_amount(value)
    except AmountError:
        return False
    return amount is None or amount >= 0
