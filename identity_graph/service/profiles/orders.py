"""Orders: folded anew from all their messages whenever one of these comes, goes, or is read otherwise."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from identity_graph.domain.profiles.commerce import CommerceRules
from identity_graph.domain.profiles.money import write_amount
from identity_graph.domain.profiles.orders import Order, OrderMessage, find_contest, find_owner, fold_order
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.profiles.reports import Line, Report, read_report
from identity_graph.domain.rules.ranking import usable_identifiers
from identity_graph.domain.values.json_reader import read_json
from identity_graph.domain.values.observations import Event
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import Call, ReadTransaction, WriteTransaction, run_together
from identity_graph.store.driver.rows import to_json
from identity_graph.store.profiles import orders as order_store
from identity_graph.store.profiles.orders import NewReport, OrderRow, StoredReport

EVENTS_AT_ONCE = 2000
"""Events that one step of rebuilding orders looks at."""

UNREADABLE = "unreadable_field"
"""What fields are counted under that an order cannot be read from, as other fields are that were left out."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the events of a batch tell of orders, in the order of these, and which fields of them cannot be read."""

    reports: list[NewReport]
    left_out: Counter[tuple[str, str]]

    @property
    def orders(self) -> list[str]:
        """The ids of the orders, in their order."""
        return list(dict.fromkeys(row["order"] for row in self.reports))


def read_reports(events: Iterable[Event], commerce: CommerceRules) -> Told | None:
    """Read what events tell of orders; None when none of them does, which is usual and costs a look at their names."""
    names = commerce.events
    told = Told([], Counter())
    for event in events:
        if event.name in names:
            report = read_report(event.type, event.name, event.source, event.message_id, event.properties, commerce)
            if report is not None:
                told.left_out.update((problem.path, UNREADABLE) for problem in report.problems if problem.is_left_out)
                if report.order is not None:
                    told.reports.append(_new_report(event.id, report))
    told.reports.sort(key=lambda row: row["order"])
    return told if told.reports or told.left_out else None


def report_calls(told: Told) -> tuple[Call[WriteTransaction, None], Call[ReadTransaction, list[StoredReport]]]:
    """Make the queries that write which orders events tell of, and read all that is told of these; both lock them by id."""
    return order_store.report_orders.call(rows=told.reports), order_store.list_reports.call(ids=told.orders)


def order_call(told: Told, reports: Sequence[StoredReport], regime: Regime) -> Call[WriteTransaction, None]:
    """Make the query that writes what the orders come to now."""
    messages = _messages_of(reports, regime)
    _touch(reports, regime)
    return order_store.set_orders.call(rows=[_row(id, messages[id], regime) for id in told.orders])


async def refold_orders(tx: WriteTransaction, ids: Iterable[str], regime: Regime) -> None:
    """Fold orders anew of the messages that they have now; those that have none left are deleted."""
    wanted = sorted(set(ids))
    if wanted:
        found = order_store.list_reports.call(ids=wanted)
        await run_together(tx, order_store.lock_orders.call(ids=wanted), found)
        await _write_orders(tx, wanted, found.rows, regime)


async def refold_orders_of(tx: WriteTransaction, keys: Sequence[str], regime: Regime) -> None:
    """Fold the orders anew in whose messages some identifiers were seen."""
    found = await order_store.list_orders_of_identifiers(tx, keys=list(keys))
    await refold_orders(tx, (row.id for row in found), regime)


class RebuiltPage(NamedTuple):
    """How far a step of rebuilding orders came, and through how many events."""

    last: str
    passed: int


