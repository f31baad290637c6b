from typing import Any

import pytest

from identity_graph.domain.collecting.segment.messages import Rejection, extract
from identity_graph.domain.values.observations import Message

NOW = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z"""
SECOND = 1_000_000


def occurred(sent_at: object = None, **fields: Any) -> int:
    """Seconds (or fractions) before the message was received."""
    result = extract(
        {"type": "track", "messageId": "m", "userId": "u", **fields}, source="s", received_at=NOW, sent_at=sent_at
    )
    assert isinstance(result, Message), result
    return result.occurred_at - NOW


def refusal(sent_at: object = None, **fields: Any) -> Rejection:
    result = extract({"type": "track", "userId": "u", **fields}, source="s", received_at=NOW, sent_at=sent_at)
    assert isinstance(result, Rejection), result
    return result


@pytest.mark.parametrize(
    "timestamp",
    [
        "2025-12-31T23:59:50.000Z", "2025-12-31T23:59:50Z", "2025-12-31T23:59:50.000+00:00",
        "2025-12-31T23:59:50.000000+00:00", "2026-01-01T07:59:50.000+08:00", "2025-12-31 23:59:50",
        1_767_225_590_000, 1_767_225_590_000.0, "1767225590000",
    ],
)  # fmt: skip
def test_every_format_of_the_sdks_is_read(timestamp: object) -> None:
    assert occurred(timestamp=timestamp) == -10 * SECOND


def test_microseconds_are_kept() -> None:
    assert occurred(timestamp="2025-12-31T23:59:59.999999+00:00") == -1


def test_a_date_alone_is_its_midnight_in_utc() -> None:
    assert occurred(timestamp="20251231") == occurred(timestamp="2025-12-31") == -86_400 * SECOND


def test_without_a_timestamp_it_happened_when_it_was_received() -> None:
    assert occurred() == 0
    assert occurred(sentAt="2025-12-31T00:00:00Z") == 0


def test_a_wrong_clock_is_corrected_by_what_it_said_on_sending() -> None:
    early = {"timestamp": "2019-01-01T00:00:00Z", "sentAt": "2019-01-01T00:00:30Z"}

    assert occurred(**early) == -30 * SECOND
    assert occurred(timestamp="2031-01-01T00:00:00Z", sentAt="2031-01-01T00:00:30Z") == -30 * SECOND


def test_the_message_knows_better_than_its_batch_when_it_was_sent() -> None:
    timestamp = "2019-01-01T00:00:00Z"

    assert occurred(sent_at="2019-01-01T00:00:30Z", timestamp=timestamp) == -30 * SECOND
    assert occurred(sent_at="2019-01-01T00:00:30Z", timestamp=timestamp, sentAt="") == -30 * SECOND
    assert occurred(sent_at="2019-01-01T00:00:30Z", timestamp=timestamp, sentAt="2019-01-01T00:00:10Z") == -10 * SECOND


def test_without_a_time_of_sending_the_clock_is_believed() -> None:
    assert occurred(sent_at="", timestamp="2025-12-31T23:00:00Z") == -3600 * SECOND


def test_a_timestamp_beside_an_original_one_was_corrected_already() -> None:
    assert occurred(
        originalTimestamp="2019-01-01T00:00:00Z", timestamp="2025-12-31T23:59:00Z", sentAt="2019-01-01T00:00:30Z"
    ) == (-60 * SECOND)


def test_an_original_timestamp_alone_is_a_timestamp() -> None:
    assert occurred(originalTimestamp="2019-01-01T00:00:00Z", sentAt="2019-01-01T00:00:30Z") == -30 * SECOND


def test_nothing_happens_in_the_future() -> None:
    assert occurred(timestamp="2199-01-01T00:00:00Z") == 0
    assert occurred(timestamp="2025-12-31T00:00:10Z", sentAt="2025-12-31T00:00:00Z") == 0


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"timestamp": "2199-01-01T00:00:00Z"}, ["timestamp"]),
        ({"originalTimestamp": "2026-01-01T08:00:00Z"}, ["originalTimestamp"]),
        ({"timestamp": "2030-01-01T02:00:00Z", "sentAt": "2030-01-01T00:00:00Z"}, ["timestamp"]),
        ({"timestamp": "2026-01-01T01:00:00Z"}, []),
        ({"timestamp": "2199-01-01T00:00:00Z", "sentAt": "2199-01-01T00:00:01Z"}, []),
    ],
)
def test_a_clock_far_ahead_is_told_of(fields: dict[str, Any], paths: list[str]) -> None:
    message = {"type": "track", "messageId": "m", "userId": "u", **fields}
    result = extract(message, source="s", received_at=NOW)
    assert isinstance(result, Message)
    assert [(one.namespace, one.value) for one in result.unreadable] == [
        (path, "a time in the future") for path in paths
    ]


@pytest.mark.parametrize(
    "timestamp",
    [
        "yesterday", "2025-13-01T00:00:00Z", "Wed Dec 31 2025 10:00:00 GMT+0800", "10", 10**19, -(10**18), 1e300,
        253_402_214_400_001, "0000-00-00T00:00:00Z", "9" * 5000, "١٧٦٧٢٢٥٥٩٠٠٠٠",
    ],
)  # fmt: skip
def test_an_unreadable_time_is_refused(timestamp: object) -> None:
    assert refusal(timestamp=timestamp).code == "invalid_timestamp"
    assert refusal(originalTimestamp=timestamp).code == "invalid_timestamp"


@pytest.mark.parametrize("timestamp", ["1899-12-31T23:59:59Z", "0001-01-01T00:00:00Z", -2_208_988_800_001])
def test_a_time_before_1900_is_refused(timestamp: object) -> None:
    assert "before 1900" in refusal(timestamp=timestamp).reason


def test_a_correction_never_leads_before_1900() -> None:
    assert occurred(timestamp="2025-12-31T23:59:59Z", sentAt="9000-01-01T00:00:00Z") == -SECOND


def test_1900_itself_is_taken() -> None:
    assert occurred(timestamp="1900-01-01T00:00:00Z") == occurred(timestamp=-2_208_988_800_000)
