"""Sessions follow from the events, whatever the order in which they arrived."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from identity_graph.domain.journeys.sessions import (
    Moment,
    Session,
    Step,
    find_visitor,
    place_step,
    sessionize,
    start_session,
    unique_values,
)
from identity_graph.domain.rules.ranking import find_strongest
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Channel, event_id
from tests.properties import examples
from tests.worlds.worlds import SECOND, identifier_keys, make_rules

RULES = make_rules()
"""Ten seconds without an event end a session; crm and openid (within one app) are unique."""

VISITOR = "cookie:1"


def make_step(
    second: float, *keys: str, name: str | None = None, source: str = "web", channel: Channel = Channel.WEB
) -> Step:
    message_id = name or f"m{second:g}"
    return Step(
        Moment(int(second * SECOND), source, message_id),
        event_id(source, message_id),
        channel,
        tuple(Identifier.from_key(key) for key in (*keys, VISITOR)),
    )


def cut(*steps: Step) -> list[list[str]]:
    """Cut steps into sessions and name the events of each."""
    return [[step.moment.message_id for step in own] for _, own in sessionize(VISITOR, steps, RULES)]


def owners(*steps: Step) -> list[str]:
    return [session.owner.key for session, _ in sessionize(VISITOR, steps, RULES)]


def test_a_pause_longer_than_the_gap_ends_a_session() -> None:
    assert cut(make_step(0), make_step(10), make_step(20.000001), make_step(40)) == [["m0", "m10"], ["m20"], ["m40"]]


def test_events_are_taken_by_time_then_source_then_message_id() -> None:
    late, b, a = make_step(5), make_step(1, name="b"), make_step(1, name="a")
    other = make_step(1, name="z", source="app")
    assert cut(late, b, a, other) == [["z", "a", "b", "m5"]]


def test_another_value_of_a_unique_namespace_ends_a_session() -> None:
    steps = [make_step(1, "crm:1"), make_step(2), make_step(3, "crm:2"), make_step(4), make_step(5, "crm:1")]
    assert cut(*steps) == [["m1", "m2"], ["m3", "m4"], ["m5"]]


def test_values_are_compared_within_their_scope() -> None:
    steps = [make_step(1, "openid:wxA/1"), make_step(2, "openid:wxB/1"), make_step(3, "openid:wxA/2")]
    assert cut(*steps) == [["m1", "m2"], ["m3"]]


def test_what_is_not_unique_ends_nothing() -> None:
    assert cut(make_step(1, "phone:1"), make_step(2, "phone:2"), make_step(3, "cookie:4")) == [["m1", "m2", "m3"]]


def test_an_event_with_two_values_ends_nothing_and_is_not_remembered() -> None:
    steps = [make_step(1, "crm:1"), make_step(2, "crm:2", "crm:3"), make_step(3, "crm:1"), make_step(4, "crm:2")]
    assert cut(*steps) == [["m1", "m2", "m3"], ["m4"]]


def test_a_session_tells_its_first_and_last_moment_its_channel_and_how_many() -> None:
    steps = [make_step(3, channel=Channel.APP), make_step(1, "crm:1", channel=Channel.STORE), make_step(2)]
    ((session, own),) = sessionize(VISITOR, steps, RULES)
    assert own == sorted(steps)
    assert session == Session(
        id="ses_" + event_id("web", "m1").removeprefix("evt_"),
        visitor=VISITOR,
        first=steps[1].moment,
        last=steps[0].moment,
        channel=Channel.STORE,
        touchpoint_count=3,
        owner=Identifier("crm", "1"),
        values={"crm": "1"},
    )


def test_a_session_belongs_to_the_strongest_identifier_seen_in_it() -> None:
    assert owners(make_step(1), make_step(2, "phone:1"), make_step(3, "device:1")) == ["phone:1"]
    assert owners(make_step(1)) == [VISITOR]


def test_of_two_that_are_as_strong_the_one_seen_first_owns_it() -> None:
    assert owners(make_step(1, "phone:2"), make_step(2, "phone:1")) == ["phone:2"]
    assert owners(make_step(1, "openid:wxB/1"), make_step(2, "openid:wxA/1")) == ["openid:wxB/1"]


def test_of_two_that_were_first_seen_at_once_the_smaller_key_owns_it() -> None:
    assert owners(make_step(1), make_step(2, "phone:2", "phone:1", "phone:3")) == ["phone:1"]


def test_ambiguous_values_own_a_session_like_others() -> None:
    assert owners(make_step(1, "crm:2", "crm:1"), make_step(2, "crm:3")) == ["crm:1"]


@pytest.mark.parametrize(
    ("keys", "visitor"),
    [
        ("crm:1 openid:wxA/1 cookie:1 device:1", "cookie:1"),
        ("crm:1 openid:wxA/1 device:1", "openid:wxA/1"),
        ("cookie:3 cookie:1 cookie:2 crm:1", "cookie:1"),
        ("openid:wxB/1 cookie:2 openid:wxA/1 cookie:1", "cookie:1"),
        ("device:1 phone:2 phone:1", "phone:1"),
        ("device:1", "device:1"),
    ],
)
def test_the_visitor_is_the_weakest_of_the_visitor_namespaces_else_the_strongest(keys: str, visitor: str) -> None:
    for order in (keys.split(), keys.split()[::-1]):
        found = find_visitor([Identifier.from_key(key) for key in order], RULES)
        assert found is not None
        assert found.key == visitor


def test_without_an_identifier_there_is_no_visitor() -> None:
    assert find_visitor((), RULES) is None


def test_undeclared_namespaces_have_no_visitors_and_are_the_weakest() -> None:
    rules = RuleSet(namespaces=RULES.namespaces, accept_undeclared=True)
    seen = [Identifier("zoo", "1"), Identifier("bar", "2"), Identifier("bar", "1")]
    assert find_visitor(seen, rules) == find_strongest(seen, rules) == Identifier("bar", "1")


def test_unique_values_leave_out_scopes_of_which_an_event_holds_two() -> None:
    keys = ["openid:wxA/1", "openid:wxA/2", "openid:wxA/1", "openid:wxB/1", "crm:1", "crm:1", "phone:1"]
    assert dict(unique_values(map(Identifier.from_key, keys), RULES)) == {"openid/wxB": "wxB/1", "crm": "1"}


def place(step: Step, *known: Step) -> Session | int | None:
    return place_step([session for session, _ in sessionize(VISITOR, known, RULES)], step, RULES)


def test_a_step_that_follows_joins_the_session_before_it() -> None:
    placed = place(make_step(10), make_step(0))
    assert isinstance(placed, Session)
    assert placed.first == make_step(0).moment


def test_a_step_with_room_on_both_sides_starts_a_session_of_its_own() -> None:
    assert place(make_step(5)) == 0
    assert place(make_step(30), make_step(0), make_step(60)) == 1
    assert place(make_step(90), make_step(0), make_step(60)) == 2


def test_a_step_that_brings_another_value_starts_a_session_of_its_own() -> None:
    assert place(make_step(5, "crm:2"), make_step(0, "crm:1")) == 1


@pytest.mark.parametrize(
    ("late", "known"),
    [
        pytest.param(make_step(5), [make_step(10)], id="it comes before the first step, from which the id derives"),
        pytest.param(make_step(10), [make_step(0), make_step(20)], id="it holds two sessions together"),
        pytest.param(
            make_step(15, "crm:2"), [make_step(10, "crm:1"), make_step(20, "crm:3")], id="it ends one before another"
        ),
        pytest.param(make_step(5, "crm:2"), [make_step(0, "crm:1"), make_step(9)], id="it cuts a session in two"),
        pytest.param(
            make_step(5, "phone:1"), [make_step(0), make_step(9, "phone:2")], id="it owns what it was late for"
        ),
    ],
)
def test_a_late_step_that_changes_its_neighbours_has_them_cut_anew(late: Step, known: list[Step]) -> None:
    assert place(late, *known) is None


def test_a_late_step_inside_a_session_joins_it_when_it_changes_nothing_else() -> None:
    known = [make_step(0, "phone:1"), make_step(9, "device:1")]
    for late in (make_step(5), make_step(5, "phone:1"), make_step(5, "device:2")):
        assert isinstance(place(late, *known), Session)


steps = st.lists(
    st.tuples(st.integers(0, 60), st.lists(identifier_keys, max_size=3).map(tuple), st.sampled_from(["web", "app"])),
    max_size=14,
).map(
    lambda seen: [
        make_step(second, *keys, name=f"n{number}", source=source) for number, (second, keys, source) in enumerate(seen)
    ]
)


@examples(400)
@given(arrived=steps)
@example(arrived=[make_step(0), make_step(9, "crm:1"), make_step(20, "crm:2"), make_step(12), make_step(5, "crm:1")])
def test_placing_steps_one_by_one_comes_to_the_same_as_cutting_all_of_them(arrived: list[Step]) -> None:
    """What placing says about one step holds for the sessions near it, as those that are written down are read."""
    known: list[Step] = []
    for step in arrived:
        before = sessionize(VISITOR, known, RULES)
        near = [session for session, _ in before if is_near(session, step)]
        others = [session for session, _ in before if not is_near(session, step)]
        placed = place_step(near, step, RULES)
        known.append(step)
        expected = [session for session, _ in sessionize(VISITOR, known, RULES)]
        if placed is None:
            continue
        if isinstance(placed, int):
            assert all(one.last < step.moment for one in near[:placed])
            assert all(step.moment < one.first for one in near[placed:])
            near.append(start_session(VISITOR, step, RULES))
        else:
            placed.add(step, RULES)
        assert sorted([*near, *others], key=lambda session: session.first) == expected


def is_near(session: Session, step: Step) -> bool:
    at, gap = step.moment.occurred_at, RULES.session_gap
    return session.first.occurred_at <= at + gap and session.last.occurred_at >= at - gap


@examples(200)
@given(arrived=steps)
def test_sessions_hold_every_step_once_and_end_only_where_they_must(arrived: list[Step]) -> None:
    sessions = sessionize(VISITOR, arrived, RULES)
    assert [step for _, own in sessions for step in own] == sorted(arrived)
    for session, own in sessions:
        values: dict[str, set[str]] = {}
        for step in own:
            for scope, value in unique_values(step.identifiers, RULES):
                values.setdefault(scope, set()).add(value)
        assert session.values == {scope: value for scope, (value,) in values.items()}
        assert all(b.moment.occurred_at - a.moment.occurred_at <= RULES.session_gap for a, b in pairwise(own))
    for (one, own), (_, following) in pairwise(sessions):
        pause = following[0].moment.occurred_at - own[-1].moment.occurred_at
        assert pause > RULES.session_gap or not one.accepts(following[0], RULES)


def test_the_id_of_a_session_derives_from_its_first_event_and_nothing_else() -> None:
    step = make_step(1)
    other = step._replace(channel=Channel.APP, identifiers=(*step.identifiers, Identifier("crm", "9")))
    assert start_session(VISITOR, step, RULES).id == start_session(VISITOR, other, RULES).id
