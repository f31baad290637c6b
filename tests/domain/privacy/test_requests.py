"""Requests of people about their data: by when, who approves, and which repeats which."""

import pytest

from identity_graph.domain.privacy.requests import (
    Request,
    RequestFault,
    RequestKind,
    RequestState,
    advance,
    due_at,
    extend,
    find_duplicate,
    say_fault,
)
from identity_graph.domain.privacy.steps import RequestStep, StepDone, next_step, plan_of, take
from identity_graph.domain.values.instants import DAY, format_instant
from identity_graph.domain.values.observations import Instant
from tests.builders import NOON

JANUARY_31: Instant = NOON + 30 * DAY


def request(**given: object) -> Request:
    """Describe a request for erasure that ann opened."""
    known = {
        "id": "prq_1",
        "kind": RequestKind.ERASURE,
        "opened_at": NOON,
        "due_at": due_at(NOON, "EU"),
        "opened_by": "ann",
    }
    return Request(**{**known, **given})  # pyright: ignore[reportArgumentType]


def advanced(one: Request, to: RequestState, actor: str = "ann") -> Request:
    """Bring a request on that can be."""
    after = advance(one, to, actor, "as asked")
    assert isinstance(after, Request)
    return after


@pytest.mark.parametrize(
    ("region", "date"), [("EU", "2026-02-28"), ("US-CA", "2026-03-17"), ("CN", "2026-02-15"), ("BR", "2026-02-28")]
)
def test_a_request_is_due_as_the_law_of_the_region_says(region: str, date: str) -> None:
    assert format_instant(due_at(JANUARY_31, region)).startswith(date)


def test_a_due_date_is_put_off_once_with_a_reason_where_the_law_allows_it() -> None:
    assert extend(request(), " ") is RequestFault.NO_REASON
    later = extend(request(), "thousands of events")
    assert isinstance(later, Request)
    assert format_instant(later.due_at).startswith("2026-04-01")
    assert extend(later, "again") is RequestFault.EXTENDED
    assert extend(request(region="CN"), "much to do") is RequestFault.EXTENDED
    californian = extend(request(region="US-CA", due_at=NOON), "much to do")
    assert isinstance(californian, Request)
    assert californian.due_at == NOON + 45 * DAY


def test_a_request_goes_from_state_to_state_and_no_state_is_left_out() -> None:
    one = request()
    for state in (RequestState.VERIFIED, RequestState.APPROVED, RequestState.RUNNING, RequestState.FAILED):
        one = advanced(one, state)
        assert one.state is state
    one = advanced(advanced(one, RequestState.RUNNING), RequestState.DONE)
    assert advance(one, RequestState.RUNNING, "ann", "again") is RequestFault.NOT_NEXT
    assert advance(request(), RequestState.APPROVED, "ann", "no check") is RequestFault.NOT_NEXT
    assert advance(request(), RequestState.VERIFIED, "ann", "") is RequestFault.NO_REASON


def test_where_two_have_to_approve_nobody_does_alone() -> None:
    one = advanced(request(approvals=2), RequestState.VERIFIED)
    assert advance(one, RequestState.APPROVED, "ann", "mine") is RequestFault.OPENED_IT
    one = advanced(one, RequestState.APPROVED, "bob")
    assert (one.state, one.approved_by) == (RequestState.VERIFIED, ("bob",))
    assert advance(one, RequestState.APPROVED, "bob", "once more") is RequestFault.APPROVED_IT
    assert advanced(one, RequestState.APPROVED, "eve").state is RequestState.APPROVED


def test_a_repeated_request_can_only_be_denied() -> None:
    first, second = request(), request(id="prq_2", opened_at=NOON + 1)
    assert find_duplicate(RequestKind.ERASURE, [second, first]) == "prq_1"
    assert find_duplicate(RequestKind.ACCESS, [first]) is None
    assert find_duplicate(RequestKind.ERASURE, [request(state=RequestState.DONE)]) is None
    repeat = request(duplicate_of="prq_1")
    assert find_duplicate(RequestKind.ERASURE, [repeat]) is None
    assert advance(repeat, RequestState.VERIFIED, "ann", "known") is RequestFault.DUPLICATE
    assert advanced(repeat, RequestState.DENIED).state is RequestState.DENIED


def test_the_steps_of_a_request_go_on_where_they_stopped() -> None:
    done: tuple[StepDone, ...] = (StepDone(RequestStep.VERIFY, 1, 1, "ann"),)
    assert next_step(RequestKind.ERASURE, done) is RequestStep.OUTBOX
    done = take(done, StepDone(RequestStep.OUTBOX, 1, 3, "ann"))
    done = take(done, StepDone(RequestStep.OUTBOX, 2, 1, "ann"))
    assert done[1:] == (StepDone(RequestStep.OUTBOX, 2, 4, "ann"),)
    assert next_step(RequestKind.ERASURE, done) is RequestStep.SPOOL
    done = take(take(done, StepDone(RequestStep.SPOOL, 3, 0, "ann")), StepDone(RequestStep.GRAPH, 4, 9, "ann"))
    assert next_step(RequestKind.ERASURE, done) is None
    assert take(done, StepDone(RequestStep.SPOOL, 5, 2, "bob"))[2] == StepDone(RequestStep.SPOOL, 5, 2, "bob")


def test_each_approval_stands_by_itself() -> None:
    first, second = (StepDone(RequestStep.APPROVE, at, 1, who) for at, who in ((1, "ann"), (2, "bob")))
    assert take(take((), first), second) == (first, second)


@pytest.mark.parametrize("kind", RequestKind)
def test_each_kind_of_request_is_checked_approved_and_then_worked_on(kind: RequestKind) -> None:
    verify, approve, *work = plan_of(kind)
    assert (verify, approve) == (RequestStep.VERIFY, RequestStep.APPROVE)
    assert next_step(kind, ()) is work[0]


def test_each_fault_is_said_in_words_and_names_what_can_be_done() -> None:
    assert "DENIED, VERIFIED" in say_fault(RequestFault.NOT_NEXT, request(), RequestState.RUNNING)
    ended = request(state=RequestState.DONE)
    assert say_fault(RequestFault.NOT_NEXT, ended, RequestState.RUNNING).endswith("It can become: nothing.")
    for fault in set(RequestFault) - {RequestFault.NOT_NEXT}:
        assert say_fault(fault, request(), RequestState.RUNNING).endswith(".")
