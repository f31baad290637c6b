"""The change log, the feed of it, and time travel."""

from collections.abc import Awaitable, Callable
from typing import Any

from identity_graph.store.driver.graph import Graph

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


async def test_a_reader_who_keeps_the_end_cursor_is_never_lost(ask: Ask) -> None:
    async def read_on(after: str | None) -> tuple[list[str], str]:
        page = (await ask(CHANGES, after=after))["changes"]
        return [edge["node"]["kind"] for edge in page["edges"]], page["pageInfo"]["endCursor"]

    kinds, cursor = await read_on(None)
    assert kinds == []
    assert await read_on(cursor) == ([], cursor)
    assert (await ask(CHANGES, order="NEWEST_FIRST"))["changes"]["pageInfo"]["endCursor"] == cursor
    for number, keys in enumerate((["user_id:ann"], ["loyalty_id:7"], ["user_id:ann", "loyalty_id:7"])):
        await see(ask, number, *keys)
    kinds, cursor = await read_on(cursor)
    assert kinds == ["MERGED"]
    assert await read_on(cursor) == ([], cursor)


async def test_a_cursor_of_another_database_is_refused(ask: Ask, graph: Graph) -> None:
    for number, keys in enumerate((["user_id:ann"], ["loyalty_id:7"], ["user_id:ann", "loyalty_id:7"])):
        await see(ask, number, *keys)
    (change,) = await nodes(ask)
    await graph.run("MATCH (c:Change) SET c.position = c.position + 1000")
    (error,) = await ask(CHANGES, fails=True, after=change["cursor"])
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "changeId": change["id"]}
