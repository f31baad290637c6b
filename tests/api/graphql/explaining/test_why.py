"""Why two identifiers are one customer's, or why not, asked over GraphQL."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from identity_graph.domain.collecting.protocols import Protocol
from identity_graph.domain.identity.judgements import Verdict
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from identity_graph.service.corrections.judging import Statement, judge, unlink
from identity_graph.store.driver.graph import Graph
from tests.api.graphql.base.test_round_trips import queries

__all__ = ["queries"]

Ask = Callable[..., Awaitable[Any]]

LINK = """{ a { key } b { key } count sources refused bridge firstSeenAt lastSeenAt
           exampleEvent { name occurredAt } judgement { id verdict reason actor at } }"""
WHY = f"""query($a: IdentifierInput!, $b: IdentifierInput!) {{ why(a: $a, b: $b) {{
  linked text path {LINK} bridges {{ a {{ key }} b {{ key }} }}
  blockedBy {{ code message at ruleVersion observationId a {{ key value label customer {{ id }} }} b {{ key }} }}
}} }}"""
OBSERVE = """mutation($input: ObservationInput!) { observe(input: $input) { customer { id } } }"""

ANN, BOB, TABLET = "user_id:ann", "user_id:bob", "device_id:T"


@pytest.fixture
def observe(ask: Ask) -> Callable[..., Awaitable[None]]:
    """Give a function that reports identifiers seen together on a day of January 2026."""
    numbers = iter(range(1000))

    async def observe(day: int, *keys: str) -> None:
        identifiers = [dict(zip(("namespace", "value"), key.split(":", 1), strict=True)) for key in keys]
        await ask(
            OBSERVE,
            input={
                "source": "shop",
                "messageId": f"m{next(numbers)}",
                "name": f"Day {day}",
                "occurredAt": f"2026-01-{day:02}T12:00:00Z",
                "identifiers": identifiers,
            },
        )

    return observe


Observe = Callable[..., Awaitable[None]]


def end(key: str) -> dict[str, str]:
    namespace, _, value = key.partition(":")
    return {"namespace": namespace, "value": value}


async def why(ask: Ask, a: str, b: str) -> Any:
    return (await ask(WHY, a=end(a), b=end(b)))["why"]


def pairs(links: list[Any]) -> list[tuple[str, str]]:
    return [(link["a"]["key"], link["b"]["key"]) for link in links]


def said(service: Service, at: int) -> Statement:
    return Statement(reason="They share a flat", actor="mia", regime=service.units.in_force.at(at))


async def test_a_link_explains_its_two_ends(ask: Ask, observe: Observe) -> None:
    await observe(3, ANN, "phone:138-0013-8000")
    await observe(9, ANN, "phone:138-0013-8000", "email:ann@example.com")
    found = await why(ask, "phone:0086 138 0013 8000", ANN)
    assert found["linked"] is True
    assert (found["bridges"], found["blockedBy"]) == ([], [])
    (link,) = found["path"]
    assert link == {
        "a": {"key": "phone:+8613800138000"},
        "b": {"key": ANN},
        "count": 2,
        "sources": ["shop"],
        "refused": None,
        "bridge": False,
        "firstSeenAt": "2026-01-03T12:00:00Z",
        "lastSeenAt": "2026-01-09T12:00:00Z",
        "exampleEvent": {"name": "Day 9", "occurredAt": "2026-01-09T12:00:00Z"},
        "judgement": None,
    }
    assert found["text"] == (
        "phone +8613800138000 and user_id ann belong to the same customer: they were seen together 2 times, from "
        "2026-01-03 to 2026-01-09. Removing any one link would not separate them."
    )


async def test_of_ways_that_are_equally_long_the_strongest_and_newest_is_shown(ask: Ask, observe: Observe) -> None:
    for day, middle in ((1, "device_id:D"), (2, "anonymous_id:c"), (3, "device_id:E")):
        await observe(day, ANN, middle)
        await observe(day, middle, "phone:+8613800138000")
    found = await why(ask, ANN, "phone:+8613800138000")
    assert pairs(found["path"]) == [("device_id:E", ANN), ("device_id:E", "phone:+8613800138000")]


async def test_a_bridge_is_named(ask: Ask, observe: Observe) -> None:
    await observe(1, ANN, "email:ann@example.com", "phone:+8613800138000")
    await observe(2, "phone:+8613800138000", "anonymous_id:c1")
    found = await why(ask, "anonymous_id:c1", ANN)
    assert pairs(found["path"]) == [("anonymous_id:c1", "phone:+8613800138000"), ("phone:+8613800138000", ANN)]
    assert pairs(found["bridges"]) == [("anonymous_id:c1", "phone:+8613800138000")]
    assert [link["bridge"] for link in found["path"]] == [True, False]
    assert found["text"] == (
        "anonymous_id c1 and user_id ann belong to the same customer through 2 links: anonymous_id c1 and phone "
        "+8613800138000 (seen together once, on 2026-01-02), phone +8613800138000 and user_id ann (seen together once, on "
        "2026-01-01). Without the link between anonymous_id c1 and phone +8613800138000, they would be two customers."
    )


async def test_a_refusal_is_explained_with_its_rule_and_its_numbers(ask: Ask, observe: Observe) -> None:
    await observe(1, ANN, TABLET)
    await observe(2, BOB, TABLET)
    found = await why(ask, ANN, BOB)
    assert (found["linked"], found["bridges"]) == (False, [])
    assert [(pair, link["refused"]) for pair, link in zip(pairs(found["path"]), found["path"], strict=True)] == [
        ((TABLET, ANN), "limit_exceeded"),
        ((TABLET, BOB), None),
    ]
    (violation,) = found["blockedBy"]
    assert violation["code"] == "limit_exceeded"
    assert (violation["a"]["key"], violation["b"]["key"], violation["ruleVersion"]) == (TABLET, ANN, 1)
    assert violation["message"] == (
        "device_id T and user_id ann were seen together once, on 2026-01-01, but together they would have 2 user_id "
        "(ann, bob); the limit is 1."
    )
    assert found["text"] == (
        "user_id ann and user_id bob belong to different customers. They meet through device_id T, but together they would "
        "have 2 user_id (ann, bob); the limit is 1."
    )


async def test_a_quarantined_identifier_between_two_is_named_once(ask: Ask, observe: Observe) -> None:
    for number in range(13):
        await observe(1, TABLET, f"user_id:u{number}")
    found = await why(ask, "user_id:u1", "user_id:u2")
    assert [link["refused"] for link in found["path"]] == ["quarantined", "quarantined"]
    assert [(item["code"], item["a"]["key"], item["b"]) for item in found["blockedBy"]][:1] == [
        ("quarantined", TABLET, None)
    ]
    assert "device_id T was seen with 13 user_id, more than 12" in found["text"]
    assert "together they would have 2 user_id (u1, u2); the limit is 1" in found["text"]


async def test_what_nothing_connects_is_said_to_be_unconnected(ask: Ask, observe: Observe) -> None:
    await observe(1, ANN)
    await observe(1, BOB)
    found = await why(ask, ANN, BOB)
    assert (found["linked"], found["path"], found["blockedBy"]) == (False, [], [])
    assert found["text"] == (
        "user_id ann and user_id bob belong to different customers. Nothing that counts connects them."
    )


async def test_a_value_that_is_no_identifier_has_no_customer(ask: Ask, observe: Observe) -> None:
    await observe(4, ANN, "phone:null")
    errors = await ask(WHY, fails=True, a=end("phone:NULL"), b=end(ANN))
    assert errors[0]["extensions"]["code"] == "NOT_FOUND"
    assert errors[0]["path"] == ["why", "blockedBy", 0, "a", "customer"]


async def test_a_value_that_is_no_identifier_is_explained_with_its_event(ask: Ask, observe: Observe) -> None:
    await observe(4, ANN, "phone:null")
    query = WHY.replace("customer { id }", "firstSeenAt")
    for key, code, value in (
        ("phone:NULL", "blocked", "NULL"),
        ("phone:12", "invalid", "12"),
        ("shoe_size:42", "undeclared", "42"),
    ):
        found = (await ask(query, a=end(ANN), b=end(key)))["why"]
        (violation,) = found["blockedBy"]
        assert (violation["code"], violation["a"]["value"], violation["b"]) == (code, value, None)
        assert (violation["observationId"] is not None) == (code == "blocked")
        assert found["text"] == violation["message"]
        if code == "blocked":
            assert (violation["at"], violation["a"]["firstSeenAt"]) == ("2026-01-04T12:00:00Z", "2026-01-04T12:00:00Z")


async def test_an_unknown_identifier_is_an_error_with_its_facts(ask: Ask, observe: Observe) -> None:
    await observe(1, ANN)
    (error,) = await ask(WHY, fails=True, a=end(ANN), b=end("user_id:nobody"))
    assert error["extensions"] == {"code": "NOT_FOUND", "namespace": "user_id", "value": "nobody"}


async def test_an_identifier_and_itself_is_bad_input(ask: Ask, observe: Observe) -> None:
    await observe(1, ANN, "phone:+8613800138000")
    (error,) = await ask(WHY, fails=True, a=end("phone:13800138000"), b=end("phone:+86 138 0013 8000"))
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "key": "phone:+8613800138000"}
    (error,) = await ask(WHY, fails=True, a=end("phone:null"), b=end("phone: null "))
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_judgement_is_part_of_the_path(ask: Ask, observe: Observe, service: Service, graph: Graph) -> None:
    await observe(1, ANN, TABLET)
    await observe(2, BOB)
    at = 1_769_000_000_000_000
    id = await graph.write(lambda tx: judge(tx, Verdict.SAME, (ANN, BOB), said(service, at)))
    found = await why(ask, TABLET, BOB)
    assert pairs(found["path"]) == [(TABLET, ANN), (ANN, BOB)]
    judged = found["path"][1]
    assert (judged["count"], judged["sources"], judged["exampleEvent"], judged["bridge"]) == (0, [], None, True)
    assert judged["judgement"] == {
        "id": id,
        "verdict": "same",
        "reason": "They share a flat",
        "actor": "mia",
        "at": "2026-01-21T12:53:20Z",
    }
    assert pairs(found["bridges"]) == [(TABLET, ANN), (ANN, BOB)]
    assert "user_id ann and user_id bob (judged to be the same person by mia on 2026-01-21)" in found["text"]
    graph_of = '{ customer(by: {namespace: "user_id", value: "ann"}) { identityGraph { links { a { key } b { key } count bridge judgement { id } } } how { order tier reason link { a { key } b { key } bridge } } } }'
    customer = (await ask(graph_of))["customer"]
    assert [(link["count"], link["bridge"], link["judgement"]) for link in customer["identityGraph"]["links"]] == [
        (1, True, None),
        (0, True, {"id": id}),
    ]
    assert [(step["order"], step["tier"], pairs([step["link"]])[0]) for step in customer["how"]] == [
        (1, "judgement", (ANN, BOB)),
        (2, "device_id", (TABLET, ANN)),
    ]
    assert customer["how"][0]["reason"] == "mia judged on 2026-01-21 that they are the same person: They share a flat"


async def test_a_judgement_that_two_differ_stands_between_them(
    ask: Ask, observe: Observe, service: Service, graph: Graph
) -> None:
    await observe(1, ANN, "phone:+8613800138000")
    at = 1_769_000_000_000_000
    pair = ("phone:+8613800138000", ANN)
    id = await graph.write(lambda tx: judge(tx, Verdict.DIFFERENT, pair, said(service, at)))
    assert id.startswith("jdg_")
    found = await why(ask, ANN, "phone:+8613800138000")
    assert [link["refused"] for link in found["path"]] == ["judged_different"]
    assert [item["code"] for item in found["blockedBy"]] == ["judged_different"]
    assert found["text"] == (
        "user_id ann and phone +8613800138000 belong to different customers. They were seen together once, on 2026-01-01, "
        "but mia judged on 2026-01-21 that phone +8613800138000 and user_id ann are different persons: They share a flat."
    )
    refused = '{ customer(by: {namespace: "user_id", value: "ann"}) { identityGraph { refusedLinks { edges { node { refused bridge } } } } } }'
    edges = (await ask(refused))["customer"]["identityGraph"]["refusedLinks"]["edges"]
    assert edges == [{"node": {"refused": "judged_different", "bridge": False}}]


async def test_evidence_that_was_taken_back_is_named(
    ask: Ask, observe: Observe, service: Service, graph: Graph
) -> None:
    await observe(1, ANN, "phone:+8613800138000")
    pair, until = (ANN, "phone:+8613800138000"), 1_768_000_000_000_000
    await graph.write(lambda tx: unlink(tx, pair, until, said(service, 1_769_000_000_000_000)))
    found = await why(ask, *pair)
    assert (found["linked"], found["path"]) == (False, [])
    assert [item["code"] for item in found["blockedBy"]] == ["unlinked"]
    assert found["text"] == (
        "user_id ann and phone +8613800138000 belong to different customers. Nothing that counts connects them: mia "
        "unlinked phone +8613800138000 and user_id ann on 2026-01-21, for everything observed up to 2026-01-09: They share a "
        "flat."
    )


async def test_what_an_event_unbound_is_named_with_its_source(ask: Ask, observe: Observe, service: Service) -> None:
    await observe(1, ANN, "phone:+8613800138000")
    unbinding = {
        "type": "track_id_unbind",
        "time": 1_768_000_000_000,
        "identities": {"$identity_mobile": "13800138000"},
    }
    at = 1_768_000_001_000_000
    await collect(service, [unbinding], source="shop", received_at=at, protocol=Protocol.SENSORS)
    found = await why(ask, ANN, "phone:+8613800138000")
    assert (found["linked"], [item["code"] for item in found["blockedBy"]]) == (False, ["unbound"])
    assert found["text"] == (
        "user_id ann and phone +8613800138000 belong to different customers. Nothing that counts connects them: phone "
        "+8613800138000 was unbound by an event of shop, for everything observed up to 2026-01-09."
    )


async def test_an_example_event_is_one_that_links(ask: Ask, observe: Observe, service: Service, graph: Graph) -> None:
    await observe(1, ANN, TABLET)
    await observe(5, ANN, TABLET)
    await observe(9, ANN, BOB, TABLET)
    found = await why(ask, ANN, TABLET)
    assert found["path"][0]["count"] == 2
    assert found["path"][0]["exampleEvent"]["name"] == "Day 5"
    await graph.write(lambda tx: unlink(tx, (ANN, TABLET), 1_767_300_000_000_000, said(service, 1_769_000_000_000_000)))
    found = await why(ask, ANN, TABLET)
    assert (found["path"][0]["count"], found["path"][0]["exampleEvent"]["name"]) == (1, "Day 5")


async def test_a_customer_tells_in_which_order_it_was_joined(ask: Ask, observe: Observe) -> None:
    await observe(1, ANN, "phone:+8613800138000")
    await observe(2, "phone:+8613800138000", "anonymous_id:c1")
    await observe(3, ANN, "anonymous_id:c1")
    found = await ask(
        '{ customer(by: {namespace: "user_id", value: "ann"}) { how { order tier reason link { count } } } }'
    )
    assert found["customer"]["how"] == [
        {
            "order": 1,
            "tier": "phone",
            "reason": "The first link, in tier phone: seen together once, on 2026-01-01.",
            "link": {"count": 1},
        },
        {
            "order": 2,
            "tier": "anonymous_id",
            "reason": "The next link that joined something, in tier anonymous_id: seen together once, on 2026-01-03.",
            "link": {"count": 1},
        },
    ]


async def test_links_of_many_customers_find_their_bridges_and_examples_at_once(
    ask: Ask, observe: Observe, queries: list[int]
) -> None:
    for number in range(12):
        await observe(1, f"user_id:a{number}", f"device_id:d{number}")
        await observe(2, f"user_id:b{number}", f"device_id:d{number}", f"email:b{number}@example.com")
    document = """query($first: Int) { customers(first: $first, orderBy: SIZE_DESC) { edges { node {
      how { order link { a { key } bridge exampleEvent { name } } }
      identityGraph { links { bridge exampleEvent { name } judgement { id } } }
    } } } }"""
    spent: list[int] = []
    for first in (2, 12):
        del queries[:]
        edges = (await ask(document, first=first))["customers"]["edges"]
        assert [len(edge["node"]["identityGraph"]["links"]) for edge in edges] == [3] * first
        spent.append(sum(queries))
    assert spent[1] <= spent[0] + 2, "what is asked for in two places may or may not come in one turn"
