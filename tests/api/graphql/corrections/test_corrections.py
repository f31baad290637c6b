"""What people say and take back, over GraphQL."""

from collections.abc import Awaitable, Callable
from typing import Any

from identity_graph.service.core import Service

Ask = Callable[..., Awaitable[Any]]
SEE = """mutation($source: String!, $id: String!, $at: DateTime, $ids: [IdentifierInput!]!) {
  observe(input: {source: $source, messageId: $id, occurredAt: $at, identifiers: $ids}) { duplicate customer { id } }
}"""
WHOSE = "query($value: String!) { lookup(value: $value) { customer { id identifiers { key } } } }"


def named(*keys: str) -> list[dict[str, str]]:
    return [dict(zip(("namespace", "value"), key.split(":", 1), strict=True)) for key in keys]


async def see(ask: Ask, id: str, *keys: str, at: str | None = None) -> bool:
    return (await ask(SEE, source="web", id=id, at=at, ids=named(*keys)))["observe"]["duplicate"]


async def customer_of(ask: Ask, value: str) -> set[str] | None:
    found = (await ask(WHOSE, value=value))["lookup"]
    return {one["key"] for one in found[0]["customer"]["identifiers"]} if found else None


async def pair(
    ask: Ask, mutation: str, a: str, b: str, *, more: str = "", fails: bool = False, **variables: Any
) -> Any:
    one, other = named(a, b)
    at = ", $at: DateTime" if "$at" in more else ""
    still = "stillLinked" if mutation == "unlink" else ""
    text = f"""mutation($a: IdentifierInput!, $b: IdentifierInput!{at}) {{
      {mutation}(a: $a, b: $b, reason: "asked on the phone"{more}) {{ id {still} customers {{ identifiers {{ key }} }} }} }}"""
    answer = await ask(text, a=one, b=other, fails=fails, **variables)
    return answer if fails else answer[mutation]


async def test_an_observation_that_is_taken_back_stays_so_when_its_message_is_sent_again(ask: Ask) -> None:
    await see(ask, "m1", "user_id:ann", "device_id:t")
    await see(ask, "m2", "user_id:ann", "phone:+8613800138000")
    retract = 'mutation { retractObservation(source: "web", messageId: "m1") { id stillLinked customers { identifiers { key } } } }'
    answer = (await ask(retract))["retractObservation"]
    assert answer == {
        "id": None,
        "stillLinked": False,
        "customers": [{"identifiers": [{"key": "user_id:ann"}, {"key": "phone:+8613800138000"}]}],
    }
    assert await customer_of(ask, "t") is None
    assert await see(ask, "m1", "user_id:ann", "device_id:t")
    assert await customer_of(ask, "t") is None
    (error,) = await ask(retract, fails=True)
    assert error["extensions"]["code"] == "ALREADY_RETRACTED"
    (error,) = await ask(retract.replace("m1", "m9"), fails=True)
    assert error["extensions"] == {"code": "NOT_FOUND", "source": "web", "messageId": "m9"}


async def test_a_pair_that_is_unlinked_is_linked_again_by_later_evidence(ask: Ask) -> None:
    await see(ask, "m1", "user_id:ann", "device_id:t", at="2026-01-01T00:00:00Z")
    answer = await pair(ask, "unlink", "user_id:ann", "device_id:t", more=", at: $at", at="2026-01-02T00:00:00Z")
    assert answer["stillLinked"] is False
    assert answer["customers"] == [{"identifiers": [{"key": "user_id:ann"}]}, {"identifiers": [{"key": "device_id:t"}]}]
    await see(ask, "m2", "user_id:ann", "device_id:t", at="2026-01-01T12:00:00Z")
    assert await customer_of(ask, "t") == {"device_id:t"}
    await see(ask, "m3", "user_id:ann", "device_id:t", at="2026-01-03T00:00:00Z")
    assert await customer_of(ask, "t") == {"user_id:ann", "device_id:t"}


