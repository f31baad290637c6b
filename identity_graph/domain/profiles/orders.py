"""Orders: what all messages of one order come to, in whatever order they arrive.

An order is a fold of its messages by (time, source, message id). It counts once, however many messages, sources and
customers tell of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.profiles.commerce import CommerceKind, CommerceRules
from identity_graph.domain.profiles.money import NO_CURRENCY, write_amount
from identity_graph.domain.profiles.reports import Line, Problem, Report
from identity_graph.domain.rules.ranking import find_ambiguous
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Instant

ZERO = Decimal(0)
OTHER_SCOPES = "if these are orders of different shops, give each shop a scope of its own (docs/orders.md#scope)"
"""What to do about an order that may be two."""

_PLACING = frozenset({CommerceKind.COMPLETED, CommerceKind.UPDATED})
_WORTH = frozenset({"total", "revenue", "subtotal"})


class OrderState(StrEnum):
    """How an order stands. ``UNKNOWN``: a refund or cancellation whose order has not come yet."""

    PLACED = "PLACED"
    UPDATED = "UPDATED"
    PARTLY_REFUNDED = "PARTLY_REFUNDED"
    REFUNDED = "REFUNDED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class OrderMessage(NamedTuple):
    """A message of an order, with the usable identifiers seen in it; sorts in the order of the fold."""

    occurred_at: Instant
    source: str
    message_id: str
    report: Report
    identifiers: tuple[Identifier, ...] = ()


class OrderProblem(NamedTuple):
    """What is wrong with a message of an order; without one, with all of them together."""

    source: str | None
    message_id: str | None
    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is known of an order. All amounts are of one currency.

    ``placed_at`` is None while nothing but refunds and cancellations came; ``at`` is when it was placed, else when its first
    message happened. ``total`` is what was to be paid, ``revenue`` what the goods came to without shipping and tax,
    ``refunded`` what was paid back of the total: while the order is unknown, all that is said to be.
    """

    state: OrderState
    placed_at: Instant | None
    at: Instant
    currency: str
    total: Decimal
    revenue: Decimal
    refunded: Decimal
    shipping: Decimal | None
    tax: Decimal | None
    discount: Decimal | None
    lines: tuple[Line, ...]
    problems: tuple[OrderProblem, ...]

    @property
    def counts(self) -> bool:
        """Whether it is a purchase: it was placed, and not cancelled. One that was paid back was made all the same."""
        return counts(self.state)

    @property
    def net(self) -> Decimal:
        """What it is worth: its revenue without what was paid back, never below zero; nothing when it does not count."""
        return net_of(self.state, self.revenue, self.refunded)


def counts(state: str) -> bool:
    """Whether an order in some state is a purchase."""
    return state not in (OrderState.UNKNOWN, OrderState.CANCELLED)


def net_of(state: str, revenue: Decimal, refunded: Decimal) -> Decimal:
    """Tell what an order is worth."""
    return max(ZERO, revenue - refunded) if counts(state) else ZERO


def fold_order(messages: Iterable[OrderMessage], rules: CommerceRules) -> Order:
    """Fold the messages of one order, at least one, in whatever order they are given."""
    return _Fold(sorted(messages, key=_position_of), rules).order()


def find_owner(messages: Iterable[OrderMessage], rules: RuleSet) -> Identifier | None:
    """Find the strongest identifier seen in any message of an order; of several the one seen first, then the smaller key."""
    best: tuple[tuple[int, str], int, str] | None = None
    owner: Identifier | None = None
    for number, message in enumerate(sorted(messages, key=_position_of)):
        for identifier in message.identifiers:
            rank = (rules.get_namespace(identifier.namespace).rank, number, identifier.key)
            if best is None or rank < best:
                best, owner = rank, identifier
    return owner


def find_contest(messages: Iterable[OrderMessage], rules: RuleSet) -> OrderProblem | None:
    """Find out whether messages place an order for identifiers that one customer cannot have together."""
    seen = {i for message in messages if message.report.kind in _PLACING for i in message.identifiers}
    namespaces = sorted({identifier.namespace for identifier in find_ambiguous(sorted(seen), rules)})
    if not namespaces:
        return None
    reason = f"are those of several customers (different values of {', '.join(namespaces)}): it counts once, for one of them; "
    return OrderProblem(None, None, "identifiers", reason + OTHER_SCOPES)


def _position_of(message: OrderMessage) -> tuple[Instant, str, str]:
    return message.occurred_at, message.source, message.message_id


