"""What a commit counts of sources: messages by event, claims by trait, and no more names than fit."""

from dataclasses import replace
from typing import Any

from identity_graph.domain.collecting.source_counts import (
    LONGEST_NAME,
    OTHERS,
    TOLD_APART,
    ClaimKey,
    ClaimTally,
    KnownNames,
    MessageKey,
    MessageTally,
    count_messages,
)
from identity_graph.domain.profiles.claims import MISFIT, TOO_LARGE, UNSUITED
from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Event
from tests.worlds.worlds import make_event, make_rules

RULES = make_rules()


def event(number: int, **fields: Any) -> Event:
    return replace(make_event(number, number, ("crm:1",), RULES), **{"received_at": 5 * DAY, "source": "web", **fields})


def test_messages_are_counted_by_day_source_and_name_and_those_that_have_no_name_by_type() -> None:
    events = [
        event(1, type="track", name="Cart Viewed"),
        event(2, type="track", name="Cart Viewed"),
        event(3, type="page", name="Home of Ann"),
        event(4, type="track", name="Cart Viewed", received_at=6 * DAY - 1),
        event(5, type="track", name="Cart Viewed", received_at=6 * DAY),
        event(6, type="track", name="Cart Viewed", source="app"),
    ]
    assert count_messages(events, [False, True, False, False, False, True]) == {
        MessageKey(5, "web", "track", "Cart Viewed"): MessageTally(2, 1),
        MessageKey(5, "web", "page", "page"): MessageTally(1, 0),
        MessageKey(6, "web", "track", "Cart Viewed"): MessageTally(1, 0),
        MessageKey(5, "app", "track", "Cart Viewed"): MessageTally(0, 1),
    }


def test_a_claim_counts_by_what_became_of_it() -> None:
    tally = ClaimTally()
    for number, (said, reason) in enumerate(
        [(1, None), (None, None), ("x", MISFIT), (2, UNSUITED), ("y" * 9000, TOO_LARGE)], 1
    ):
        tally.count(event(number, occurred_at=10 - number), said, reason)
    assert tally == ClaimTally(5, 1, 1, 1, 1, newest=9, misfit=event(3).id)


def test_names_that_are_too_many_or_too_long_are_counted_together_and_the_others_stay_apart() -> None:
    known = KnownNames()
    names = [f"name {number}" for number in range(TOLD_APART + 2)]
    first = known.fold_messages({MessageKey(1, "web", "track", name): MessageTally(1, 2) for name in names})
    assert len(first) == TOLD_APART + 1
    assert first[MessageKey(1, "web", "track", OTHERS)] == MessageTally(2, 4)
    again = {
        MessageKey(1, "web", "track", "name 0"): MessageTally(1),
        MessageKey(1, "web", "track", "new"): MessageTally(1),
        MessageKey(1, "app", "track", "new"): MessageTally(1),
        MessageKey(2, "web", "track", "new"): MessageTally(1),
        MessageKey(2, "web", "track", "x" * (LONGEST_NAME + 1)): MessageTally(1),
    }
    assert set(known.fold_messages(again)) == {
        MessageKey(1, "web", "track", "name 0"),
        MessageKey(1, "web", "track", OTHERS),
        MessageKey(1, "app", "track", "new"),
        MessageKey(2, "web", "track", "new"),
        MessageKey(2, "web", "track", OTHERS),
    }


def test_claims_of_traits_beyond_the_first_add_up_and_events_take_no_place_of_theirs() -> None:
    known = KnownNames()
    known.fold_messages({MessageKey(1, "web", "track", f"e{n}"): MessageTally(1) for n in range(TOLD_APART)})
    claims = {ClaimKey(1, "web", f"t{n}"): ClaimTally(1, 0, 1, newest=n, misfit=f"evt_{n}") for n in range(TOLD_APART)}
    assert known.fold_claims(claims) == claims
    more = {
        ClaimKey(1, "web", "a"): ClaimTally(3, 1, 1, 0, 1, newest=7, misfit="evt_a"),
        ClaimKey(1, "web", "b"): ClaimTally(2, 0, 0, 2, 0, newest=5),
    }
    assert known.fold_claims(more) == {ClaimKey(1, "web", OTHERS): ClaimTally(5, 1, 1, 2, 1, newest=7, misfit="evt_a")}


def test_the_names_of_few_days_are_remembered() -> None:
    known = KnownNames()
    full = {MessageKey(1, "web", "track", f"e{n}"): MessageTally(1) for n in range(TOLD_APART)}
    known.fold_messages(full)
    known.fold_messages({MessageKey(day, "web", "track", "e"): MessageTally(1) for day in (2, 3, 4)})
    assert set(known.fold_messages({MessageKey(1, "web", "track", "new"): MessageTally(1)})) == {
        MessageKey(1, "web", "track", "new")
    }