async def test_an_unlinked_pair_may_still_hang_together(ask: Ask) -> None:
    await see(ask, "m1", "user_id:ann", "device_id:t", "phone:+8613800138000")
    assert (await pair(ask, "unlink", "user_id:ann", "device_id:t"))["stillLinked"] is True
    (error,) = await pair(ask, "unlink", "user_id:ann", "device_id:t", fails=True)
    assert error["extensions"]["code"] == "NOT_LINKED"
    (error,) = await pair(
        ask, "unlink", "user_id:ann", "phone:13800138000", more=", at: $at", at="2999-01-01T00:00:00Z", fails=True
    )
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_what_people_say_outranks_limits_until_they_take_it_back(ask: Ask) -> None:
    await see(ask, "m1", "user_id:ann")
    await see(ask, "m2", "user_id:bob")
    said = await pair(ask, "declareSame", "user_id:ann", "user_id:bob")
    assert said["customers"] == [{"identifiers": [{"key": "user_id:ann"}, {"key": "user_id:bob"}]}]
    assert (await pair(ask, "declareSame", "user_id:bob", "user_id:ann"))["id"] == said["id"]
    (error,) = await pair(ask, "declareDifferent", "user_id:ann", "user_id:bob", fails=True)
    assert error["extensions"]["code"] == "CONTRADICTION"
    assert [(link["id"], link["reason"]) for link in error["extensions"]["chain"]] == [
        (said["id"], "asked on the phone")
    ]
    withdraw = "mutation($id: ID!) { withdrawJudgement(id: $id) { id customers { identifiers { key } } } }"
    answer = (await ask(withdraw, id=said["id"]))["withdrawJudgement"]
    assert len(answer["customers"]) == 2
    (error,) = await ask(withdraw, id=said["id"], fails=True)
    assert error["extensions"]["code"] == "ALREADY_WITHDRAWN"
    (error,) = await ask(withdraw, id="jdg_none", fails=True)
    assert error["extensions"]["code"] == "NOT_FOUND"


async def test_two_that_differ_never_become_one(ask: Ask) -> None:
    await see(ask, "m1", "user_id:ann", "phone:+8613800138000")
    await see(ask, "m2", "loyalty_id:7")
    await pair(ask, "declareDifferent", "user_id:ann", "loyalty_id:7")
    await see(ask, "m3", "loyalty_id:7", "phone:+8613800138000")
    assert await customer_of(ask, "7") == {"loyalty_id:7", "phone:+8613800138000"}, "the phone's latest owner"
    assert await customer_of(ask, "ann") == {"user_id:ann"}


async def test_who_cannot_be_judged_is_told_why(ask: Ask) -> None:
    await see(ask, "m1", "user_id:ann")
    for a, b, code in [
        ("user_id:ann", "user_id:ann", "BAD_USER_INPUT"),
        ("user_id:ann", "user_id:nobody", "NOT_FOUND"),
        ("user_id:ann", "user_id:null", "NOT_FOUND"),
        ("user_id:ann", "shoe_size:42", "BAD_USER_INPUT"),
    ]:
        (error,) = await pair(ask, "declareSame", a, b, fails=True)
        assert error["extensions"]["code"] == code, b
    one, other = named("user_id:ann", "user_id:ann")
    (error,) = await ask(
        'mutation($a: IdentifierInput!, $b: IdentifierInput!) { declareSame(a: $a, b: $b, reason: "  ") { id } }',
        a=one,
        b=other,
        fails=True,
    )
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "reason"}


async def test_a_quarantine_can_be_overruled(ask: Ask, service: Service) -> None:
    most = service.rules.get_namespace("device_id").max_partners
    for number in range(most + 1):
        await see(ask, f"m{number}", f"user_id:u{number}", "device_id:tablet")
    assert await customer_of(ask, "tablet") == {"device_id:tablet"}
    overrule = """mutation { overruleQuarantine(identifier: {namespace: "device_id", value: "tablet"}, reason: "mine") {
      id identifier { key customer { identifiers { key } } } } }"""
    found = (await ask(overrule))["overruleQuarantine"]["identifier"]
    assert len(found["customer"]["identifiers"]) == 2
