"""The evaluator: marks become transitions once, whatever merges, changes, or is pinned."""

import asyncio
from typing import Any

import pytest

from identity_graph.domain.identity.judgements import Verdict
from identity_graph.domain.segments.transitions import TransitionCause
from identity_graph.service.corrections.judging import Statement, judge
from identity_graph.service.corrections.retracting import retract
from identity_graph.service.segments.members import explain_membership, read_history, read_memberships, read_now
from identity_graph.service.segments.pins import pin_member, unpin_member
from identity_graph.service.segments.recomputing import recompute
from identity_graph.store.driver.graph import Graph
from tests.worlds.live_rig import PAID, START, Rig
from tests.worlds.live_segments import delete_segment, save_segment
from tests.worlds.live_worlds import check_transitions
from tests.worlds.segment_facts import DAY, HOUR
from tests.worlds.segment_sheets import write_moment


@pytest.fixture
async def rig(graph: Graph) -> Rig:
    return await Rig(graph).open()


async def test_without_segments_nobody_is_marked(rig: Rig) -> None:
    await rig.send({"event": "Paid", "userId": "1"})
    assert await rig.graph.run("MATCH (c:Customer) WHERE c.waiting_mark IS NOT NULL RETURN c") == []
    assert not await rig.evaluator.take_turn()


