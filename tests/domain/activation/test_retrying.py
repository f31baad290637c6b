"""When a delivery is tried again."""

from itertools import pairwise

import pytest

from identity_graph.domain.activation.retrying import (
    LONGEST_WAIT,
    SCHEDULE,
    Outcome,
    judge,
    next_attempt,
    read_retry_after,
)
from tests.worlds.activation import NOW, SECOND

MINUTE, HOUR = 60 * SECOND, 3600 * SECOND


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    assert [wait // SECOND for wait in SCHEDULE] == [0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]


def test_ten_attempts_are_made_and_no_more() -> None:
    times = [NOW]
    while (at := next_attempt(len(times), times[-1], chance=0)) is not None:
        times.append(at)
    assert [(later - earlier) // SECOND for earlier, later in pairwise(times)] == [
        5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400,
    ]  # fmt: skip


def test_jitter_only_adds_and_at_most_a_tenth() -> None:
    assert next_attempt(2, NOW, chance=0) == NOW + 5 * MINUTE
    assert next_attempt(2, NOW, chance=1) == NOW + 5 * MINUTE + 30 * SECOND


def test_a_receiver_may_ask_for_more_time_but_not_for_less() -> None:
    assert next_attempt(1, NOW, chance=0, wait=HOUR) == NOW + HOUR
    assert next_attempt(2, NOW, chance=0, wait=SECOND) == NOW + 5 * MINUTE
    assert next_attempt(10, NOW, chance=0, wait=HOUR) is None


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("0", 0),
        ("120", 120 * SECOND),
        (" 120 ", 120 * SECOND),
        ("999999999999999999", LONGEST_WAIT),
        ("Sun, 01 Feb 2026 00:01:00 GMT", MINUTE),
        ("Sun, 01 Feb 2026 00:01:00 -0000", MINUTE),
        ("Sat, 31 Jan 2026 00:00:00 GMT", 0),
        ("Sun, 01 Feb 2099 00:00:00 GMT", LONGEST_WAIT),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("１２", None),
    ],
)
def test_retry_after_is_read_and_bounded(text: str, wait: int | None) -> None:
    assert read_retry_after(text, NOW) == wait


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "DELIVERED"), (204, "DELIVERED"), (299, "DELIVERED"), (301, "FAILED"), (307, "FAILED"), (404, "FAILED"),
     (410, "GONE"), (500, "FAILED"), (199, "FAILED")],
)  # fmt: skip
def test_only_2xx_is_a_success(status: int, outcome: str) -> None:
    attempt = judge(status, None, NOW)
    assert (attempt.outcome, attempt.status, attempt.error is None) == (
        Outcome(outcome),
        status,
        outcome == "DELIVERED",
    )


def test_the_error_says_what_to_do_about_a_redirect() -> None:
    assert "save its final address" in (judge(302, None, NOW).error or "")
    assert judge(503, "7", NOW).wait == 7 * SECOND
