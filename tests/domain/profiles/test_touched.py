"""What is noted of customers that a unit of work changes: only what somebody reads, and the strongest cause."""

import pytest

from identity_graph.domain.profiles.inputs import EVERYTHING, Inputs, read_tokens
from identity_graph.domain.profiles.touched import MarkCause, Touched, tokens_of_event, tokens_of_traits
from identity_graph.domain.values.observations import Channel

WATCHED = Inputs(
    events=frozenset({"Paid"}),
    channels=frozenset({Channel.APP}),
    traits=frozenset({"city"}),
    orders=True,
    preferred_channel=True,
)


def test_without_segments_nothing_is_noted() -> None:
    touched = Touched()
    touched.touch_key("user_id:1", ("orders",), 1)
    touched.touch_customer("cus_1", (EVERYTHING,), 1)
    touched.touch_orders(["user_id:1"], 1)
    assert (touched.by_key, touched.by_id) == ({}, {})


def test_what_is_noted_adds_up_with_the_strongest_cause_and_the_latest_time() -> None:
    touched = Touched(WATCHED)
    touched.touch_customer("cus_1", ("orders",), 5, MarkCause.MERGE)
    touched.touch_customer("cus_1", ("event:Paid",), 7)
    mark = touched.by_id["cus_1"]
    assert (mark.tokens, mark.cause, mark.occurred_at) == ({"orders", "event:Paid"}, MarkCause.MERGE, 7)


def test_an_order_is_noted_for_all_whom_its_events_show() -> None:
    touched = Touched(WATCHED)
    touched.touch_orders(["user_id:1", "anonymous_id:a"], 3)
    touched.touch_key("user_id:1", ("trait:city",), 2)
    assert {key: mark.tokens for key, mark in touched.by_key.items()} == {
        "user_id:1": {"orders", "preferred_channel", "trait:city"},
        "anonymous_id:a": {"orders", "preferred_channel"},
    }
    deaf = Touched(Inputs(sessions=True))
    deaf.touch_orders(["user_id:1"], 3)
    assert deaf.by_key == {}


@pytest.mark.parametrize(
    ("name", "channel", "tokens"),
    [
        ("Paid", Channel.WEB, ["event:Paid"]),
        ("Seen", Channel.APP, ["channel:APP"]),
        ("Email Sent", Channel.EMAIL, ["preferred_channel"]),
        ("Seen", Channel.WEB, []),
    ],
)
def test_an_event_changes_what_somebody_reads_of_it(name: str, channel: Channel, tokens: list[str]) -> None:
    assert tokens_of_event(name, channel, WATCHED, {"Email Sent"}) == tokens


def test_where_all_claims_are_read_every_event_and_every_trait_changes_something() -> None:
    watched = WATCHED | Inputs(all_traits=True)
    assert tokens_of_event("Seen", Channel.WEB, watched, set()) == ["all_traits"]
    assert tokens_of_traits(["age"], watched) == ["all_traits"]
    assert tokens_of_traits(["age", "city"], watched) == ["all_traits", "trait:city"]
    assert tokens_of_traits(["age", "city"], WATCHED) == ["trait:city"]


def test_tokens_are_read_as_they_were_written() -> None:
    inputs = Inputs(
        events=frozenset({"a:b"}),
        channels=frozenset({Channel.WEB}),
        traits=frozenset({"x"}),
        segments=frozenset({"seg_1"}),
        consents=frozenset({"ads"}),
        orders=True,
        scores=True,
        time=True,
    )
    assert inputs.tokens() == {
        "event:a:b",
        "channel:WEB",
        "trait:x",
        "segment:seg_1",
        "consent:ads",
        "orders",
        "scores",
    }
    read = read_tokens(inputs.tokens())
    assert read.tokens() == inputs.tokens()
    assert read.is_touched_by(inputs)