class _Fold:
    """Goes through the messages of one order, in their order."""

    def __init__(self, messages: Sequence[OrderMessage], rules: CommerceRules) -> None:
        self._messages = messages
        self._placing = [message for message in messages if message.report.kind in _PLACING]
        self._refunds = [message for message in messages if message.report.kind is CommerceKind.REFUNDED]
        self._currency = _find_currency(self._placing or self._refunds, rules)
        self._problems = [_problem_of(message, problem) for message in messages for problem in message.report.problems]

    def order(self) -> Order:
        amounts: dict[str, Decimal] = {}
        lines: tuple[Line, ...] = ()
        worth: Report | None = None
        for message in self._in_currency(self._placing):
            report = message.report
            amounts |= report.amounts
            lines = lines if report.lines is None else report.lines
            worth = report if _tells_worth(report) else worth
        self._compare_completions()
        shipping, tax = amounts.get("shipping"), amounts.get("tax")
        beside = (shipping or ZERO) + (tax or ZERO)
        revenue = ZERO if worth is None else _worth_of(worth, beside)
        total = amounts.get("total", revenue + beside)
        if self._placing and worth is None:
            self._add(
                "properties.total", "is missing, and so are revenue, subtotal and prices: the order counts with 0"
            )
        refunds = self._find_refunds()
        is_whole = any(report.is_whole for report in refunds)
        refunded = self._refunded(refunds, total, is_whole=is_whole)
        placed_at = self._placed_at()
        return Order(
            state=self._state(refunded, is_refunded=refunded == total and (is_whole or refunded > 0)),
            placed_at=placed_at,
            at=self._messages[0].occurred_at if placed_at is None else placed_at,
            currency=self._currency,
            total=total,
            revenue=revenue,
            refunded=refunded,
            shipping=shipping,
            tax=tax,
            discount=amounts.get("discount"),
            lines=lines,
            problems=tuple(dict.fromkeys(self._problems)),
        )

    def _compare_completions(self) -> None:
        """Note amounts that differ between messages that complete the order; that is what updates are for."""
        said: dict[str, set[Decimal]] = {}
        for message in self._placing:
            report = message.report
            if report.kind is CommerceKind.COMPLETED and report.currency in (None, self._currency):
                for name in _WORTH & report.amounts.keys():
                    said.setdefault(name, set()).add(report.amounts[name])
        differing = sorted(name for name, amounts in said.items() if len(amounts) > 1)
        if differing:
            self._add(
                "amounts",
                f"differ between the events that complete it ({', '.join(differing)}): the last ones count; {OTHER_SCOPES}",
            )

    def _placed_at(self) -> Instant | None:
        completed = [message for message in self._placing if message.report.kind is CommerceKind.COMPLETED]
        return next((message.occurred_at for message in completed or self._placing), None)

    def _find_refunds(self) -> list[Report]:
        """Find the refunds, each once: of several messages with one refund id the last one that names an amount."""
        refunds: dict[tuple[str, ...], Report] = {}
        for message in self._in_currency(self._refunds):
            report = message.report
            key = (message.source, message.message_id) if report.refund_id is None else (report.refund_id,)
            if key not in refunds or report.refund is not None:
                refunds[key] = report
        return list(refunds.values())

    def _refunded(self, refunds: Iterable[Report], total: Decimal, *, is_whole: bool) -> Decimal:
        named = sum((report.refund or ZERO for report in refunds), ZERO)
        if not self._placing:
            return named
        if named > total:
            excess = write_amount(named - total, self._currency)
            self._add("refunds", f"exceed the total by {excess} {self._currency}, which is not subtracted")
        return total if is_whole else min(named, total)

    def _state(self, refunded: Decimal, *, is_refunded: bool) -> OrderState:
        kinds = {message.report.kind for message in self._messages}
        if not self._placing:
            return OrderState.UNKNOWN
        if CommerceKind.CANCELLED in kinds:
            return OrderState.CANCELLED
        if is_refunded:
            return OrderState.REFUNDED
        if refunded:
            return OrderState.PARTLY_REFUNDED
        return OrderState.UPDATED if CommerceKind.UPDATED in kinds else OrderState.PLACED

    def _in_currency(self, messages: Iterable[OrderMessage]) -> Iterable[OrderMessage]:
        """Give the messages whose amounts are of the order's currency; of others the amounts do not count."""
        for message in messages:
            if message.report.currency in (None, self._currency):
                yield message
            else:
                reason = f"is not that of the order, {self._currency}: the amounts of this message do not count"
                self._problems.append(_problem_of(message, Problem("properties.currency", reason)))

    def _add(self, path: str, reason: str) -> None:
        self._problems.append(OrderProblem(None, None, path, reason))


def _find_currency(messages: Sequence[OrderMessage], rules: CommerceRules) -> str:
    """Find the currency of an order: the one named last, by a message with amounts if there is one."""
    named = [message.report for message in messages if message.report.currency is not None]
    with_amounts = [report for report in named if report.amounts or report.lines_total is not None]
    last = (with_amounts or named)[-1:]
    return next((report.currency for report in last if report.currency), rules.currency or NO_CURRENCY)


def _tells_worth(report: Report) -> bool:
    return report.lines_total is not None or not report.amounts.keys().isdisjoint(_WORTH)


def _worth_of(report: Report, beside: Decimal) -> Decimal:
    """Give what the goods came to; ``beside`` is what shipping and tax come to."""
    amounts = report.amounts
    for name in ("revenue", "subtotal"):
        if name in amounts:
            return amounts[name]
    if "total" in amounts:
        return max(ZERO, amounts["total"] - beside)
    return report.lines_total or ZERO


def _problem_of(message: OrderMessage, problem: Problem) -> OrderProblem:
    return OrderProblem(message.source, message.message_id, problem.path, problem.reason)
