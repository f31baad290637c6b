"""Facts of customers by hand: a sheet with what a test is about, and nothing else."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.orders import Order, OrderState
from identity_graph.domain.profiles.reports import Line
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.segments.evaluation import Result, evaluate
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import Audience
from identity_graph.domain.segments.sheet import EventFact, FactSheet, Terms, TraitFact, TraitStep
from identity_graph.domain.values.observations import Channel, Instant
from tests.worlds.segment_sheets import CATALOGUE, CUT

HOUR: Instant = 3_600_000_000
DAY: Instant = 24 * HOUR


def moment(text: str) -> Instant:
    """Read a moment; without an offset it is in UTC."""
    read = datetime.fromisoformat(text)
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()) * 1_000_000


NOW = moment("2026-06-15T12:00:00+08:00")


def make_terms(zone: str = "Asia/Shanghai", *, catalogue: str = CATALOGUE, has_cut: bool = True) -> Terms:
    """Make terms under the catalogue of random worlds, or another one."""
    return Terms(parse_catalogue(catalogue.replace("ZONE", zone)), load_preset("default"), CUT if has_cut else None)


TERMS = make_terms()


def make_sheet(**facts: Any) -> FactSheet:
    """Make a sheet of a customer who was first seen a hundred days ago."""
    traits = {
        name: fact if isinstance(fact, TraitFact) else TraitFact((TraitStep(NOW - 50 * DAY, fact),), NOW - 50 * DAY)
        for name, fact in facts.pop("traits", {}).items()
    }
    events = tuple(facts.pop("events", ()))
    given: dict[str, Any] = {"identifiers": {"user_id:mei": NOW - 100 * DAY}, "first_seen": NOW - 100 * DAY, **facts}
    return FactSheet(customer_id="cus_1", traits=traits, events=events, **given)


def event(ago: Instant, name: str, *, id: str = "", channel: Channel = Channel.WEB, **properties: Any) -> EventFact:
    """Make an event that happened so long ago; negative times lie ahead."""
    at = NOW - ago
    return EventFact((at, "web", id or f"{name} {at}"), name, channel, properties)


def order(
    ago: Instant,
    revenue: str | int = 10,
    *,
    refunded: str | int = 0,
    state: OrderState = OrderState.PLACED,
    currency: str = "CNY",
    lines: tuple[Line, ...] = (),
) -> Order:
    """Make an order that was placed so long ago."""
    return Order(
        state=state,
        placed_at=None if state is OrderState.UNKNOWN else NOW - ago,
        at=NOW - ago,
        currency=currency,
        total=Decimal(revenue),
        revenue=Decimal(revenue),
        refunded=Decimal(refunded),
        shipping=None,
        tax=None,
        discount=None,
        lines=lines,
        problems=(),
    )


def bought(*orders: Order) -> dict[str, Order]:
    """Give orders ids."""
    return {f"ord_{number}": one for number, one in enumerate(orders)}


def told(*steps: tuple[Instant, Any]) -> TraitFact:
    """Make a trait of values, each since so long ago, the first one first."""
    return TraitFact(tuple(TraitStep(NOW - ago, value) for ago, value in steps), NOW - steps[-1][0])


@dataclass(frozen=True, eq=False)
class Asked:
    """What was asked of a customer, and the answer."""

    rule: dict[str, Any]
    sheet: FactSheet
    at: Instant
    terms: Terms
    audience: Audience
    holds: bool


_ASKED: ContextVar[list[Asked] | None] = ContextVar("asked", default=None)


@contextmanager
def recording() -> Generator[list[Asked]]:
    """Note all that is asked, so that it can be asked of another execution as well."""
    asked: list[Asked] = []
    token = _ASKED.set(asked)
    try:
        yield asked
    finally:
        _ASKED.reset(token)


def ask(
    rule: dict[str, Any],
    sheet: FactSheet,
    at: Instant = NOW,
    terms: Terms = TERMS,
    audience: Audience = Audience.ALL,
) -> Result:
    """Evaluate a rule as it is written."""
    result = evaluate(read_rule(rule), sheet, at, terms, audience)
    asked = _ASKED.get()
    if asked is not None:
        asked.append(Asked(rule, sheet, at, terms, audience, result.holds))
    return result


def holds(
    rule: dict[str, Any],
    sheet: FactSheet,
    at: Instant = NOW,
    terms: Terms = TERMS,
    audience: Audience = Audience.ALL,
) -> bool:
    """Tell whether a rule holds."""
    return ask(rule, sheet, at, terms, audience).holds
