"""Which transitions a destination is told of."""

import pytest

from identity_graph.domain.activation.destinations import MessageKind, Reentry, Wants
from identity_graph.domain.activation.reentry import Told, decide
from identity_graph.domain.segments.transitions import TransitionCause
from tests.worlds.activation import NOW, SECOND, transition

ENTRIES = frozenset([MessageKind.SEGMENT_ENTERED])
EXITS = frozenset([MessageKind.SEGMENT_EXITED])


def numbers(wants: Wants, count: int = 5) -> list[int]:
    """Give the numbers that a destination is told of when somebody goes in and out, second by second."""
    return [
        t.transition.number for t in decide(wants, [transition(number=n) for n in range(1, count + 1)], {}).tellings
    ]


@pytest.mark.parametrize(
    ("wants", "told"),
    [
        (Wants(), [1, 2, 3, 4, 5]),
        (Wants(reentry=Reentry.ONCE), [1, 2]),
        (Wants(reentry=Reentry.COOL_DOWN, cool_down=2 * SECOND), [1, 2, 3, 4, 5]),
        (Wants(reentry=Reentry.COOL_DOWN, cool_down=2 * SECOND + 1), [1, 2, 5]),
        (Wants(reentry=Reentry.COOL_DOWN), [1, 2]),
        (Wants(kinds=ENTRIES), [1, 3, 5]),
        (Wants(kinds=EXITS), [2, 4]),
        (Wants(kinds=frozenset([MessageKind.ALERT])), []),
        (Wants(segments=frozenset(["seg_2"])), []),
        (Wants(segments=frozenset(["seg_1"])), [1, 2, 3, 4, 5]),
    ],
)
def test_a_destination_is_told_what_it_wants(wants: Wants, told: list[int]) -> None:
    assert numbers(wants) == told


def test_initial_members_are_told_where_that_is_wanted_and_their_exit_only_then() -> None:
    steps = [transition(number=1, cause=TransitionCause.INITIAL), transition(number=2)]
    assert decide(Wants(), steps, {}).tellings == []
    assert [t.kind.value for t in decide(Wants(initial=True), steps, {}).tellings] == [
        "segment.entered",
        "segment.exited",
    ]


def test_what_was_decided_before_is_not_told_again() -> None:
    known = {("seg_1", "cus_1"): Told(3, NOW, True)}
    decision = decide(Wants(reentry=Reentry.ONCE), [transition(number=n) for n in (2, 3, 4, 5)], known)
    assert [t.transition.number for t in decision.tellings] == [4]
    assert decision.told == {("seg_1", "cus_1"): Told(5, NOW, False)}


def test_customers_and_segments_are_told_apart() -> None:
    steps = [transition("cus_1"), transition("cus_2"), transition("cus_1", segment="seg_2")]
    assert len(decide(Wants(reentry=Reentry.ONCE), steps, {}).tellings) == 3
