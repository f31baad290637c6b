"""Reading what customers bought, and the cut in force by which that is scored."""

from decimal import Decimal

from identity_graph.domain.profiles.purchases import Purchase, find_purchase
from identity_graph.domain.profiles.reports import Line
from identity_graph.domain.profiles.rfm import RfmBoundaries, RfmCut
from identity_graph.service.reads import Reads, align, align_many
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.profiles import scores as score_store
from identity_graph.store.profiles.scores import Bought, StoredCut


async def find_cut(tx: ReadTransaction) -> RfmCut | None:
    """Find the cut in force; None before the first one."""
    rows = await score_store.find_current_rfm_cut(tx)
    return cut_of(rows[0]) if rows else None


async def read_cut(reads: Reads) -> RfmCut | None:
    """Read the cut in force; None before the first one."""
    rows = await reads.run(score_store.find_current_rfm_cut.call())
    return cut_of(rows[0]) if rows else None


async def read_cuts(reads: Reads, versions: list[int]) -> list[RfmCut | None]:
    """Read cuts by their versions; None where there is none."""
    rows = await reads.run(score_store.find_rfm_cuts.call(versions=versions))
    return align(versions, [cut_of(row) for row in rows], lambda cut: cut.version)


async def read_orders_for_sums(
    reads: Reads, customer_ids: list[str], *, lines: bool = False
) -> list[list[tuple[Purchase, str | None]]]:
    """Read the purchases of each customer, the first one first, with their lines as JSON if these are asked for."""
    rows = await reads.run(score_store.list_bought.call(customer_ids=customer_ids, lines=lines))
    return [
        [(purchase, row.lines) for row in group if (purchase := _purchase_of(row)) is not None]
        for group in align_many(customer_ids, rows, lambda row: row.customer_id)
    ]


def read_lines(lines: list[dict[str, str]]) -> list[Line]:
    """Take the lines of an order as they are stored."""
    return [
        Line(
            product_id=line.get("product_id"),
            sku=line.get("sku"),
            name=line.get("name"),
            brand=line.get("brand"),
            category=line.get("category"),
            price=Decimal(line["price"]) if "price" in line else None,
            quantity=Decimal(line["quantity"]),
        )
        for line in lines
    ]


def cut_of(row: StoredCut) -> RfmCut:
    """Take a cut as it is stored."""
    return RfmCut(
        row.version,
        row.at,
        row.method,
        row.population,
        row.currency,
        RfmBoundaries(
            tuple(row.recency),
            tuple(row.frequency),
            tuple(Decimal(amount) for amount in row.monetary),
            row.recency_classes,
            row.frequency_classes,
            row.monetary_classes,
        ),
        row.rhythm,
    )


def _purchase_of(row: Bought) -> Purchase | None:
    return find_purchase(row.state, row.at, row.currency, Decimal(row.revenue), Decimal(row.refunded))
