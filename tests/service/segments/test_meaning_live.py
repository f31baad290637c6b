"""What conditions mean, on members that are kept current: each case is one statement of docs/segments.md.

All cases live in one graph. Each has a segment of its own and customers of its own, and is looked at at some hours: messages
are sent when they happen, and where nothing is sent time alone moves people.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest

from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.writing import write_rule
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.commit.units import Units
from identity_graph.service.segments.evaluator import Evaluator
from identity_graph.store.driver.graph import Graph
from tests.neo4j_server import wipe
from tests.worlds.live_segments import save_segment
from tests.worlds.segment_facts import DAY, HOUR, moment
from tests.worlds.segment_messages import Sending
from tests.worlds.segment_sheets import terms_of, write_moment
from tests.worlds.worlds import keep_rules

START = moment("2026-12-31T12:00:00+01:00")
"""Hour 0: noon of the last day of a year in Berlin."""

TERMS = terms_of("Europe/Berlin", has_cut=False)
Sent = dict[str, Any]


def _first(at: int) -> Sent:
    return {"type": "page", "at": at}


def did(name: str, at: int, **properties: Any) -> Sent:
    """Make a message of an event at an hour."""
    return {"type": "track", "event": name, "properties": properties, "at": at}


def said(at: int, **traits: Any) -> Sent:
    """Make a message that tells traits at an hour."""
    return {"type": "identify", "traits": traits, "at": at}


def bought(at: int, id: str, total: int) -> Sent:
    """Make a message of an order at an hour."""
    return did("Order Completed", at, order_id=id, total=total, revenue=total, currency="CNY")


def refunded(at: int, id: str, total: int) -> Sent:
    """Make a message of a refund at an hour."""
    return did("Order Refunded", at, order_id=id, total=total, currency="CNY")


def trait(name: str, op: str, value: Any = None, **more: Any) -> Sent:
    return {"trait": {"name": name, "op": op, **({} if value is None else {"value": value}), **more}}


@dataclass(frozen=True)
class Case:
    """Messages of people, a rule, and who is in at which hour; everybody is first seen at hour -48 unless told otherwise."""

    rule: Sent
    people: dict[str, list[Sent]]
    inside: dict[int, set[str]]
    audience: str = "ALL"
    first_seen: dict[str, int] = field(default_factory=dict[str, int])


NOBODY: set[str] = set()
NASTY = "x'}) DETACH DELETE c //`\\u0027"
AT_LEAST_TWO = {"op": "GE", "value": 2}
CASES: dict[str, Case] = {
    "01 NE is not EQ, and whoever has no value is different too": Case(
        trait("city", "NE", "a"), {"a": [said(-2, city="a")], "b": [said(-2, city="b")], "none": []}, {0: {"b", "none"}}
    ),
    "02 not true is false or unknown": Case(
        {"not": trait("member", "EQ", value=True)},
        {"yes": [said(-2, member=True)], "no": [said(-2, member=False)], "none": []},
        {0: {"no", "none"}},
    ),
    "03 blank is absent": Case(
        {"not": trait("city", "EXISTS")}, {"blank": [said(-2, city=" ")], "a": [said(-2, city="a")]}, {0: {"blank"}}
    ),
    "04 customers of whom nothing was told are evaluated too": Case(
        {"not": {"did": {"event": "Paid"}}}, {"none": [], "paid": [did("Paid", 2)]}, {0: {"none", "paid"}, 2: {"none"}}
    ),
    "05 a rule of negatives only is a rule": Case(
        {"all": [{"not": {"did": {"event": "Seen"}}}, trait("city", "NE", "a")]}, {"none": []}, {0: {"none"}}, "KNOWN"
    ),
    "06 the audience is who is known, or everybody": Case(
        {"not": {"did": {"event": "Seen"}}}, {"visitor": [], "known": []}, {0: {"known"}}, "KNOWN"
    ),
    "08 a repeat raises nothing": Case(
        {"did": {"event": "Seen", "count": AT_LEAST_TWO}},
        {"one": [{**did("Seen", -2), "messageId": "m8"}, {**did("Seen", -2), "messageId": "m8"}], "two": [did("Seen", -3), did("Seen", -2)]},
        {0: {"two"}},
    ),
    "09 several property conditions hold for one and the same event": Case(
        {"did": {"event": "Paid", "where": [{"name": "total", "op": "GE", "value": 5}, {"name": "cart_id", "op": "EQ", "value": "c1"}]}},
        {"apart": [did("Paid", -2, total=9, cart_id="c2"), did("Paid", -1, total=1, cart_id="c1")], "one": [did("Paid", 3, total=9, cart_id="c1")]},
        {0: NOBODY, 3: {"one"}},
    ),
    "10 the last occurrence is the last so far": Case(
        {"did": {"event": "Paid", "pick": "LAST", "where": [{"name": "total", "op": "GE", "value": 5}]}},
        {"a": [did("Paid", -2, total=9), did("Paid", 3, total=1)]},
        {0: {"a"}, 3: NOBODY},
    ),
    "11 a sequence exists when some choice of events fits": Case(
        {"sequence": {"steps": [{"event": "Cart"}], "within": "PT1H", "without": {"event": "Done"}}},
        {"a": [did("Cart", 0), did("Done", 0), did("Cart", 5)]},
        {0: NOBODY, 5: NOBODY, 6: {"a"}},
    ),
    "12 another cart's checkout does not end this cart's abandonment": Case(
        {"sequence": {"steps": [{"event": "Cart"}], "within": "PT1H", "without": {"event": "Done"}, "same": ["cart_id"]}},
        {"other": [did("Cart", 0, cart_id="c1"), did("Done", 0, cart_id="c2")], "same": [did("Cart", 0, cart_id="c1"), did("Done", 0, cart_id="c1")]},
        {0: NOBODY, 1: {"other"}},
    ),
    "13 event names are exact": Case({"did": {"event": "Seen"}}, {"near": [did("seen", -2)], "a": [did("Seen", -1)]}, {0: {"a"}}),
    "14 on nothing a sum is 0 and a mean unknown": Case(
        {"all": [{"did": {"event": "Paid", "measure": {"of": "total", "as": "SUM", "op": "LT", "value": 5}}},
                 {"not": {"did": {"event": "Paid", "measure": {"of": "total", "as": "MEAN", "op": "LT", "value": 5}}}}]},
        {"none": [], "some": [did("Paid", -2, total=1)]},
        {0: {"none"}},
    ),
    "15 a refund lets a customer leave": Case(
        {"metric": {"name": "REVENUE", "op": "GE", "value": 100}},
        {"a": [bought(0, "o15", 100), refunded(4, "o15", 50)]},
        {0: {"a"}, 4: NOBODY},
    ),
    "16 the time of occurrence decides": Case(
        {"did": {"event": "Seen", "within": "P1D"}},
        {"late": [{**did("Seen", -30), "sent": 2}], "now": [did("Seen", 2)]},
        {2: {"now"}},
    ),
    "17 P3D is 72 hours": Case({"did": {"event": "Seen", "within": "P3D"}}, {"a": [did("Seen", 0)]}, {0: {"a"}, 71: {"a"}, 72: NOBODY}),
    "18 today ends at midnight in the zone of the project": Case(
        {"did": {"event": "Seen", "days": {"from": 0, "to": 0}}}, {"a": [did("Seen", 0)]}, {0: {"a"}, 11: {"a"}, 12: NOBODY}
    ),
    "19 a date stands for its whole day": Case(
        trait("birthday", "WITHIN_LAST", "PT1H"), {"a": [said(-2, birthday="2027-01-01")]}, {0: NOBODY, 12: {"a"}, 36: {"a"}, 37: NOBODY}
    ),
    "20 a relative time is kept as it was written": Case(
        {"did": {"event": "Seen", "within": "PT4320M"}}, {"a": [did("Seen", 0)]}, {0: {"a"}, 71: {"a"}, 72: NOBODY}
    ),
    "21 an anniversary comes over New Year": Case(
        trait("birthday", "ANNIVERSARY_WITHIN", "P1D"), {"a": [said(-2, birthday="1990-01-02")]}, {0: NOBODY, 12: {"a"}, 59: {"a"}, 60: NOBODY}
    ),
    "22 what lies in the future does not count before its time": Case(
        {"did": {"event": "Seen"}}, {"a": [{**did("Seen", 7), "sent": 0}]}, {0: NOBODY, 6: NOBODY, 7: {"a"}}
    ),
    "23 time alone moves people, in both directions": Case(
        {"any": [{"all": [{"did": {"event": "Seen", "within": "P1D"}}, trait("city", "EQ", "in")]},
                 {"all": [{"not": {"did": {"event": "Seen", "within": "P1D"}}}, trait("city", "EQ", "out")]}]},
        {"in": [said(-2, city="in"), did("Seen", 0)], "out": [said(-2, city="out"), did("Seen", 0)]},
        {0: {"in"}, 23: {"in"}, 24: {"out"}},
    ),
    "24 whoever is known for two days did not do it in seven, unless known for is asked": Case(
        {"all": [{"not": {"did": {"event": "Seen", "within": "P7D"}}}, {"knownFor": "P7D"}]},
        {"new": [], "old": []},
        {0: {"old"}, 119: {"old"}, 120: {"new", "old"}},
        first_seen={"old": -200},
    ),
    "25 a value that is held is not held anew when it is told again": Case(
        trait("city", "EQ", "a", heldFor="P1D"),
        {"a": [said(0, city="a"), said(6, city="a")], "broken": [said(0, city="a"), said(6, city="b"), said(12, city="a")]},
        {0: NOBODY, 23: NOBODY, 24: {"a"}, 35: {"a"}, 36: {"a", "broken"}},
    ),
    "34 a segment that uses another follows it": Case(
        {"not": {"inSegment": "seg_17"}}, {"a": []}, {0: {"a"}}
    ),
    "39 numbers and texts are never compared as one another": Case(
        {"did": {"event": "Paid", "where": [{"name": "total", "op": "EQ", "value": "5"}]}},
        {"text": [did("Paid", -2, total="5")], "number": [did("Paid", -2, total=5)]},
        {0: {"text"}},
    ),
    "40 a share is drawn by the oldest identifier, so that it stays when younger ones join": Case(
        {"share": {"of": 0.5, "salt": "x"}},
        {"a": [{**_first(4), "anonymousId": "seg_40-d3"}], "c": [{**_first(4), "anonymousId": "seg_40-d1"}], "h": []},
        {0: {"a"}, 4: {"a"}},
    ),
    "41 without a cut nobody has a score": Case(
        {"metric": {"name": "RFM_MONETARY", "op": "GE", "value": 1}}, {"a": [bought(-2, "o41", 100)]}, {0: NOBODY}
    ),
    "45 what people write is a value, whatever it looks like": Case(
        {"did": {"event": NASTY, "where": [{"name": NASTY, "op": "EQ", "value": NASTY}]}},
        {"a": [did(NASTY, 0, **{NASTY: NASTY})], "b": [did(NASTY, 0)]},
        {0: {"a"}},
    ),
}  # fmt: skip


def test_every_statement_about_evaluation_is_lived_through() -> None:
    said_elsewhere = {7, 13, 26, 27, 28, 29, 30, 31, 32, 33, 35, 36, 37, 38, 42, 43, 44}
    assert {int(name[:2]) for name in CASES} | said_elsewhere == set(range(1, 46))


def id_of(name: str) -> str:
    """Name the segment of a case."""
    return f"seg_{name[:2]}"


async def live_through(graph: Graph) -> dict[tuple[str, int], set[str]]:
    """Let all cases happen, and give who was in the segment of each at each hour that it asks for."""
    await wipe(graph)
    await keep_rules(graph, TERMS.rules)
    clock = START - 10 * DAY
    units = Units(graph, InForce(TERMS.rules, 1, TERMS.catalogue), clock=lambda: clock)
    await units.open()
    evaluator = Evaluator(units)
    for name, case in CASES.items():
        await save_segment(units, id_of(name), case.rule, case.audience)
    await evaluator.catch_up()
    due: defaultdict[int, list[Sent]] = defaultdict(list)
    names: dict[str, tuple[str, str]] = {}
    for name, case in CASES.items():
        for person, messages in case.people.items():
            key = f"{id_of(name)}-{person}"
            who = {"anonymousId": key} if person == "visitor" else {"userId": key}
            names[f"{'anonymous_id' if person == 'visitor' else 'user_id'}:{key}"] = (name, person)
            born = case.first_seen.get(person, -48)
            for number, one in enumerate([_first(born), *messages]):
                message = {
                    "messageId": f"{key}-{number}",
                    **one,
                    **who,
                    "timestamp": write_moment(START + one["at"] * HOUR),
                }
                due[one.get("sent", one["at"])].append(message)
    asked = {(name, hour) for name, case in CASES.items() for hour in case.inside}
    found: dict[tuple[str, int], set[str]] = {}
    for hour in sorted({*due, *(hour for _, hour in asked)}):
        clock = START + hour * HOUR
        if hour in due:
            events = Sending.of(due[hour], TERMS.rules, START + 400 * DAY).events
            await units.run(lambda tx, regime, events=events: take_in(tx, events, regime))
        await evaluator.catch_up()
        wanted = [name for name, at in asked if at == hour]
        if wanted:
            rows = await graph.run(
                "MATCH (m:SegmentMembership) WHERE m.since IS NOT NULL "
                "MATCH (:Customer {id: m.customer_id})<-[:BELONGS_TO]-(i:Identifier) RETURN m.segment_id AS id, i.key AS key"
            )
            for name in wanted:
                inside = {names[row["key"]] for row in rows if row["id"] == id_of(name) and row["key"] in names}
                found[name, hour] = {person for case, person in inside if case == name}
    return found


@pytest.fixture(scope="module")
async def lived(session_graph: Graph) -> dict[tuple[str, int], set[str]]:
    return await live_through(session_graph)


@pytest.mark.parametrize("name", CASES)
async def test_members_are_those_whom_the_condition_means(lived: dict[tuple[str, int], set[str]], name: str) -> None:
    assert {hour: lived[name, hour] for hour in CASES[name].inside} == CASES[name].inside


async def test_20_relative_times_are_read_back_as_they_were_written(
    lived: dict[tuple[str, int], set[str]], session_graph: Graph
) -> None:
    (name,) = (name for name in CASES if name.startswith("20"))
    (row,) = await session_graph.run("MATCH (s:Segment {id: 'seg_20'}) RETURN s.rule AS rule")
    assert write_rule(read_rule(json.loads(row["rule"]))) == CASES[name].rule
    assert lived[name, 71] == {"a"}
