"""Following the change log over a WebSocket: the protocol, and that nothing is missed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from api.graphql.transport import sockets
from identity_graph.domain.access.keys import Refusal
from identity_graph.domain.access.principals import ALL_SCOPES, Principal, Scope
from identity_graph.service.changes.feed import PAGE
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.api.graphql.changes.following import CHANGES, PROTOCOL, following
from tests.live import Live, serve

Observe = Callable[..., Awaitable[None]]
pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def observe(live: Live) -> Observe:
    """Give a function that reports identifiers that were seen together, to the live service or to another one."""
    count = 0

    async def observe(*keys: str, at: Live = live) -> None:
        nonlocal count
        count += 1
        identifiers = [dict(zip(("namespace", "value"), key.split(":"), strict=True)) for key in keys]
        variables = {"input": {"source": "test", "messageId": f"m{count}", "identifiers": identifiers}}
        async with clients.AsyncClient(base_url=at.url, headers={"Authorization": f"Bearer {at.admin_key}"}) as client:
            query = "mutation($input: ObservationInput!) { observe(input: $input) { duplicate } }"
            response = await client.post("/graphql", json={"query": query, "variables": variables}, timeout=30)
            assert response.json() == {"data": {"observe": {"duplicate": False}}}

    return observe


async def merge(observe: Observe, number: int, **options: Any) -> None:
    """Make two customers and let them turn out to be one: one change."""
    await observe(f"email:a{number}@example.com", **options)
    await observe(f"email:b{number}@example.com", **options)
    await observe(f"email:a{number}@example.com", f"email:b{number}@example.com", **options)


async def test_a_change_arrives_as_it_happens(live: Live, observe: Observe) -> None:
    await merge(observe, 0)
    async with following(live) as follower:
        await follower.enter(live)
        document = """subscription { changes {
          kind trigger { kind } customers { identifiers { key } }
          before { identifiers { key } } after { customerId identifiers { key } }
        } }"""
        await follower.subscribe(document)
        await until_followed(live)
        await merge(observe, 1)
        change = await follower.next()
    both = [{"key": "email:a1@example.com"}, {"key": "email:b1@example.com"}]
    assert change["kind"] == "MERGED"
    assert change["trigger"] == {"kind": "OBSERVATION"}
    assert change["customers"] == [{"identifiers": both}]
    assert sorted(side["identifiers"][0]["key"] for side in change["before"]) == [one["key"] for one in both]
    assert sorted(len(side["identifiers"]) for side in change["after"]) == [0, 2]


async def test_after_a_cursor_everything_follows_once_and_in_order(live: Live, observe: Observe) -> None:
    for number in range(3):
        await merge(observe, number)
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe(after=await start_of_the_log(live))
        seen = [await follower.next() for _ in range(3)]
    await merge(observe, 3)
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe(after=seen[1]["cursor"])
        assert await follower.next() == seen[2]
        seen.append(await follower.next())
        await merge(observe, 4)
        seen.append(await follower.next())
    log = await read_log(live)
    assert [change["id"] for change in seen] == [change["id"] for change in log]
    assert [change["cursor"] for change in seen] == [change["cursor"] for change in log]


async def test_more_than_a_page_follows_without_gaps(live: Live, graph: Graph) -> None:
    await graph.run(
        "MERGE (s:Sequence {name: 'changes'}) SET s.last = $count WITH s UNWIND range(1, $count) AS n "
        "CREATE (:Change {id: 'chg_' + n, position: n, kind: 'SPLIT', at: datetime(), rule_version: 1, "
        "trigger_kind: 'OBSERVATION'})",
        count=2 * PAGE + 1,
    )
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe(after=await start_of_the_log(live))
        seen = [(await follower.next())["id"] for _ in range(2 * PAGE + 1)]
    assert seen == [f"chg_{n}" for n in range(1, 2 * PAGE + 2)]


async def test_who_is_refused_is_held_on_to_no_longer(live: Live) -> None:
    for _ in range(5):
        async with following(live) as follower:
            await follower.say("connection_init", payload={"accessKey": "guessed"})
            assert await follower.end() == sockets.FORBIDDEN
    async with asyncio.timeout(5):
        while live.app.state.sockets._open:  # noqa: ASYNC110 - the service does it
            await asyncio.sleep(0.05)


async def test_only_the_wanted_kinds_follow(live: Live, observe: Observe) -> None:
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe(kinds=["SPLIT"])
        await until_followed(live)
        await merge(observe, 1)
        await observe("user_id:1", "device_id:1")
        await observe("user_id:2", "device_id:1")
        change = await follower.next()
    assert change["kind"] == "SPLIT"
    assert [change["kind"] for change in await read_log(live)] == ["MERGED", "SPLIT"]


async def test_what_another_process_writes_arrives_too(live: Live, observe: Observe, other: Live) -> None:
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe()
        await until_followed(live)
        await merge(observe, 1, at=other)
        assert (await follower.next())["kind"] == "MERGED"


async def test_a_service_that_ends_takes_leave_and_another_one_goes_on(
    live: Live, observe: Observe, settings: Settings
) -> None:
    await merge(observe, 1)
    keys = {"admin_key": SecretStr(live.admin_key), "write_key": SecretStr(live.write_key)}
    with serve(settings.model_copy(update=keys)) as ending:
        async with following(ending) as follower:
            await follower.enter(ending)
            await follower.subscribe(after=await start_of_the_log(ending))
            seen = await follower.next()
            ending.stop()
            assert await follower.end() == 1001
    await merge(observe, 2)
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe(after=seen["cursor"])
        assert (await follower.next())["id"] == (await read_log(live))[1]["id"]


async def test_several_subscriptions_share_a_socket_and_end_one_by_one(live: Live, observe: Observe) -> None:
    async with following(live) as follower:
        await follower.enter(live)
        after = await start_of_the_log(live)
        await follower.subscribe(id="a", after=after)
        await follower.subscribe(id="b", after=after)
        await merge(observe, 1)
        heard = [await follower.hear() for _ in range(2)]
        assert {message["id"] for message in heard} == {"a", "b"}
        await follower.say("complete", id="a")
        await follower.subscribe(id="a", after=heard[0]["payload"]["data"]["changes"]["cursor"])
        await follower.say("complete", id="b")
        await follower.say("complete", id="never begun")
        await merge(observe, 2)
        assert (await follower.next("a"))["kind"] == "MERGED"
        await follower.say("ping")
        assert await follower.hear() == {"type": "pong"}


async def test_signs_of_life_are_answered_with_their_payload(live: Live) -> None:
    async with following(live) as follower:
        await follower.say("ping", payload={"n": 1})
        assert await follower.hear() == {"type": "pong"}  # nothing comes back to somebody who did not say who it is
        await follower.say("pong")
        await follower.enter(live)
        await follower.say("ping", payload={"n": 1})
        assert await follower.hear() == {"type": "pong", "payload": {"n": 1}}
        await follower.say("ping", payload={"n": "x" * 2000})
        assert await follower.hear() == {"type": "pong"}


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        ("{ rules { version } }", {}, "BAD_USER_INPUT"),
        ("mutation { retryDeadLetters { retried } }", {}, "BAD_USER_INPUT"),
        ("subscription {", {}, "GRAPHQL_PARSE_FAILED"),
        ("subscription { nonsense }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription A { changes { id } } subscription B { changes { id } }", {}, "BAD_USER_INPUT"),
        (CHANGES, {"kinds": ["GUESSED"]}, "BAD_USER_INPUT"),
        (CHANGES, {"after": "nonsense"}, "BAD_USER_INPUT"),
        (
            "subscription { changes { " + "customers { history { edges { node { " * 6 + "id" + " } } } }" * 6 + " } }",
            {},
            "QUERY_TOO_LARGE",
        ),
    ],
)
async def test_what_cannot_be_followed_is_an_error_and_the_socket_stays(
    live: Live, document: str, variables: dict[str, Any], code: str
) -> None:
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe(document, **variables)
        message = await follower.hear()
        assert (message["type"], message["id"]) == ("error", "1")
        assert [error["extensions"]["code"] for error in message["payload"]] == [code]
        await follower.say("ping")
        assert await follower.hear() == {"type": "pong"}
        await follower.subscribe(after=await start_of_the_log(live))


async def test_a_cursor_of_another_database_is_refused(live: Live, observe: Observe, graph: Graph) -> None:
    await merge(observe, 1)
    (change,) = await read_log(live)
    await graph.run("MATCH (c:Change) SET c.id = 'chg_other'")
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe(after=change["cursor"])
        assert (await follower.hear())["payload"][0]["extensions"] == {
            "code": "BAD_USER_INPUT",
            "changeId": change["id"],
        }


async def test_one_socket_does_not_carry_any_number(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "MAX_SUBSCRIPTIONS", 1)
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe(id="a")
        await follower.subscribe(id="b")
        message = await follower.hear()
        assert (message["type"], message["id"]) == ("error", "b")
        assert message["payload"][0]["extensions"] == {"code": "QUERY_TOO_LARGE", "maximum": 1}


@pytest.mark.parametrize("by", ["header of the handshake", "adminKey", "Authorization", "authorization"])
async def test_the_admin_key_may_come_in_several_ways(live: Live, by: str) -> None:
    header = {"Authorization": f"Bearer {live.admin_key}"} if by.startswith("header") else None
    payload = {"adminKey": live.admin_key, "header of the handshake": 1}.get(by, f"Bearer {live.admin_key}")
    async with following(live, headers=header) as follower:
        await follower.say("connection_init", payload={by: payload})
        assert await follower.hear() == {"type": "connection_ack"}


@pytest.mark.parametrize(
    "payload",
    [{}, None, {"adminKey": "wrong"}, {"adminKey": 7}, {"Authorization": "the-key"}, {"Authorization": "Bearer wrong"}],
)
async def test_without_the_admin_key_a_socket_is_closed(live: Live, payload: Any) -> None:
    async with following(live) as follower:
        await follower.say("connection_init", payload=payload)
        assert await follower.end() == 4403


async def test_the_write_key_follows_nothing(live: Live) -> None:
    async with following(live) as follower:
        await follower.say("connection_init", payload={"adminKey": live.write_key})
        assert await follower.end() == 4403


async def test_who_follows_with_a_key_that_is_revoked_is_parted_from(
    live: Live, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "KEY_CHECK_SECONDS", 0.05)

    async def identify(_keys: object, key: str) -> Principal | Refusal:
        return next(answers, Refusal.REVOKED)

    answers = iter([Principal("ann", "key", ALL_SCOPES)] * 3)
    monkeypatch.setattr("identity_graph.service.access.keys.AccessKeys.identify", identify)
    async with following(live) as follower:
        await follower.say("connection_init", payload={"adminKey": "soon revoked"})
        assert await follower.hear() == {"type": "connection_ack"}
        assert await follower.end() == 4403


async def test_who_follows_with_a_key_that_has_other_scopes_by_now_is_parted_from(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "KEY_CHECK_SECONDS", 0.05)

    async def identify(_keys: object, key: str) -> Principal | Refusal:
        return next(answers, Principal("ann", "token", frozenset({Scope.READ})))

    answers = iter([Principal("ann", "token", ALL_SCOPES)] * 2)
    monkeypatch.setattr("identity_graph.service.access.keys.AccessKeys.identify", identify)
    async with following(live) as follower:
        await follower.say("connection_init", payload={"accessKey": "soon narrower"})
        assert await follower.hear() == {"type": "connection_ack"}
        assert await follower.end() == 4403


async def test_who_does_not_say_who_it_is_is_closed(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "INIT_SECONDS", 0.05)
    async with following(live) as follower:
        assert await follower.end() == 4408


async def test_saying_it_twice_is_closed(live: Live) -> None:
    async with following(live) as follower:
        await follower.enter(live)
        await follower.say("connection_init")
        assert await follower.end() == 4429


async def test_subscribing_before_that_is_closed(live: Live) -> None:
    async with following(live) as follower:
        await follower.subscribe()
        assert await follower.end() == 4401


async def test_an_id_that_is_in_use_is_closed(live: Live) -> None:
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe()
        await follower.subscribe()
        assert await follower.end() == 4409


@pytest.mark.parametrize("protocol", [None, "graphql-ws"])
async def test_other_sub_protocols_are_closed(live: Live, protocol: str | None) -> None:
    async with following(live, protocol) as follower:
        assert await follower.end() == 4406


@pytest.mark.parametrize(
    "message",
    [
        "nonsense",
        b"{}",
        "[]",
        "7",
        "{}",
        '{"type": "start"}',
        '{"type": "connection_init", "payload": "key"}',
        '{"type": "ping", "payload": []}',
        '{"type": "complete"}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}',
        '{"type": "subscribe", "id": 7, "payload": {"query": "{ a }"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 7}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": []}}',
    ],
)
async def test_what_is_no_message_is_closed(live: Live, message: str | bytes) -> None:
    async with following(live) as follower:
        await follower.enter(live)
        await follower.socket.send(message)
        assert await follower.end() == 4400


async def test_nobody_is_followed_once_all_have_left(live: Live) -> None:
    feed = live.app.state.service.units.feed
    async with following(live) as follower:
        await follower.enter(live)
        await follower.subscribe()
        await until_followed(live)
    for _ in range(100):
        if not feed.is_followed:
            break
        await asyncio.sleep(0.05)
    assert not feed.is_followed
    assert PROTOCOL == "graphql-transport-ws"


async def until_followed(live: Live) -> None:
    """Wait until a subscription without a cursor has begun: what happens before is not its matter."""
    for _ in range(200):
        if live.app.state.service.units.feed.is_followed:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("Nobody follows.")


async def ask(live: Live, query: str) -> Any:
    async with clients.AsyncClient(base_url=live.url, headers={"Authorization": f"Bearer {live.admin_key}"}) as client:
        return (await client.post("/graphql", json={"query": query}, timeout=30)).json()["data"]


async def start_of_the_log(live: Live) -> str:
    """Give the cursor in front of all changes."""
    return (await ask(live, '{ changes(since: "9999-01-01T00:00:00Z") { pageInfo { endCursor } } }'))["changes"][
        "pageInfo"
    ]["endCursor"]


async def read_log(live: Live) -> list[dict[str, str]]:
    edges = (await ask(live, "{ changes(first: 100) { edges { node { id kind cursor } } } }"))["changes"]["edges"]
    return [edge["node"] for edge in edges]


@pytest.fixture
def other(live: Live, settings: Settings) -> Any:
    keys = {"admin_key": SecretStr(live.admin_key), "write_key": SecretStr(live.write_key)}
    with serve(settings.model_copy(update=keys)) as other:
        yield other
