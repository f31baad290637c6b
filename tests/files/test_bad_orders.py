"""Bad amounts, currencies and refunds in files, and mappings that cannot be meant, on a real Neo4j."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from identity_graph.errors import InvalidInputError
from identity_graph.files.importing import ImportReport, import_file
from identity_graph.service.core import open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.files.reading_helpers import mapping

ORDERS = """
source: till
message_id: row
timestamp: when
event: {column: kind, map: {sale: Order Completed, return: Order Refunded}}
identifiers: {user_id: who}
properties:
  order_id: order
  total: {column: amount, type: amount}
  currency: currency
"""
HEAD = "row,when,kind,who,order,amount,currency\n"
ROWS = [
    "1,2026-01-01T08:00:00Z,return,ann,A,10.00,USD",
    "2,2026-01-01T09:00:00Z,sale,ann,A,69.99,USD",
    '3,2026-01-02T09:00:00Z,sale,ann,B,"1,299.00",USD',
    '4,2026-01-02T10:00:00Z,sale,bob,C,"1.299,00",USD',
    "5,2026-01-02T11:00:00Z,sale,bob,D,-5.00,USD",
    "6,2026-01-02T12:00:00Z,sale,bob,E,12.50,shells",
    "7,2026-01-02T13:00:00Z,sale,bob,F,7,USD",
    "8,2026-01-02T14:00:00Z,return,bob,F,9,USD",
]


async def run(settings: Settings, path: Path, text: str) -> ImportReport:
    async with open_service(settings) as service:
        return await import_file(service, path, mapping(text), source="till", rejects=path.with_suffix(".rejected"))


async def orders(graph: Graph) -> dict[str, dict[str, Any]]:
    rows = await graph.run(
        "MATCH (o:Order)-[:OF]->(i) RETURN o.order_id AS id, {state: o.state, total: o.total, currency: o.currency, "
        "refunded: o.refunded, owner: i.key, problems: o.problems} AS found"
    )
    return {row["id"]: row["found"] for row in rows}


def is_told(order: dict[str, Any], path: str, reason: str) -> bool:
    return any(one["path"] == path and reason in one["reason"] for one in json.loads(order["problems"] or "[]"))


async def test_what_is_wrong_with_rows_of_orders_is_told_and_their_neighbours_count(
    graph: Graph, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEAD + "\n".join(ROWS) + "\n", "utf-8")
    report = await run(settings, path, ORDERS)
    assert (report.state.accepted, dict(report.state.rejected)) == (7, {"invalid_field": 1})
    (letter,) = await graph.run("MATCH (d:DeadLetter) RETURN d.reason AS reason")
    assert "set `decimal" in letter["reason"], "it could be two amounts: the row waits, and the reason says what to do"

    found = await orders(graph)
    assert {id: (o["state"], o["total"], o["currency"], o["refunded"]) for id, o in found.items()} == {
        "A": ("PARTLY_REFUNDED", "69.99", "USD", "10.00"),
        "B": ("PLACED", "1299.00", "USD", "0.00"),
        "D": ("PLACED", "0.00", "USD", "0.00"),
        "E": ("PLACED", "12.50", "SHELLS", "0.00"),
        "F": ("REFUNDED", "7.00", "USD", "7.00"),
    }
    assert is_told(found["D"], "properties.total", "must not be negative")
    assert is_told(found["E"], "properties.currency", "must be a currency of ISO 4217")
    assert is_told(found["F"], "refunds", "exceed the total by 2.00 USD, which is not subtracted")
    assert (found["A"]["problems"], found["B"]["problems"]) == (None, None)

    path.write_text(HEAD + "\n".join(ROWS).replace("1.299,00", "1299.00") + "\n", "utf-8")
    again = await run(settings, path, ORDERS)
    assert (again.state.accepted, again.state.duplicates, dict(again.state.rejected)) == (1, 7, {})
    totals = [Decimal(order["total"]) for order in (await orders(graph)).values() if order["currency"] == "USD"]
    assert sum(totals) == Decimal("69.99") + 1299 + 1299 + 0 + 7


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (ORDERS.replace("order_id: order", "order_id: number"), "f.csv has no column 'number'"),
        (ORDERS.replace("type: amount", "type: money"), "properties.total.type: expected"),
        (ORDERS.replace("{column: amount, type: amount}", "{column: amount, type: text, combine: sum}"), "combine"),
        (ORDERS.replace("identifiers: {user_id: who}\n", ""), "identifiers: missing"),
    ],
)
async def test_an_impossible_mapping_is_told_and_nothing_of_the_file_is_imported(
    graph: Graph, settings: Settings, tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "f.csv"
    path.write_text(HEAD + "\n".join(ROWS) + "\n", "utf-8")
    with pytest.raises(InvalidInputError) as caught:
        await run(settings, path, text)
    assert problem in caught.value.message
    assert caught.value.facts["problems"]
    assert await graph.run("MATCH (n) WHERE n:Event OR n:DeadLetter OR n:Order RETURN n") == []