async def rebuild_orders_page(tx: WriteTransaction, regime: Regime, after: str) -> RebuiltPage | None:
    """Read events after an id anew for what they tell of orders, and fold these orders; None when there are no more."""
    commerce = regime.catalogue.commerce
    page = await order_store.page_reports(tx, after=after, limit=EVENTS_AT_ONCE, names=sorted(commerce.events))
    if not page:
        return None
    touched: set[str] = set()
    outdated: list[str] = []
    new: list[NewReport] = []
    for row in page:
        report = None
        if row.may_report:
            report = read_report("track", row.name, row.source, row.message_id, _load(row.properties), commerce)
        order = None if report is None else report.order
        touched.update(id for id in (order, row.order) if id is not None)
        if row.order is not None and order != row.order:
            outdated.append(row.id)
        if report is not None and order is not None and order != row.order:
            new.append(_new_report(row.id, report))
    if touched:
        await order_store.lock_orders(tx, ids=sorted(touched))
        await order_store.drop_reports(tx, ids=outdated)
        await order_store.report_orders(tx, rows=sorted(new, key=lambda row: row["order"]))
        await refold_orders(tx, touched, regime)
    return RebuiltPage(page[-1].id, len(page))


async def _write_orders(
    tx: WriteTransaction, ids: Sequence[str], reports: Sequence[StoredReport], regime: Regime
) -> None:
    _touch(reports, regime)
    messages = _messages_of(reports, regime)
    empty = [id for id in ids if id not in messages]
    if empty:
        await order_store.delete_orders(tx, ids=empty)
    rows = [_row(id, own, regime) for id, own in messages.items()]
    if rows:
        await order_store.set_orders(tx, rows=rows)


def _touch(reports: Iterable[StoredReport], regime: Regime) -> None:
    if regime.touched.watched is not None:
        for row in reports:
            regime.touched.touch_orders(row.keys, row.occurred_at)


def _messages_of(reports: Iterable[StoredReport], regime: Regime) -> dict[str, list[OrderMessage]]:
    """Read what is told of orders, by their ids.

    While another catalogue is being applied, an event whose turn has not come may tell of nothing now, or of another order.
    """
    commerce = regime.catalogue.commerce
    messages: dict[str, list[OrderMessage]] = {}
    for row in reports:
        report = read_report(row.type, row.name, row.source, row.message_id, _load(row.properties), commerce)
        if report is not None and report.order == row.id:
            identifiers = tuple(usable_identifiers(row.keys, regime.rules))
            message = OrderMessage(row.occurred_at, row.source, row.message_id, report, identifiers)
            messages.setdefault(row.id, []).append(message)
    return messages


def _row(id: str, messages: Sequence[OrderMessage], regime: Regime) -> OrderRow:
    order = fold_order(messages, regime.catalogue.commerce)
    owner = find_owner(messages, regime.rules)
    contest = find_contest(messages, regime.rules)
    problems = order.problems if contest is None else (contest, *order.problems)
    return {
        "id": id,
        "state": order.state,
        "at_s": seconds(order.at),
        "at_ns": nanoseconds(order.at),
        "is_placed": order.placed_at is not None,
        "currency": order.currency,
        "total": write_amount(order.total, order.currency),
        "revenue": write_amount(order.revenue, order.currency),
        "refunded": write_amount(order.refunded, order.currency),
        "shipping": _write(order.shipping, order),
        "tax": _write(order.tax, order),
        "discount": _write(order.discount, order),
        "lines": to_json([_line(line, order) for line in order.lines]) if order.lines else None,
        "problems": to_json([problem._asdict() for problem in problems]) if problems else None,
        "owner": None if owner is None else owner.key,
    }


def _line(line: Line, order: Order) -> dict[str, Any]:
    said = line._asdict() | {"price": _write(line.price, order), "quantity": f"{line.quantity.normalize():f}"}
    return {name: value for name, value in said.items() if value is not None}


def _write(amount: Decimal | None, order: Order) -> str | None:
    return None if amount is None else write_amount(amount, order.currency)


def _new_report(event: str, report: Report) -> NewReport:
    return {
        "event": event,
        "order": report.order or "",
        "scope": report.scope,
        "order_id": report.order_id or "",
    }


def _load(properties: str | None) -> dict[str, Any]:
    return read_json(properties.encode()) if properties else {}
