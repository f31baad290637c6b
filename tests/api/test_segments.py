"""Segments from end to end: messages arrive at the collector, customers enter and leave, and people ask why."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from identity_graph.domain.rules.file import load_preset
from identity_graph.store.driver.graph import Graph
from tests.api.graphql.changes.following import Follower, following
from tests.live import Live
from tests.worlds.worlds import keep_rules

pytestmark = pytest.mark.timeout(120)

SECONDS = 30
TWICE = {"did": {"event": "Product Viewed", "count": {"op": "GE", "value": 2}}}

SAVE = "mutation($input: SegmentInput!) { saveSegment(input: $input) { segment { id } } }"
WHO = """query($id: ID!) { segment(id: $id) { size state fault
  members { totalCount edges { node { id } } }
  transitions { edges { node { entered cause number customerId customer { id } reason } } }
} }"""
WHY = """query($segment: ID!, $customer: ID!) { explainMembership(segment: $segment, customer: $customer) {
  member inAudience fault pin { member reason actor }
  conditions { sentence holds actual children { sentence holds actual } }
} }"""
FOLLOW = """subscription($id: ID!, $after: String) { segmentMembership(segmentId: $id, after: $after) {
  entered cause customer { id } segment { name } cursor
} }"""

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture(autouse=True)
async def rules(live: Live, graph: Graph) -> None:
    """Put the rules of the service into the graph again, which was emptied: what is evaluated depends on them."""
    await keep_rules(graph, load_preset())


@pytest.fixture
async def ask(live: Live) -> AsyncGenerator[Ask]:
    """Give a function that asks the live service."""
    async with httpx.AsyncClient(
        base_url=live.url, headers={"Authorization": f"Bearer {live.admin_key}"}, timeout=30
    ) as client:

        async def ask(document: str, *, fails: bool = False, **variables: Any) -> Any:
            body = (await client.post("/graphql", json={"query": document, "variables": variables})).json()
            assert ("errors" in body) is fails, body
            return body["errors" if fails else "data"]

        yield ask


async def send(live: Live, *messages: dict[str, Any]) -> None:
    async with httpx.AsyncClient(base_url=live.url, auth=(live.write_key, "")) as client:
        response = await client.post("/v1/batch", json={"batch": messages}, timeout=30)
        assert response.status_code == 200, response.text


def viewed(ago: timedelta = timedelta(), **ids: Any) -> dict[str, Any]:
    return {"type": "track", "event": "Product Viewed", "timestamp": (datetime.now(UTC) - ago).isoformat(), **ids}


async def save(ask: Ask, name: str = "Viewers", rule: Any = TWICE, **more: Any) -> str:
    return (await ask(SAVE, input={"name": name, "rule": rule, **more}))["saveSegment"]["segment"]["id"]


async def until(ask: Ask, segment: str, *members: str, state: str = "LIVE") -> Any:
    """Wait until exactly these customers are in, and give the segment."""
    async with asyncio.timeout(SECONDS):
        while True:
            found = (await ask(WHO, id=segment))["segment"]
            ids = {edge["node"]["id"] for edge in found["members"]["edges"]}
            if ids == set(members) and found["state"] == state:
                assert found["size"] == found["members"]["totalCount"] == len(members)
                return found
            await asyncio.sleep(0.05)


def steps(found: Any) -> list[tuple[bool, str]]:
    """Give who entered and left, the first one first."""
    nodes = [edge["node"] for edge in found["transitions"]["edges"]]
    return [(node["entered"], node["cause"]) for node in reversed(nodes)]


async def customer(ask: Ask, user: str) -> str:
    return (await ask('query($v: String!) { lookup(value: $v, namespace: "user_id") { customer { id } } }', v=user))[
        "lookup"
    ][0]["customer"]["id"]


async def test_a_customer_enters_by_an_event_and_is_told_to_whoever_asks_or_follows(live: Live, ask: Ask) -> None:
    await send(live, viewed(userId="ann"), viewed(userId="bob"), viewed(userId="bob"))
    segment = await save(ask)
    bob, ann = await customer(ask, "bob"), await customer(ask, "ann")
    filled = await until(ask, segment, bob)
    assert steps(filled) == [(True, "INITIAL")]
    async with following(live) as follower:
        await follower.enter(live)
        await subscribe(follower, segment)
        await send(live, viewed(userId="ann"))
        heard = await hear(follower)
    assert heard | {"cursor": ""} == {
        "entered": True,
        "cause": "EVENT",
        "customer": {"id": ann},
        "segment": {"name": "Viewers"},
        "cursor": "",
    }
    assert steps(await until(ask, segment, ann, bob)) == [(True, "INITIAL"), (True, "EVENT")]
    asked = "query($id: ID!) { customer(id: $id) { segments { name } membershipHistory { edges { node { entered cause } } } } }"
    assert (await ask(asked, id=ann))["customer"] == {
        "segments": [{"name": "Viewers"}],
        "membershipHistory": {"edges": [{"node": {"entered": True, "cause": "EVENT"}}]},
    }


async def test_each_condition_is_told_with_the_value_that_counts(live: Live, ask: Ask) -> None:
    await send(
        live,
        viewed(userId="ann"),
        {"type": "identify", "userId": "ann", "traits": {"city": "Chengdu"}},
    )
    rule = {"all": [TWICE, {"any": [{"trait": {"name": "city", "op": "EQ", "value": "Chengdu"}}, {"knownFor": "P9D"}]}]}
    segment = await save(ask, rule=rule)
    await until(ask, segment)
    ann = await customer(ask, "ann")
    why = (await ask(WHY, segment=segment, customer=ann))["explainMembership"]
    assert (why["member"], why["inAudience"], why["fault"], why["pin"]) == (False, True, None, None)
    first, second = why["conditions"]
    assert (first["holds"], first["actual"]) == (False, 1)
    assert "at least 2 times" in first["sentence"]
    assert second["holds"]
    assert (second["children"][0]["holds"], second["children"][0]["actual"]) == (True, "Chengdu")
    await send(live, viewed(userId="ann"))
    await until(ask, segment, ann)
    why = (await ask(WHY, segment=segment, customer=ann))["explainMembership"]
    assert why["member"]
    assert why["conditions"][0] == {**first, "holds": True, "actual": 2}


async def test_two_that_merge_are_one_member_and_the_id_that_is_gone_leaves(live: Live, ask: Ask) -> None:
    segment = await save(ask)
    await send(live, viewed(userId="ann"), viewed(anonymousId="cookie"), viewed(anonymousId="cookie"))
    await send(live, {"type": "track", "event": "Signed In", "userId": "ann", "anonymousId": "cookie"})
    ann = await customer(ask, "ann")
    found = await until(ask, segment, ann)
    assert steps(found)[-1][0]
    # Of the messages of a merge each counts once, whoever they were of.
    asked = "query($id: ID!) { customer(id: $id) { mergedIds segments { id } } }"
    merged = (await ask(asked, id=ann))["customer"]
    assert merged["segments"] == [{"id": segment}]
    (old,) = merged["mergedIds"]
    assert (await ask(WHY, segment=segment, customer=old))["explainMembership"]["member"]


async def test_who_is_retracted_or_out_of_the_window_leaves(live: Live, ask: Ask) -> None:
    soon = timedelta(days=1) - timedelta(seconds=6)
    rule = {"did": {"event": "Product Viewed", "within": "P1D"}}
    segment = await save(ask, rule=rule)
    await send(live, viewed(soon, userId="ann"), viewed(userId="bob", messageId="m1"))
    ann, bob = await customer(ask, "ann"), await customer(ask, "bob")
    await until(ask, segment, ann, bob)
    await ask(
        "mutation($s: String!, $m: String!) { retractObservation(source: $s, messageId: $m) { stillLinked } }",
        s="default",
        m="m1",
    )
    left = await until(ask, segment, ann)
    assert steps(left)[-1] == (False, "RETRACTION")
    gone = await until(ask, segment)
    assert steps(gone)[-1] == (False, "TIME")


async def test_a_changed_rule_is_switched_at_once(live: Live, ask: Ask) -> None:
    await send(live, viewed(userId="ann"), viewed(userId="bob"), viewed(userId="bob"))
    segment = await save(ask)
    ann, bob = await customer(ask, "ann"), await customer(ask, "bob")
    await until(ask, segment, bob)
    await save(ask, rule={"not": TWICE}, id=segment)
    changed = await until(ask, segment, ann)
    assert sorted(steps(changed)[1:]) == [(False, "RULE_CHANGED"), (True, "RULE_CHANGED")]


async def test_a_pin_outranks_the_rule_until_it_is_taken_back(live: Live, ask: Ask) -> None:
    await send(live, viewed(userId="ann"), viewed(userId="bob"), viewed(userId="bob"))
    segment = await save(ask)
    ann, bob = await customer(ask, "ann"), await customer(ask, "bob")
    await until(ask, segment, bob)
    pin = """mutation($s: ID!, $c: ID!, $m: Boolean!) { pinMember(segment: $s, customer: $c, member: $m, reason: "They asked.") {
      segment { pins { customer { id } member reason actor } }
    } }"""
    await ask(pin, s=segment, c=ann, m=True)
    pinned = (await ask(pin, s=segment, c=bob, m=False))["pinMember"]["segment"]["pins"]
    by = {"reason": "They asked.", "actor": pinned[0]["actor"]}
    assert {(one["customer"]["id"], one["member"]) for one in pinned} == {(ann, True), (bob, False)}
    assert all(one | by == one for one in pinned)
    assert steps(await until(ask, segment, ann))[-1][1] == "PIN"
    why = (await ask(WHY, segment=segment, customer=bob))["explainMembership"]
    assert (why["member"], why["pin"]["member"], why["conditions"][0]["holds"]) == (False, False, True)
    for one in (ann, bob):
        await ask(
            "mutation($s: ID!, $c: ID!) { unpinMember(segment: $s, customer: $c) { segment { id } } }", s=segment, c=one
        )
    await until(ask, segment, bob)


async def test_a_follower_resumes_after_what_it_heard_last(live: Live, ask: Ask) -> None:
    segment = await save(ask)
    async with following(live) as follower:
        await follower.enter(live)
        await subscribe(follower, segment)
        await send(live, viewed(userId="ann"), viewed(userId="ann"))
        heard = await hear(follower)
    await send(live, viewed(userId="bob"), viewed(userId="bob"))
    await until(ask, segment, await customer(ask, "ann"), await customer(ask, "bob"))
    async with following(live) as follower:
        await follower.enter(live)
        await subscribe(follower, segment, heard["cursor"])
        assert (await hear(follower))["customer"]["id"] == await customer(ask, "bob")


async def test_a_follower_hears_of_its_segment_only(live: Live, ask: Ask) -> None:
    segment, other = await save(ask), await save(ask, "Once", {"did": {"event": "Product Viewed"}})
    async with following(live) as follower:
        await follower.enter(live)
        await subscribe(follower, segment)
        await send(live, viewed(userId="ann"))
        await until(ask, other, await customer(ask, "ann"))
        await send(live, viewed(userId="ann"))
        assert (await hear(follower))["segment"] == {"name": "Viewers"}


async def test_a_cursor_of_the_future_and_a_segment_that_is_none_are_refused(live: Live, ask: Ask) -> None:
    segment = await save(ask)
    async with following(live) as follower:
        await follower.enter(live)
        await subscribe(follower, "seg_none")
        assert (await follower.hear())["payload"][0]["extensions"]["code"] == "NOT_FOUND"
        await subscribe(follower, segment, "WyJtZW1iZXJzaGlwIiw5OTk5OTksInNlZ18xIl0")
        assert (await follower.hear())["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def subscribe(follower: Follower, segment: str, after: str | None = None) -> None:
    """Follow a segment, and wait until the service has taken note."""
    payload = {"query": FOLLOW, "variables": {"id": segment, "after": after}}
    await follower.say("subscribe", id="1", payload=payload)
    await asyncio.sleep(0.5)


async def hear(follower: Follower) -> dict[str, Any]:
    async with asyncio.timeout(SECONDS):
        message = await follower.hear()
    assert message["type"] == "next", message
    return message["payload"]["data"]["segmentMembership"]
