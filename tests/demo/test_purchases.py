"""The demo's purchase history: found where the package keeps it, read as its mapping says."""

from collections import Counter
from importlib.machinery import ModuleSpec

import pytest

from identity_graph.demo.purchases import CDNOW_PURCHASES, find_mapping, find_purchases
from identity_graph.errors import NotFoundError
from identity_graph.files.mapping_file import load_mapping


def test_the_purchase_history_holds_what_the_demo_says() -> None:
    lines = find_purchases().read_text().splitlines()[1:]
    assert len(lines) == CDNOW_PURCHASES
    assert len(Counter(line.split()[0] for line in lines)) == 23_570


def test_without_the_package_the_demo_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_spec(_: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr("identity_graph.demo.purchases.find_spec", find_spec)
    with pytest.raises(NotFoundError, match="make setup"):
        find_purchases()


def test_the_mapping_reads_store_orders_by_customer_number() -> None:
    mapping = load_mapping(find_mapping())
    assert set(mapping.messages[0].identifiers) == {"crm_id"}
    assert mapping.table.delimiter is None
    assert set(mapping.messages[0].properties) == {"revenue", "currency", "quantity"}
