"""Simulations: a file and some rules to customers, with no database."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.rules.file import load_preset, parse_rules
from identity_graph.files.records import Record, Rejection
from identity_graph.files.simulating import Simulation, simulate

NOW = 1_800_000_000_000_000
PLAIN = parse_rules(
    "undeclared: accept\nnamespaces: {user_id: {limit: 1}, anonymous_id: , email: {normalize: email}}\n"
)


def track(message_id: str | None = None, at: str | None = "2026-01-01T00:00:00Z", **fields: Any) -> dict[str, Any]:
    """Make a message."""
    message = {"type": "track", "event": "x", "messageId": message_id, "timestamp": at}
    return {name: value for name, value in (message | fields).items() if value is not None}


def run(*messages: object, rules: Any = PLAIN) -> Simulation:
    return simulate([Record(line, (message,)) for line, message in enumerate(messages, 1)], rules, now=NOW)


def test_customers_and_refused_links_come_in_the_order_of_code_points() -> None:
    result = run(
        track(userId="Z", anonymousId="b"),
        track(userId="a", anonymousId="b", at="2026-01-02T00:00:00Z"),
        track(userId="é"),
        track(userId="😀"),
        track(userId="\uffee"),
    )
    assert result.as_json() == {
        "customers": [
            ["anonymous_id:b", "user_id:a"],
            ["user_id:Z"],
            ["user_id:é"],
            ["user_id:\uffee"],
            ["user_id:😀"],
        ],
        "refused": [{"a": "anonymous_id:b", "b": "user_id:Z", "code": "limit_exceeded"}],
        "rejected": [],
    }


def test_of_several_messages_with_one_id_the_first_counts() -> None:
    result = run(track("m", userId="a"), track("m", userId="b"))
    assert (result.customers, result.accepted, result.duplicates) == ([["user_id:a"]], 1, 1)


def test_messages_without_an_id_are_one_when_they_say_the_same() -> None:
    same = track(userId="a", anonymousId="c")
    result = run(same, same | {"sentAt": "2026-01-03T00:00:00Z"}, same | {"event": "y"})
    assert (result.accepted, result.duplicates) == (2, 1)


def test_a_message_without_a_time_counts_as_now() -> None:
    result = run(track(userId="late", anonymousId="c", at=None), track(userId="early", anonymousId="c"))
    assert result.customers == [["anonymous_id:c", "user_id:late"], ["user_id:early"]]


def test_rejections_name_the_line_and_the_code() -> None:
    unread = Rejection(1, "not_json", "The line is not JSON.", "{")
    result = simulate([unread, Record(2, ({"type": "track"}, track(userId="a"), 5))], PLAIN, now=NOW)
    assert [(it["line"], it["code"]) for it in result.as_json()["rejected"]] == [
        (1, "not_json"),
        (2, "no_identifier"),
        (2, "not_an_object"),
    ]
    assert result.customers == [["user_id:a"]]


def test_values_that_are_no_identifiers_make_no_customer() -> None:
    result = run(track(userId="null"), track(properties={"email": "no mail"}), rules=load_preset())
    assert (result.customers, result.rejected, result.accepted) == ([], [], 2)


ids = st.integers(0, 3).map(str)
worlds = st.lists(
    st.fixed_dictionaries({"userId": ids, "anonymousId": ids, "at": st.sampled_from(["2026-01-01", "2026-01-02"])}),
    max_size=8,
)


@given(world=worlds, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(world: list[dict[str, str]], shuffled: Any) -> None:
    messages = [track(f"m{n}", **fields) for n, fields in enumerate(world)]
    first = json.dumps(run(*messages).as_json())
    shuffled.shuffle(messages)
    assert json.dumps(run(*messages).as_json()) == first


def test_the_cases_of_the_preset_differ_in_who_keeps_a_shared_device() -> None:
    device: dict[str, Any] = {"context": {"device": {"id": "d"}}}
    messages = [track(userId="a", **device), track(userId="b", at="2026-01-02T00:00:00Z", **device)]
    keeps = {
        name: [customer for customer in run(*messages, rules=load_preset(name)).customers if len(customer) > 1]
        for name in ("last-login", "first-owner", "never-guess")
    }
    assert keeps == {
        "last-login": [["device_id:d", "user_id:b"]],
        "first-owner": [["device_id:d", "user_id:a"]],
        "never-guess": [],
    }
