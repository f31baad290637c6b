"""Times of messages out of files: taken at their word, and ``sentAt`` where there is no other."""

import pytest

from identity_graph.domain.collecting.segment.messages import Message, extract
from identity_graph.files.history import as_history

NOW = 1_800_000_000_000_000


@pytest.mark.parametrize("time", [0, "0", "soon"])
def test_a_time_that_is_none_is_not_replaced_by_the_time_of_sending(time: object) -> None:
    message = {"type": "track", "userId": "u", "timestamp": time}
    with_both = as_history(message | {"sentAt": "2026-01-31T08:30:00Z"})
    found = extract(with_both, source="s", received_at=NOW)
    assert not isinstance(found, Message)
    assert found == extract(message, source="s", received_at=NOW)


@pytest.mark.parametrize("time", [False, [], {}])
@pytest.mark.parametrize("field", ["timestamp", "originalTimestamp"])
def test_in_history_the_time_of_sending_stands_for_one_of_a_wrong_type_which_is_counted(
    field: str, time: object
) -> None:
    message = {"type": "track", "userId": "u", field: time, "sentAt": "2026-01-31T08:30:00Z"}
    found = extract(as_history(message), source="s", received_at=NOW)
    assert isinstance(found, Message)
    assert found.occurred_at == 1_769_848_200_000_000
    assert [item.namespace for item in found.unreadable] == [field]


@pytest.mark.parametrize("sent_at", ["yesterday", 1769848200, "1800-01-01"])
def test_a_time_of_sending_that_is_none_is_named_when_it_is_all_there_is(sent_at: object) -> None:
    for fields in ({}, {"timestamp": None}, {"timestamp": []}):
        found = extract(
            as_history({"type": "track", "userId": "u", **fields, "sentAt": sent_at}), source="s", received_at=NOW
        )
        assert not isinstance(found, Message)
        assert found.code == "invalid_timestamp"
        assert found.reason.startswith("sentAt ")


@pytest.mark.parametrize("sent_at", [[], {}, False])
def test_a_time_of_sending_of_a_wrong_type_is_counted_by_its_name(sent_at: object) -> None:
    found = extract(as_history({"type": "track", "userId": "u", "sentAt": sent_at}), source="s", received_at=NOW)
    assert isinstance(found, Message)
    assert (found.occurred_at, [item.namespace for item in found.unreadable]) == (NOW, ["sentAt"])


@pytest.mark.parametrize("absent", [None, ""])
def test_in_history_the_time_of_sending_stands_for_one_that_is_absent(absent: object) -> None:
    message = {"type": "track", "userId": "u", "timestamp": absent, "sentAt": "2026-01-31T08:30:00Z"}
    assert as_history(message) == {"type": "track", "userId": "u", "timestamp": "2026-01-31T08:30:00Z"}
