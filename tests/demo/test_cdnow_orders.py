"""A real purchase history, imported: every purchase is an order, and not a cent is lost."""

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from identity_graph.demo.purchases import CDNOW_PURCHASES, find_mapping, find_purchases
from identity_graph.domain.profiles.purchases import sum_up
from identity_graph.domain.profiles.rfm import RfmBoundaries, RfmNumbers, score
from identity_graph.files.importing import import_file
from identity_graph.files.mapping_file import load_mapping
from identity_graph.service.core import open_service
from identity_graph.service.customers.lookup import lookup
from identity_graph.service.profiles.scores import read_orders_for_sums
from identity_graph.service.reads import Reads
from identity_graph.service.scoring.recutting import recut_rfm
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph

SPENT = Decimal("2500315.63")
JULY_1998 = int(datetime(1998, 7, 1, 12, tzinfo=UTC).timestamp()) * 1_000_000
OWN = RfmBoundaries((115, 180, 297, 481), (8, 6, 5, 4), tuple(map(Decimal, (665, 511, 381, 256))), 5, 5, 5)
TEN = {
    "00001": (546, 1, "11.77", "111"),
    "00002": (535, 2, "89.00", "111"),
    "00003": (34, 6, "156.46", "541"),
    "00004": (201, 4, "100.50", "321"),
    "00005": (179, 11, "385.61", "453"),
    "00500": (545, 1, "21.74", "111"),
    "00111": (11, 16, "1107.04", "555"),
    "01234": (542, 1, "24.77", "111"),
    "10000": (335, 3, "77.42", "211"),
    "23570": (462, 2, "94.08", "211"),
}
"""Days before July 1998, purchases and dollars, counted by hand, and the score that follows from the boundaries above."""


@pytest.mark.timeout(1200)
async def test_every_purchase_of_the_history_is_an_order_to_the_cent(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    async with open_service(settings) as service:
        report = await import_file(
            service, find_purchases(), load_mapping(find_mapping()), source="cdnow", rejects=tmp_path / "rejects"
        )
        assert report.state.accepted == CDNOW_PURCHASES
        rows = await graph.run("MATCH (o:Order) RETURN o.currency AS currency, o.revenue AS revenue, o.state AS state")
        assert len(rows) == CDNOW_PURCHASES
        assert {(row["currency"], row["state"]) for row in rows} == {("USD", "PLACED")}
        assert sum(Decimal(row["revenue"]) for row in rows) == SPENT

        cut = await recut_rfm(service.units, JULY_1998)
        assert (cut.population, cut.currency) == (23_570, "USD")
        reads = Reads(graph)
        for id, expected in TEN.items():
            (found,) = await lookup(reads, service.rules, id, "crm_id")
            (bought,) = await read_orders_for_sums(reads, [found.customer.id])
            catalogue = service.units.in_force.catalogue
            spent = sum_up([purchase for purchase, _ in bought], catalogue.commerce, cut.currency)
            days = spent.recency_days(JULY_1998, catalogue.zone)
            assert days is not None
            numbers = RfmNumbers(days, spent.purchases, spent.total.amount)
            assert (*numbers, score(numbers, OWN)) == (expected[0], expected[1], Decimal(expected[2]), expected[3]), id
        assert cut.boundaries.frequency == quintiles_of_purchases()


def quintiles_of_purchases() -> tuple[int, ...]:
    """Find from the file, in another way, from how many purchases on each class begins, the best one first."""
    purchases: dict[str, int] = defaultdict(int)
    for line in find_purchases().read_text().splitlines()[1:]:
        purchases[line.split()[0]] += 1
    bounds: list[int] = []
    for fifths in (4, 3, 2, 1):
        fewer = next(
            count
            for count in sorted(set(purchases.values()))
            if sum(own <= count for own in purchases.values()) * 5 >= fifths * len(purchases)
        )
        bounds.append(min(count for count in purchases.values() if count > fewer))
    return tuple(bounds)
