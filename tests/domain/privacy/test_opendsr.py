"""Requests as privacy tools send them."""

from typing import Any

import pytest

from identity_graph.domain.privacy.opendsr import Sent, describe, id_of, read_sent
from identity_graph.domain.privacy.requests import Request, RequestKind, RequestState
from tests.builders import NOON

SENT: dict[str, Any] = {
    "regulation": "ccpa",
    "subject_request_id": "a7551968",
    "subject_request_type": "access",
    "submitted_time": "2026-01-01T12:00:00Z",
    "subject_identities": [{"identity_type": "email", "identity_value": "Ann@example.com", "identity_format": "raw"}],
}


def test_what_a_tool_sends_says_who_wants_what_by_which_law() -> None:
    assert read_sent(SENT) == Sent(
        their_id="a7551968",
        kind=RequestKind.ACCESS,
        namespace="email",
        value="Ann@example.com",
        region="US-CA",
        submitted_at=NOON,
    )
    least = {name: value for name, value in SENT.items() if name not in ("regulation", "submitted_time")}
    read = read_sent(least)
    assert isinstance(read, Sent)
    assert (read.region, read.submitted_at) == (None, None)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"subject_request_id": " "}, "subject_request_id"),
        ({"subject_request_id": 7}, "subject_request_id"),
        ({"subject_request_type": "deletion"}, "subject_request_type"),
        ({"subject_request_type": None}, "subject_request_type"),
        ({"regulation": "lgpd"}, "regulation"),
        ({"subject_identities": None}, "subject_identities"),
        ({"subject_identities": ["ann@example.com"]}, "subject_identities"),
        ({"subject_identities": SENT["subject_identities"] * 2}, "subject_identities"),
        ({"subject_identities": [{"identity_type": "email", "identity_value": 4711}]}, "subject_identities"),
        ({"subject_identities": [{**SENT["subject_identities"][0], "identity_format": "sha256"}]}, "identity_format"),
        ({"submitted_time": "yesterday of ann"}, "submitted_time"),
        ({"submitted_time": 1}, "submitted_time"),
        ({"corrections": ["ann"]}, "corrections"),
    ],
)
def test_what_is_wrong_is_named_and_not_quoted(wrong: dict[str, Any], named: str) -> None:
    problems = read_sent({**SENT, **wrong})
    assert isinstance(problems, list)
    (problem,) = problems
    assert named in problem
    assert "ann" not in problem.lower().replace("cannot", "")


def test_a_body_that_is_no_object_is_named() -> None:
    assert read_sent([SENT]) == ["The body is a JSON object."]


def test_the_same_id_is_the_same_request() -> None:
    assert id_of("a") == id_of("a") != id_of("b")


@pytest.mark.parametrize("state", RequestState)
def test_each_state_has_a_status(state: RequestState) -> None:
    request = Request(
        id="prq_1", kind=RequestKind.ACCESS, opened_at=NOON, due_at=NOON + 1, opened_by="tool", state=state
    )
    said = describe(request, "a7551968")
    assert said["request_status"] in {"pending", "in_progress", "completed", "cancelled"}
    assert said["subject_request_id"] == "a7551968"
    assert ("results_url" in said) == (state is RequestState.DONE)
    assert "subject_request_id" not in describe(request, None)
