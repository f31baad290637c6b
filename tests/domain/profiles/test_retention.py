"""The section ``retention`` of a catalogue, and what it lets stay."""

import pytest

from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.values.instants import DAY
from identity_graph.errors import CatalogueError

RULES = parse_catalogue("""
retention:
  events: {default: P400D, Seen: P10D, Kept: never}
  orders: P20D
  traits: {descriptive: P30D, identity: never}
""").retention


def test_without_a_section_everything_is_kept() -> None:
    rules = parse_catalogue("format: 1").retention
    assert rules.limits == ()
    assert rules.keeps_content("track", "Seen", 10**9 * DAY, tells_of_order=False)


def test_events_go_by_name_or_type_and_orders_by_their_own_line() -> None:
    assert RULES.limits == (10 * DAY, 20 * DAY, 30 * DAY, 400 * DAY)
    kept = [
        RULES.keeps_content(kind, name, days * DAY, tells_of_order=order)
        for kind, name, days, order in [
            ("track", "Seen", 9, False),
            ("track", "Seen", 10, False),
            ("Seen", "", 10, False),
            ("track", "Kept", 9000, False),
            ("track", "Else", 400, False),
            ("track", "Kept", 20, True),
            ("track_id_unbind", "Seen", 9000, False),
        ]
    ]
    assert kept == [True, False, False, True, False, False, True]


def test_traits_go_by_their_class() -> None:
    classes = {"a": "descriptive", "b": "identity"}
    assert RULES.keep_traits({"a": 1, "b": 2}, classes, 30 * DAY) == {"b": 2}
    assert RULES.keep_traits({"a": 1, "b": 2}, classes, 29 * DAY) == {"a": 1, "b": 2}


def test_what_is_no_duration_is_told_with_its_line() -> None:
    with pytest.raises(CatalogueError, match=r"catalogue:1: retention\.orders"):
        parse_catalogue("retention: {orders: soon}")
