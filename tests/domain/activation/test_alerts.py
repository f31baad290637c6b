"""Alert rules and quiet hours."""

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from identity_graph.domain.activation.alert_rules import ANY_EVENT, FRESH, AlertFacts, AlertRule, is_repeat, matches
from identity_graph.domain.activation.quiet_hours import QuietHours, find_release, read_time
from identity_graph.domain.segments.rule_tree import Operator, PropertyRule
from tests.worlds.activation import NOW

DAY = 86_400_000_000


def rule(event: str = "NPS Answered", **fields: Any) -> AlertRule:
    return AlertRule(id="alr_1", name="R", event=event, **fields)


def facts(name: str = "NPS Answered", **fields: Any) -> AlertFacts:
    given: dict[str, Any] = {"at": NOW, "properties": {}} | fields
    return AlertFacts(name=name, **given)


LOW = (PropertyRule(name="score", op=Operator.LE, value=6),)
BACK = rule(ANY_EVENT, back_after=90 * DAY, segment="seg_vip")


@pytest.mark.parametrize(
    ("one", "about", "answer"),
    [
        (rule("Complaint Filed"), facts("Complaint Filed"), True),
        (rule("Complaint Filed"), facts("complaint filed"), False),
        (rule(where=LOW), facts(properties={"score": 6}), True),
        (rule(where=LOW), facts(properties={"score": "3"}), False),
        (rule(where=LOW), facts(properties={"score": 7}), False),
        (rule(where=LOW), facts(), False),
        (rule(where=(PropertyRule(name="mention.sentiment", op=Operator.EQ, value="negative"),)), facts(properties={"mention": {"sentiment": "negative"}}), True),
        (rule("Order Refunded", order_above=Decimal(1000)), facts("Order Refunded", order_totals=(Decimal("1000.01"),)), True),
        (rule("Order Refunded", order_above=Decimal(1000)), facts("Order Refunded", order_totals=(Decimal(1000),)), False),
        (rule("Order Refunded", order_above=Decimal(1000)), facts("Order Refunded"), False),
        (BACK, facts("Page", seen_before=NOW - 90 * DAY, segments=frozenset(["seg_vip"])), True),
        (BACK, facts("Page", seen_before=NOW - 90 * DAY + 1, segments=frozenset(["seg_vip"])), False),
        (BACK, facts("Page", seen_before=NOW - 90 * DAY), False),
        (BACK, facts("Page", segments=frozenset(["seg_vip"])), False),
    ],
)  # fmt: skip
def test_a_rule_matches_events(one: AlertRule, about: AlertFacts, answer: bool) -> None:
    assert matches(one, about, UTC, NOW) is answer


def test_old_events_are_no_news() -> None:
    assert matches(rule(), facts(), UTC, NOW + FRESH)
    assert not matches(rule(), facts(), UTC, NOW + FRESH + 1)


def test_the_next_alert_of_a_customer_waits() -> None:
    one = rule(repeat_after=DAY)
    assert not is_repeat(one, None, NOW)
    assert is_repeat(one, NOW, NOW + DAY - 1)
    assert not is_repeat(one, NOW, NOW + DAY)


def instant(zone: str, *parts: int) -> int:
    return int(datetime(*parts, tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000  # type: ignore[misc]


NIGHT = QuietHours(time(22), time(8))
LUNCH = QuietHours(time(12), time(13, 30))


@pytest.mark.parametrize(
    ("quiet", "zone", "at", "released"),
    [
        (None, "UTC", (2026, 2, 1, 3), (2026, 2, 1, 3)),
        (NIGHT, "UTC", (2026, 2, 1, 21, 59), (2026, 2, 1, 21, 59)),
        (NIGHT, "UTC", (2026, 2, 1, 22), (2026, 2, 2, 8)),
        (NIGHT, "UTC", (2026, 2, 1, 3), (2026, 2, 1, 8)),
        (NIGHT, "UTC", (2026, 2, 1, 8), (2026, 2, 1, 8)),
        (NIGHT, "Asia/Shanghai", (2026, 2, 1, 23), (2026, 2, 2, 8)),
        (NIGHT, "America/New_York", (2026, 3, 7, 23), (2026, 3, 8, 8)),
        (NIGHT, "America/New_York", (2026, 10, 31, 23), (2026, 11, 1, 8)),
        (LUNCH, "UTC", (2026, 2, 1, 11, 59), (2026, 2, 1, 11, 59)),
        (LUNCH, "UTC", (2026, 2, 1, 12), (2026, 2, 1, 13, 30)),
        (LUNCH, "UTC", (2026, 2, 1, 13, 30), (2026, 2, 1, 13, 30)),
    ],
)
def test_what_happens_in_quiet_hours_is_told_at_their_end(
    quiet: QuietHours | None, zone: str, at: tuple[int, ...], released: tuple[int, ...]
) -> None:
    assert find_release(instant(zone, *at), quiet, ZoneInfo(zone)) == instant(zone, *released)


def test_the_end_is_never_before_the_moment() -> None:
    """The hour from one to two comes twice: what happens in its second run is told at once, not an hour ago."""
    zone, quiet = ZoneInfo("America/New_York"), QuietHours(time(0), time(1, 30))
    second_run = int(datetime(2026, 11, 1, 6, 10, tzinfo=UTC).timestamp()) * 1_000_000
    assert find_release(second_run, quiet, zone) == second_run


@pytest.mark.parametrize(
    ("text", "answer"),
    [("22:00", time(22)), ("08:30", time(8, 30)), ("24:00", None), ("8:30", None), ("22:60", None), ("22:00:00", None), ("", None)],
)  # fmt: skip
def test_times_of_the_day_are_read(text: str, answer: time | None) -> None:
    assert read_time(text) == answer
