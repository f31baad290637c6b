"""What is kept of an order of somebody who is erased."""

import json

from identity_graph.domain.privacy.preserving import Preserve, strip_id, strip_lines

LINES = json.dumps(
    [{"sku": "ring", "price": "90", "quantity": "1"}, {"name": "for ann-4711", "price": "9", "quantity": "2"}]
)


def test_an_order_id_that_names_the_person_is_left_out() -> None:
    assert strip_id("1001", {"ann-4711", "7"}) == "1001"
    assert strip_id("order of ann-4711", {"ann-4711"}) is None
    assert strip_id("7", {"7"}) is None


def test_of_a_line_that_names_the_person_price_and_quantity_stay() -> None:
    kept = strip_lines(LINES, {"ann-4711"}, Preserve.AMOUNTS_AND_LINES)
    assert json.loads(kept or "") == [{"sku": "ring", "price": "90", "quantity": "1"}, {"price": "9", "quantity": "2"}]


def test_lines_are_kept_only_when_asked_for() -> None:
    assert strip_lines(LINES, (), Preserve.AMOUNTS) is None
    assert strip_lines(None, (), Preserve.AMOUNTS_AND_LINES) is None
