"""The change log, the feed of it, and time travel."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from identity_graph.domain.customers import ChangeKind
from identity_graph.domain.instants import format_instant
from identity_graph.service.change_log import Bell, ChangeFilter, follow_changes, read_changes, read_sides
from identity_graph.service.history import find_owners_at, read_identifiers_at
from identity_graph.service.reads import Reads
from identity_graph.store.graph import Graph
from tests.live import Live
from tests.service.test_revisions import Step, World, living
from tests.service.worlds import other_rules

Ask = Callable[..., Awaitable[Any]]
SEE = """mutation($id: String!, $at: DateTime!, $ids: [IdentifierInput!]!) {
  observe(input: {source: "web", messageId: $id, occurredAt: $at, identifiers: $ids}) { customer { id createdAt } } }"""
CHANGES = """query($first: Int, $after: String, $kinds: [ChangeKind!], $id: ID, $order: ChangeOrder, $since: DateTime) {
  changes(first: $first, after: $after, kinds: $kinds, customerId: $id, order: $order, since: $since) {
    edges { node { id kind at ruleVersion trigger { kind id } customers { id } cursor
      before { customerId identifiers { key } } after { customerId identifiers { key } } } }
    pageInfo { hasNextPage endCursor } } }"""


async def see(ask: Ask, number: int, *keys: str) -> str:
    ids = [dict(zip(("namespace", "value"), key.split(":", 1), strict=True)) for key in keys]
    answer = await ask(SEE, id=f"m{number}", at=f"2026-01-01T00:00:{number:02}Z", ids=ids)
    return answer["observe"]["customer"]["id"]


def sides(found: list[dict[str, Any]]) -> dict[str, set[str]]:
    return {side["customerId"]: {one["key"] for one in side["identifiers"]} for side in found}


async def nodes(ask: Ask, **arguments: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await ask(CHANGES, **arguments))["changes"]["edges"]]


async def test_a_merge_tells_who_was_whose_before_and_after(ask: Ask) -> None:
    ann, card = await see(ask, 1, "user_id:ann"), await see(ask, 2, "loyalty_id:7")
    await see(ask, 3, "user_id:ann", "loyalty_id:7")
    (change,) = await nodes(ask)
    assert (change["kind"], change["ruleVersion"], change["trigger"]["kind"]) == ("MERGED", 1, "OBSERVATION")
    assert change["customers"] == [{"id": ann}]
    assert sides(change["before"]) == {ann: {"user_id:ann"}, card: {"loyalty_id:7"}}
    assert sides(change["after"]) == {ann: {"user_id:ann", "loyalty_id:7"}, card: set()}
    event = await ask("query($id: ID!) { node(id: $id) { ... on Touchpoint { source } } }", id=change["trigger"]["id"])
    assert event == {"node": {"source": "web"}}
    again = await ask("query($id: ID!) { node(id: $id) { ... on Change { kind cursor } } }", id=change["id"])
    assert again == {"node": {"kind": "MERGED", "cursor": change["cursor"]}}


async def test_the_log_is_read_page_by_page_in_either_order(ask: Ask) -> None:
    ids = [await see(ask, number, f"loyalty_id:c{number}") for number in range(6)]
    await see(ask, 10, "loyalty_id:c0", "user_id:ann", "loyalty_id:c1")
    await see(ask, 11, "loyalty_id:c2", "user_id:bob", "loyalty_id:c3")
    await see(ask, 12, "user_id:ann", "device_id:t")
    await see(ask, 13, "user_id:bob", "device_id:t")
    kinds = ["MERGED", "MERGED", "IDENTIFIER_MOVED"]
    found = await nodes(ask)
    assert [change["kind"] for change in found] == kinds
    assert [c["id"] for c in await nodes(ask, order="NEWEST_FIRST")] == [c["id"] for c in reversed(found)]
    first = (await ask(CHANGES, first=2))["changes"]
    assert first["pageInfo"]["hasNextPage"]
    assert [c["id"] for c in await nodes(ask, after=first["pageInfo"]["endCursor"])] == [found[2]["id"]]
    assert await nodes(ask, after=found[2]["cursor"]) == []
    assert [c["id"] for c in await nodes(ask, after=found[2]["cursor"], order="NEWEST_FIRST")] == [
        found[1]["id"],
        found[0]["id"],
    ]
    assert [c["kind"] for c in await nodes(ask, kinds=["IDENTIFIER_MOVED"])] == ["IDENTIFIER_MOVED"]
    assert [c["id"] for c in await nodes(ask, since=found[1]["at"])] == [found[1]["id"], found[2]["id"]]
    assert [c["id"] for c in await nodes(ask, id=ids[3])] == [found[1]["id"]], "what ended it"
    history = "query($id: ID!) { customer(id: $id) { id history { edges { node { id } } } } }"
    of_bob = (await ask(history, id=ids[3]))["customer"]
    assert of_bob["id"] == ids[2]
    assert [edge["node"]["id"] for edge in of_bob["history"]["edges"]] == [found[2]["id"], found[1]["id"]]
    assert [c["id"] for c in await nodes(ask, id=ids[2])] == [found[1]["id"], found[2]["id"]]
    (error,) = await ask(CHANGES, after="nonsense", fails=True)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_customer_is_found_as_it_was(ask: Ask) -> None:
    ann = await see(ask, 1, "user_id:ann")
    card = await see(ask, 2, "loyalty_id:7")
    await see(ask, 3, "user_id:ann", "loyalty_id:7")
    (change,) = await nodes(ask)
    before = (await ask("query($id: ID!) { customer(id: $id) { createdAt } }", id=card))["customer"]["createdAt"]
    then = (await ask("query { changes { edges { node { at } } } }"))["changes"]["edges"][0]["node"]["at"]
    query = """query($id: ID!, $at: DateTime) {
      customer(id: $id, asOf: $at) { id identifiers { key customer { id } } }
      lookup(value: "7", asOf: $at) { identifier { key } customer { id } } }"""
    now = await ask(query, id=card, at=then)
    assert now["customer"]["id"] == ann
    assert len(now["customer"]["identifiers"]) == 2
    created = (await ask('{ lookup(value: "7") { customer { createdAt } } }'))["lookup"][0]["customer"]["createdAt"]
    assert created == before, "the survivor is the older one"
    assert (await ask(query, id=card, at="2020-01-01T00:00:00Z")) == {"customer": None, "lookup": []}
    (error,) = await ask(
        "query($id: ID!, $at: DateTime) { customer(id: $id, asOf: $at) { id journey { edges { cursor } } } }",
        id=card,
        at=change["at"],
        fails=True,
    )
    assert error["extensions"] == {"code": "AS_OF_UNSUPPORTED", "field": "journey"}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rules=other_rules, steps=living)
async def test_the_log_replays_to_the_membership_and_every_moment_is_remembered(
    graph: Graph, rules: Any, steps: list[Step]
) -> None:
    world = World(graph, rules)
    await world.open()
    for step in steps:
        await world.run(step)
    await world.run(("finish", None))
    reads = Reads(graph)
    for at, membership in world.facts.membership:
        keys = sorted({key for _, known in world.facts.membership for key in known})
        owners = dict(zip(keys, await find_owners_at(reads, keys, at), strict=True))
        assert {key: id for key, id in owners.items() if id is not None} == membership
        ids = sorted(set(membership.values()))
        rows = await read_identifiers_at(reads, ids, at)
        assert {row.key: id for id, own in zip(ids, rows, strict=True) for row in own} == membership
    assert await replay(graph, reads) == world.facts.membership[-1][1]


async def replay(graph: Graph, reads: Reads) -> dict[str, str]:
    """Play the log on top of the first customer of every identifier, each time that it came to be one."""
    firsts = await graph.run(
        "MATCH (i)-[r:BELONGED_TO|BELONGS_TO]->(c:Customer) WHERE i:Identifier OR i:FormerIdentifier "
        "WITH i, c, r ORDER BY r.since WITH i, collect([c.id, toString(r.since)])[0] AS first "
        "RETURN i.key AS key, first[0] AS customer, first[1] AS since ORDER BY since"
    )
    page = await read_changes(reads, ChangeFilter(), first=100_000, after=None, newest_first=False)
    changes = sorted(page.items, key=lambda change: change.position)
    assert [change.position for change in changes] == list(range(1, len(changes) + 1))
    moments: list[tuple[Any, int, Any]] = [(row["since"], 1, row) for row in firsts]
    for change, both in zip(changes, await read_sides(reads, [c.id for c in changes]), strict=True):
        moments.append((format_instant(change.at), 0, both))
    membership: dict[str, str] = {}
    for _, _, what in sorted(moments, key=lambda moment: (_micros(moment[0]), moment[1])):
        if isinstance(what, dict):
            membership.setdefault(what["key"], what["customer"])
            continue
        for id, rows in what.before.items():
            for row in rows:
                if membership.get(row.key) == id:
                    del membership[row.key]
        membership.update({row.key: id for id, rows in what.after.items() for row in rows})
    return membership


def _micros(text: str) -> str:
    """Bring two spellings of a moment to one that sorts."""
    head, _, tail = text.rstrip("Z").partition(".")
    return f"{head}.{tail:0<6}" if head.count(":") == 2 else f"{head}:00.000000"


async def subscribe(live: Live, query: str, **variables: Any) -> ClientConnection:
    socket = await connect(f"ws://{live.host}/graphql", subprotocols=["graphql-transport-ws"])  # type: ignore[list-item]
    await socket.send(orjson.dumps({"type": "connection_init", "payload": {"adminKey": live.admin_key}}).decode())
    assert orjson.loads(await socket.recv()) == {"type": "connection_ack"}
    payload = {"query": query, "variables": variables}
    await socket.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": payload}).decode())
    return socket


async def next_of(socket: ClientConnection) -> dict[str, Any]:
    message = orjson.loads(await asyncio.wait_for(socket.recv(), 10))
    assert message["type"] == "next", message
    assert "errors" not in message["payload"], message
    return message["payload"]["data"]


FOLLOW = """subscription($kinds: [ChangeKind!], $after: String) {
  changes(kinds: $kinds, after: $after) { kind cursor after { customerId identifiers { key } } } }"""


async def merge(live: Live, number: int) -> None:
    import httpx

    async with httpx.AsyncClient(base_url=live.url, headers={"X-Write-Key": live.write_key}) as client:
        for step, body in enumerate(
            (
                {"userId": f"u{number}"},
                {"anonymousId": f"c{number}"},
                {"userId": f"u{number}", "anonymousId": f"c{number}"},
            )
        ):
            message = {"event": "x", "messageId": f"{number}-{step}", **body}
            assert (await client.post("/v1/track", json=message)).status_code == 200


async def test_a_follower_is_told_what_happens_and_goes_on_where_it_was(live: Live) -> None:
    socket = await subscribe(live, FOLLOW)
    await asyncio.sleep(0.3)
    await merge(live, 1)
    first = (await next_of(socket))["changes"]
    assert first["kind"] == "MERGED"
    assert {one["key"] for side in first["after"] for one in side["identifiers"]} == {"user_id:u1", "anonymous_id:c1"}
    await socket.close()
    await merge(live, 2)
    await merge(live, 3)
    socket = await subscribe(live, FOLLOW, after=first["cursor"])
    found = [(await next_of(socket))["changes"]["after"] for _ in range(2)]
    assert [{one["key"] for side in after for one in side["identifiers"]} for after in found] == [
        {"user_id:u2", "anonymous_id:c2"},
        {"user_id:u3", "anonymous_id:c3"},
    ]
    await socket.close()


async def test_strangers_and_broken_subscriptions_are_turned_away(live: Live) -> None:
    async with connect(f"ws://{live.host}/graphql", subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        await socket.send('{"type": "connection_init", "payload": {"adminKey": "wrong"}}')
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4403
    socket = await subscribe(live, 'subscription { changes(after: "nonsense") { kind } }')
    message = orjson.loads(await asyncio.wait_for(socket.recv(), 10))
    (error,) = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    await socket.close()
    socket = await subscribe(live, "subscription { nothing }")
    assert orjson.loads(await asyncio.wait_for(socket.recv(), 10))["type"] == "error"
    await socket.close()


async def test_what_another_process_commits_is_found_by_looking(graph: Graph, live: Live) -> None:
    log = follow_changes(graph, Bell(), after=0, kinds=(ChangeKind.MERGED.value,))
    await merge(live, 1)
    assert (await asyncio.wait_for(anext(log), 10)).kind == "MERGED"
    waiting = asyncio.ensure_future(anext(log))
    await asyncio.sleep(0.1)
    await merge(live, 2)
    assert (await asyncio.wait_for(waiting, 10)).position == 2
    await log.aclose()
