"""Cutting RFM anew: on demand, and on a schedule.

The population is read page by page, in transactions of their own; the boundaries are written in one, as the next version.
"""

import asyncio
from contextlib import suppress
from decimal import Decimal
from itertools import pairwise

import structlog

from identity_graph.domain.profiles.lifecycle import median
from identity_graph.domain.profiles.purchases import Purchase, find_main_currency, find_purchase, sum_up
from identity_graph.domain.profiles.regime import InForce, Regime
from identity_graph.domain.profiles.rfm import RfmCut, RfmNumbers, cut
from identity_graph.domain.values.observations import Instant
from identity_graph.service.commit.units import Units
from identity_graph.service.profiles.scores import find_cut
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.profiles import scores as score_store
from identity_graph.store.profiles.scores import Buyer

CUSTOMERS_AT_ONCE = 1000
_HOUR: Instant = 3_600_000_000
_LOOK_SECONDS = 60.0
"""How often it is looked whether a cut is due."""

_log = structlog.get_logger(__name__)


async def recut_rfm(units: Units, now: Instant) -> RfmCut:
    """Find the boundaries of RFM among all who bought something by now, and write them down as the cut in force.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    buyers = await _read_buyers(units.graph)
    in_force = units.in_force
    currency = in_force.catalogue.commerce.reporting_currency or find_main_currency(
        purchase for own in buyers for purchase in own
    )
    population = [_numbers_of(own, in_force, currency, now) for own in buyers]
    boundaries = cut(population, in_force.catalogue.rfm)
    gaps = sorted(later.at - earlier.at for own in buyers for earlier, later in pairwise(own))

    async def write(tx: WriteTransaction, _: Regime) -> RfmCut:
        await score_store.create_rfm_cut(
            tx,
            at_s=seconds(now),
            at_ns=nanoseconds(now),
            method=in_force.catalogue.rfm.method,
            population=len(population),
            currency=currency,
            recency=list(boundaries.recency),
            frequency=list(boundaries.frequency),
            monetary=[f"{amount:f}" for amount in boundaries.monetary],
            recency_classes=boundaries.recency_classes,
            frequency_classes=boundaries.frequency_classes,
            monetary_classes=boundaries.monetary_classes,
            rhythm=median(gaps) if gaps else None,
        )
        made = await find_cut(tx)
        assert made is not None  # noqa: S101 - it was made a line above
        return made

    return await units.run(write)


async def _read_buyers(graph: Graph) -> list[list[Purchase]]:
    """Read the purchases, in their order, of each customer who made any."""
    buyers: list[list[Purchase]] = []
    after = ""
    while page := await graph.read(
        lambda tx, after=after: score_store.page_bought(tx, after=after, limit=CUSTOMERS_AT_ONCE)
    ):
        buyers += [own for row in page if (own := _purchases_of(row))]
        after = page[-1].customer_id
    return buyers


def _purchases_of(row: Buyer) -> list[Purchase]:
    found = (
        find_purchase(state, at, currency, Decimal(revenue), Decimal(refunded))
        for state, at, currency, revenue, refunded in row.orders
    )
    return sorted(purchase for purchase in found if purchase is not None)


def _numbers_of(own: list[Purchase], in_force: InForce, currency: str, now: Instant) -> RfmNumbers:
    spent = sum_up(own, in_force.catalogue.commerce, currency)
    days = spent.recency_days(now, in_force.catalogue.zone)
    return RfmNumbers(days or 0, spent.purchases, spent.total.amount)


class RecutSchedule:
    """Cuts RFM anew when the last cut is older than some hours; 0 means never."""

    def __init__(self, units: Units, hours: int) -> None:
        self._units = units
        self._hours = hours
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start; needs a running event loop."""
        if self._hours:
            self._task = asyncio.create_task(self._run(), name="recut schedule")

    async def close(self) -> None:
        """Stop; a cut that is under way is not made."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                now = self._units.now()
                last = await self._units.graph.read(find_cut)
                if last is None or now - last.at >= self._hours * _HOUR:
                    made = await recut_rfm(self._units, now)
                    _log.info("RFM was cut anew", version=made.version, population=made.population)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                _log.error("RFM cannot be cut anew", error=type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS)