async def test_only_what_segments_read_marks_a_known_customer(rig: Rig) -> None:
    await rig.send({"event": "Seen", "userId": "1"})
    await rig.save("seg_1", PAID)
    await rig.send({"event": "Seen", "userId": "1"})
    assert await rig.graph.run("MATCH (c:Customer) WHERE c.waiting_mark IS NOT NULL RETURN c") == []
    await rig.send({"event": "Paid", "userId": "1"})
    (row,) = await rig.graph.run("MATCH (c:Customer) RETURN c.waiting_for AS tokens, c.waiting_mark AS mark")
    assert (row["tokens"], row["mark"]) == (["event:Paid"], 1)


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], set[str]]] = {
    "an event": (PAID, {"event": "Paid", "userId": "1"}, {"event:Paid"}),
    "an event on a channel": (
        {"seenOn": {"channel": "APP"}},
        {"event": "Seen", "userId": "1", "context": {"channel": "app"}},
        {"channel:APP"},
    ),
    "a trait": ({"trait": {"name": "city", "op": "EQ", "value": "a"}}, {"userId": "1", "traits": {"city": "a"}}, {"trait:city"}),
    "an order": (
        {"ordered": {"count": {"op": "GE", "value": 1}}},
        {"event": "Order Completed", "userId": "1", "properties": {"order_id": "o1", "total": 5, "currency": "CNY"}},
        {"orders"},
    ),
    "a visit": (
        {"metric": {"name": "SESSIONS", "op": "GE", "value": 2}},
        {"event": "Seen", "userId": "1"},
        {"sessions"},
    ),
    "an identifier": ({"hasIdentifier": "device_id"}, {"event": "Seen", "userId": "1", "context": {"device": {"id": "d1"}}}, {"identifiers"}),
    "a weaker link": (
        {"not": {"joinedBy": "user_id"}},
        {"event": "Seen", "userId": "1", "context": {"device": {"id": "d1"}}},
        {"links"},
    ),
    "an earlier first visit": (
        {"knownFor": "P3D"},
        {"event": "Seen", "userId": "1", "timestamp": write_moment(START - 5 * DAY)},
        {"first_seen"},
    ),
    "a contact": (
        {"metric": {"name": "PREFERRED_CHANNEL", "op": "EQ", "value": "EMAIL"}},
        {"event": "Email Opened", "userId": "1"},
        {"preferred_channel"},
    ),
    "what was done before signing in": (
        {"did": {"event": "Paid", "count": {"op": "GE", "value": 2}}},
        {"event": "Seen", "userId": "1", "anonymousId": "a"},
        {"*"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
async def test_each_change_reaches_the_rules_that_read_it_and_no_other(rig: Rig, what: str) -> None:
    rule, message, tokens = CHANGES[what]
    await rig.send({"event": "Email Sent", "userId": "1"}, {"event": "Cart", "userId": "2"})
    if what == "what was done before signing in":
        await rig.send({"event": "Paid", "userId": "1", "timestamp": write_moment(START - DAY)})
        rig.now += 2 * HOUR
        await rig.send({"event": "Paid", "anonymousId": "a"})
    await rig.save("seg_1", rule)
    assert (await read_now(rig.graph, "seg_1", rig.now)).size == 0
    rig.now += HOUR if what != "what was done before signing in" else 1
    await rig.send(message)
    (row,) = await rig.graph.run(
        "MATCH (:Identifier {key: 'user_id:1'})-[:BELONGS_TO]->(c:Customer) RETURN c.waiting_for AS tokens"
    )
    assert set(row["tokens"]) == tokens
    await rig.evaluator.catch_up()
    assert (await read_now(rig.graph, "seg_1", rig.now)).size == 1
    assert (await recompute(rig.evaluator, rig.units)).is_equal


async def test_the_first_filling_is_initial_and_later_entries_have_their_cause_and_both_times(rig: Rig) -> None:
    await rig.send({"event": "Paid", "userId": "1"})
    await rig.save("seg_1", PAID)
    early = rig.now
    rig.now += HOUR
    await rig.send({"event": "Paid", "userId": "2", "timestamp": write_moment(early)})
    await rig.evaluator.catch_up()
    assert [(one.cause, one.number, one.at, one.occurred_at) for one in rig.told] == [
        (TransitionCause.INITIAL, 1, early, early),
        (TransitionCause.EVENT, 1, rig.now, early),
    ]
    assert rig.told[1].reason == "“Paid” happened at least once"


async def test_two_members_that_merge_do_not_enter_again_and_the_id_that_is_gone_leaves(rig: Rig) -> None:
    await rig.save("seg_1", PAID)
    await rig.send({"event": "Paid", "userId": "1"})
    rig.now += HOUR
    await rig.send({"event": "Paid", "anonymousId": "a"})
    await rig.evaluator.catch_up()
    kept, gone = await rig.customer("user_id:1"), await rig.customer("anonymous_id:a")
    await rig.send({"event": "Seen", "userId": "1", "anonymousId": "a"})
    await rig.evaluator.catch_up()
    told = await rig.transitions()
    assert set(told[:2]) == {(kept, True, "EVENT"), (gone, True, "EVENT")}
    assert told[2:] == [(gone, False, "MERGE")]
    assert rig.told[-1].reason == f"The customer went into {kept}."
    assert (await read_now(rig.graph, "seg_1", rig.now)).size == 1


async def test_after_a_merge_all_facts_of_the_one_customer_count_and_after_a_split_each_part_its_own(rig: Rig) -> None:
    await rig.save("seg_1", {"did": {"event": "Paid", "count": {"op": "GE", "value": 2}}})
    await rig.send({"event": "Paid", "userId": "1"})
    await rig.send({"event": "Paid", "phone": "x", "anonymousId": "a"})
    await rig.evaluator.catch_up()
    assert await rig.transitions() == []
    rig.now += HOUR  # another visit, so that what was done in the first one stays whose it was
    await rig.send({"event": "Seen", "userId": "1", "anonymousId": "a"})
    await rig.evaluator.catch_up()
    whole = await rig.customer("user_id:1")
    assert await rig.transitions() == [(whole, True, "MERGE")]
    await rig.units.run(
        lambda tx, regime: judge(
            tx, Verdict.DIFFERENT, ("anonymous_id:a", "user_id:1"), Statement(reason="?", actor="?", regime=regime)
        )
    )
    await rig.evaluator.catch_up()
    assert await rig.transitions() == [(whole, True, "MERGE"), (whole, False, "SPLIT")]


async def test_a_retraction_lets_a_customer_leave(rig: Rig) -> None:
    await rig.save("seg_1", PAID)
    await rig.send({"event": "Seen", "userId": "1"})
    await rig.send({"event": "Paid", "userId": "1"})
    await rig.evaluator.catch_up()
    await rig.units.run(lambda tx, regime: retract(tx, "web", "m2", "?", regime))
    await rig.evaluator.catch_up()
    id = await rig.customer("user_id:1")
    assert await rig.transitions() == [(id, True, "EVENT"), (id, False, "RETRACTION")]


async def test_time_moves_people_in_both_directions_and_nothing_is_sent_for_it(rig: Rig) -> None:
    await rig.save("seg_1", {"did": {"event": "Paid", "within": "P1D"}})
    await rig.save("seg_2", {"not": {"inSegment": "seg_1"}})
    await rig.send({"event": "Paid", "userId": "1"})
    await rig.evaluator.catch_up()
    id, due = await rig.customer("user_id:1"), rig.now + DAY
    rig.now = due - 1
    assert not await rig.evaluator.take_turn()
    rig.now = due + HOUR
    await rig.evaluator.catch_up()
    assert await rig.transitions() == [(id, True, "EVENT"), (id, False, "TIME")]
    assert await rig.transitions("seg_2") == [(id, True, "TIME")]
    assert {(one.segment_id, one.occurred_at) for one in rig.told[-2:]} == {("seg_1", due), ("seg_2", due)}


async def test_a_changed_rule_is_computed_aside_and_switched_at_once(graph: Graph) -> None:
    rig = await Rig(graph).open()
    await rig.send(*({"event": name, "userId": f"{name}{number}"} for name in ("Paid", "Seen") for number in range(3)))
    await rig.send({"event": "Paid", "userId": "both"}, {"event": "Seen", "userId": "both"})
    await rig.save("seg_1", PAID)
    paid = {row["id"] for row in await members(graph)}
    await save_segment(rig.units, "seg_1", {"did": {"event": "Seen"}}, "ALL")
    seen: list[frozenset[str]] = []
    while await rig.evaluator.take_turn():
        seen.append(frozenset(row["id"] for row in await members(graph)))
        size = (await read_now(graph, "seg_1", rig.now)).size
        assert size == len(seen[-1])
    assert len({*seen}) == 2, "no half-old state is visible"
    assert seen[0] == paid
    after = await rig.transitions()
    assert [(entered, cause) for _, entered, cause in after[4:]].count((True, "RULE_CHANGED")) == 3
    assert [(entered, cause) for _, entered, cause in after[4:]].count((False, "RULE_CHANGED")) == 3
    assert {cause for *_, cause in after[:4]} == {"INITIAL"}
    await check_transitions(graph)


async def members(graph: Graph) -> list[dict[str, Any]]:
    return await graph.run(
        "MATCH (s:Segment {id: 'seg_1'}) MATCH (m:SegmentMembership) WHERE m.edition = s.id + '/' + s.edition "
        "AND m.since IS NOT NULL RETURN m.customer_id AS id"
    )


async def test_pins_outrank_the_rule_in_both_directions_and_survive_a_merge(rig: Rig) -> None:
    await rig.save("seg_1", PAID)
    await rig.send({"event": "Paid", "userId": "1"}, {"event": "Seen", "userId": "2"})
    await rig.evaluator.catch_up()
    one, two = await rig.customer("user_id:1"), await rig.customer("user_id:2")
    await pin_member(rig.units, "seg_1", one, member=False, reason="complained", actor="support")
    rig.now += 1
    await pin_member(rig.units, "seg_1", two, member=True, reason="asked for it", actor="support")
    await rig.evaluator.catch_up()
    assert (await rig.transitions())[1:] == [(one, False, "PIN"), (two, True, "PIN")]
    assert rig.told[-1].reason == "Pinned by support: asked for it"
    await rig.send({"event": "Paid", "userId": "1", "anonymousId": "a"})
    await rig.evaluator.catch_up()
    assert len(await rig.transitions()) == 3
    assert await unpin_member(rig.units, "seg_1", one)
    await rig.evaluator.catch_up()
    assert (await rig.transitions())[3:] == [(one, True, "PIN")]


async def test_a_rule_that_cannot_be_evaluated_keeps_everybody_out_and_the_segment_shows_why(rig: Rig) -> None:
    await rig.send({"event": "Seen", "userId": "1"})
    await rig.save("seg_1", {"not": {"hasIdentifier": "unknown_namespace"}})
    await rig.save("seg_2", "{}")
    rows = await rig.graph.run("MATCH (s:Segment) RETURN s.fault AS fault, s.size AS size ORDER BY s.id")
    assert "unknown_namespace" in rows[0]["fault"]
    assert "cannot be read" in rows[1]["fault"]
    assert [row["size"] for row in rows] == [0, 0]


async def test_deleted_segments_leave_no_memberships(rig: Rig) -> None:
    await rig.send({"event": "Paid", "userId": "1"})
    await rig.save("seg_1", PAID)
    await delete_segment(rig.units, "seg_1")
    await rig.evaluator.catch_up()
    assert await rig.graph.run("MATCH (m:SegmentMembership) RETURN m") == []


async def test_what_is_asked_of_members_agrees(rig: Rig) -> None:
    await rig.save("seg_1", PAID)
    await rig.send({"event": "Paid", "userId": "1"})
    await rig.evaluator.catch_up()
    id = await rig.customer("user_id:1")
    (membership,) = await read_memberships(rig.graph, id)
    explained = await explain_membership(rig.units, "seg_1", id)
    assert (membership.member, membership.since, membership.number) == (True, rig.now, 1)
    assert explained.membership == membership
    assert explained.result.holds
    (hour,) = await read_history(rig.graph, "seg_1", START - DAY, START + DAY)
    assert (hour.size, hour.entered, hour.exited) == (1, 1, 0)


async def test_recomputing_finds_and_mends_what_is_stored_otherwise(rig: Rig) -> None:
    await rig.save("seg_1", PAID)
    await rig.send({"event": "Paid", "userId": "1"}, {"event": "Seen", "userId": "2"})
    assert (await recompute(rig.evaluator, rig.units)).is_equal
    await rig.graph.run("MATCH (m:SegmentMembership) DETACH DELETE m")
    await rig.graph.run("MATCH (t:Transition) DETACH DELETE t")
    await rig.graph.run("MATCH (s:Segment) SET s.size = 0")
    found = await recompute(rig.evaluator, rig.units, mend=True)
    assert [(one.stored, one.computed) for one in found.deviations] == [(False, True)]
    assert (await recompute(rig.evaluator, rig.units)).is_equal
    assert (await read_now(rig.graph, "seg_1", rig.now)).size == 1


async def test_a_follower_of_the_feed_gets_each_transition_and_goes_on_after_a_position(rig: Rig) -> None:
    await rig.save("seg_1", PAID)
    await rig.send({"event": "Paid", "userId": "1"})
    await rig.evaluator.catch_up()

    async def take(position: int, count: int) -> list[int]:
        found: list[int] = []
        async for one in rig.evaluator.feed.follow("seg_1", position):
            found.append(one.position)
            if len(found) == count:
                break
        return found

    following = asyncio.create_task(take(0, 2))
    await asyncio.sleep(0.1)
    await rig.send({"event": "Paid", "userId": "2"})
    await rig.evaluator.catch_up()
    assert await asyncio.wait_for(following, 10) == [1, 2]
    assert await asyncio.wait_for(take(1, 1), 10) == [2]
