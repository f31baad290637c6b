from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from identity_graph.domain.values.instants import parse_instant
from identity_graph.service.clock import now_instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service

Ask = Callable[..., Awaitable[Any]]

OBSERVE = """mutation($input: ObservationInput!) { observe(input: $input) {
  duplicate ignored { namespace value code }
  customer { id identifiers { key } journey { edges { node { id name type source occurredAt properties channel } } } traits { name value } }
} }"""


def _input(*identifiers: tuple[str, str], **fields: Any) -> dict[str, Any]:
    named = [{"namespace": namespace, "value": value} for namespace, value in identifiers]
    return {"source": "pos", "messageId": "m1", "identifiers": named, **fields}


async def _observe(ask: Ask, *identifiers: tuple[str, str], **fields: Any) -> dict[str, Any]:
    return (await ask(OBSERVE, input=_input(*identifiers, **fields)))["observe"]


async def test_an_observation_answers_with_the_customer_that_it_made(ask: Ask) -> None:
    observed = await _observe(
        ask,
        ("email", "Anna@B.cn"),
        ("user_id", "u1"),
        occurredAt="2026-01-01T12:00:00+08:00",
        name="Order Completed",
        properties={"total": 9.5},
        traits={"plan": "gold"},
    )
    (touchpoint,) = (edge["node"] for edge in observed["customer"]["journey"]["edges"])
    assert (observed["duplicate"], observed["ignored"]) == (False, [])
    assert observed["customer"]["identifiers"] == [{"key": "user_id:u1"}, {"key": "email:anna@b.cn"}]
    assert observed["customer"]["traits"] == [{"name": "plan", "value": "gold"}]
    assert {**touchpoint, "id": None} == {
        "id": None,
        "name": "Order Completed",
        "type": "track",
        "source": "pos",
        "occurredAt": "2026-01-01T04:00:00Z",
        "properties": {"total": 9.5},
        "channel": "OTHER",
    }


async def test_a_second_observation_in_one_request_sees_the_first(ask: Ask) -> None:
    answer = await ask(
        """mutation($a: ObservationInput!, $b: ObservationInput!) {
          a: observe(input: $a) { customer { id identifiers { key } } }
          b: observe(input: $b) { customer { id identifiers { key } } }
        }""",
        a=_input(("user_id", "u1")),
        b=_input(("user_id", "u1"), ("email", "a@b.cn"), messageId="m2"),
    )
    assert answer["a"]["customer"]["identifiers"] == [{"key": "user_id:u1"}]
    assert answer["b"]["customer"]["identifiers"] == [{"key": "user_id:u1"}, {"key": "email:a@b.cn"}]
    assert answer["a"]["customer"]["id"] == answer["b"]["customer"]["id"]


async def test_a_repeat_changes_nothing(ask: Ask) -> None:
    first = await _observe(ask, ("user_id", "u1"))
    again = await _observe(ask, ("user_id", "u1"), name="Other")
    assert (again["duplicate"], again["customer"]) == (True, first["customer"])


async def test_values_that_are_no_identifiers_are_named_with_their_reason(ask: Ask) -> None:
    observed = await _observe(
        ask, ("email", "null"), ("phone", "12"), ("shoe_size", "42"), ("user_id", "u1"), ("user_id", "u2")
    )
    assert {(one["namespace"], one["value"], one["code"]) for one in observed["ignored"]} == {
        ("email", "null", "blocked"),
        ("phone", "12", "invalid"),
        ("shoe_size", "42", "undeclared"),
        ("user_id", "u1", "ambiguous_observation"),
        ("user_id", "u2", "ambiguous_observation"),
    }
    nobody = await _observe(ask, ("email", "null"), messageId="m2")
    assert (nobody["duplicate"], nobody["customer"]) == (False, None)
    stats = await ask("{ ingestStats { accepted duplicates deadLettered ignored { namespace code count } } }")
    assert stats["ingestStats"]["accepted"] == 2
    assert {"namespace": "email", "code": "blocked", "count": 2} in stats["ingestStats"]["ignored"]


async def test_what_lies_in_the_future_or_has_no_time_happened_now(ask: Ask) -> None:
    before = now_instant()
    for number, fields in enumerate(({}, {"occurredAt": "2999-01-01T00:00:00Z"}, {"occurredAt": None})):
        observed = await _observe(ask, ("user_id", f"u{number}"), messageId=f"m{number}", **fields)
        (edge,) = observed["customer"]["journey"]["edges"]
        assert before <= parse_instant(edge["node"]["occurredAt"]) <= now_instant()
        told = {"namespace": "occurredAt", "value": "a time in the future", "code": "unreadable_field"}
        assert observed["ignored"] == ([told] if number == 1 else [])


@pytest.mark.parametrize(
    ("fields", "fact"),
    [
        ({"identifiers": []}, ("identifiers", 0)),
        ({"identifiers": [{"namespace": "user_id", "value": f"u{n}"} for n in range(21)]}, ("identifiers", 21)),
        ({"source": ""}, ("field", "source")),
        ({"messageId": "x" * 101}, ("field", "messageId")),
        ({"type": "x" * 256}, ("field", "type")),
        ({"properties": [1]}, ("field", "properties")),
        ({"traits": "gold"}, ("field", "traits")),
        ({"traits": {"x" * 256: 1}}, ("maximum", 255)),
        ({"properties": {"long": "x" * 40_000}}, ("maximum", 32_768)),
        ({"messageId": "1.23457E+17"}, ("field", "messageId")),
        ({"identifiers": [{"namespace": "crm_id", "value": "1.23457E+17"}]}, ("field", "crm_id")),
        ({"occurredAt": "1899-12-31T23:59:59Z"}, ("field", "occurredAt")),
    ],
)
async def test_bad_input_is_named(ask: Ask, fields: dict[str, Any], fact: tuple[str, Any]) -> None:
    (error,) = await ask(OBSERVE, fails=True, input={**_input(("user_id", "u1")), **fields})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"][fact[0]] == fact[1]


async def test_odd_text_is_kept_or_refused_but_never_breaks(ask: Ask) -> None:
    observed = await _observe(
        ask, ("user_id", "🎈"), ("email", "a\x00b@c.cn"), name="nul \x00", properties={"k\x00": ["\x00", {"é": None}]}
    )
    assert observed["customer"]["identifiers"] == [{"key": "user_id:🎈"}]
    (edge,) = observed["customer"]["journey"]["edges"]
    assert edge["node"]["properties"] == {"k\x00": ["\x00", {"é": None}]}


@pytest.mark.parametrize("number", [18446744073709551616, -9223372036854775809, 10**30])
async def test_a_number_that_cannot_be_kept_is_refused_and_not_rounded(ask: Ask, number: int) -> None:
    literal = """mutation { observe(input: {source: "pos", messageId: "m1", properties: {n: %s},
      identifiers: [{namespace: "user_id", value: "u1"}]}) { duplicate } }"""
    for errors in (
        await ask(OBSERVE, fails=True, input=_input(("user_id", "u1"), properties={"n": [number]})),
        await ask(literal % number, fails=True),
        await ask(literal % "1e999", fails=True),
        await ask(literal % "-1e999", fails=True),
    ):
        assert errors[0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert "more than 64 bits" in errors[0]["message"]


@pytest.mark.parametrize("number", [7.5, 2.0**60, 7])
async def test_an_identifier_is_text(ask: Ask, number: float) -> None:
    errors = await ask(OBSERVE, fails=True, input=_input(("user_id", number)))  # type: ignore[arg-type]
    assert "String cannot represent a non string value" in errors[0]["message"]


async def test_empty_traits_say_nothing_and_null_deletes(ask: Ask) -> None:
    observed = await _observe(ask, ("user_id", "u1"), traits={"plan": "gold", "city": None, "name": ""})
    assert observed["customer"]["traits"] == [{"name": "plan", "value": "gold"}]
    observed = await _observe(ask, ("user_id", "u1"), traits={"plan": None, "city": ""}, messageId="m2")
    assert observed["customer"]["traits"] == []


async def test_a_compact_moment_is_the_moment_that_it_spells(ask: Ask) -> None:
    observed = await _observe(ask, ("user_id", "u1"), occurredAt="20260131163000+0800")
    (edge,) = observed["customer"]["journey"]["edges"]
    assert edge["node"]["occurredAt"] == "2026-01-31T08:30:00Z"
    for text in ("20260131083000", "1769848200000", "1769848200"):
        assert await ask(OBSERVE, fails=True, input=_input(("user_id", "u1"), occurredAt=text))


async def test_the_rules_in_force_are_shown(ask: Ask, service: Service) -> None:
    before = now_instant()
    rules = (await ask("{ rules { version yaml appliedAt appliedBy status progress error } }"))["rules"]
    assert parse_instant(rules.pop("appliedAt")) <= before
    assert rules == {
        "version": 1,
        "yaml": service.rules.yaml,
        "appliedBy": "default",
        "status": "ACTIVE",
        "progress": 1.0,
        "error": None,
    }


async def test_dead_letters_are_tried_again(ask: Ask, service: Service) -> None:
    messages = [{"type": "wave"}, {"type": "track", "userId": "u1", "event": "E"}, {"type": "dance"}]
    await collect(service, messages, source="web", received_at=now_instant())
    letters = (await ask("{ deadLetters { edges { node { id source payload } } } }"))["deadLetters"]["edges"]
    assert {letter["node"]["payload"]["type"] for letter in letters} == {"wave", "dance"}
    retry = "mutation($ids: [ID!]) { retryDeadLetters(ids: $ids) { retried succeeded failed } }"
    one = await ask(retry, ids=[letters[0]["node"]["id"], "dlq_unknown"])
    everything = await ask(retry)
    assert one["retryDeadLetters"] == {"retried": 1, "succeeded": 0, "failed": 1}
    assert everything["retryDeadLetters"] == {"retried": 2, "succeeded": 0, "failed": 2}
    again = (await ask("{ deadLetters { edges { node { attempts lastError } } } }"))["deadLetters"]["edges"]
    assert sorted(letter["node"]["attempts"] for letter in again) == [1, 2]


async def test_a_dead_letter_shows_every_digit_of_what_came(ask: Ask, service: Service) -> None:
    messages = [{"type": "wave", "userId": 2**53 + 1}, {"type": "track", "userId": 10**30}, {"type": "\ud800"}]
    await collect(service, messages, source="web", received_at=now_instant())
    letters = (await ask("{ deadLetters { edges { node { code payload } } } }"))["deadLetters"]["edges"]
    assert {letter["node"]["code"]: letter["node"]["payload"] for letter in letters} == {
        "unknown_type": messages[0],
        "invalid_field": messages[1],
        "invalid_text": None,
    }


async def test_fractions_of_a_second_before_1970_are_kept_everywhere(ask: Ask) -> None:
    moments = ["1969-12-31T23:59:59.500000Z", "1955-06-01T00:00:00.000001Z", "1969-12-31T23:59:58.999999Z"]
    for number, moment in enumerate(moments * 2):
        await _observe(
            ask,
            ("user_id", "u1"),
            ("email", "a@b.cn"),
            occurredAt=moment,
            messageId=f"m{number}",
            traits={"plan": number},
        )
    first, last = moments[1], moments[0]
    answer = await ask(
        """query($from: DateTime, $to: DateTime) { lookup(namespace: "user_id", value: "u1") { customer {
          firstSeenAt lastSeenAt identifiers { firstSeenAt lastSeenAt } identityGraph { links { firstSeenAt lastSeenAt } }
          traits { observedAt value } sessions { edges { node { startedAt endedAt } } }
          journey { edges { node { occurredAt } } }
          part: journey(from: $from, to: $to) { edges { node { occurredAt } } }
        } } }""",
        **{"from": moments[2], "to": last},
    )
    customer = answer["lookup"][0]["customer"]
    seen = {"firstSeenAt": first, "lastSeenAt": last}
    assert {key: customer[key] for key in seen} == seen
    assert customer["identifiers"] == [seen, seen]
    assert customer["identityGraph"]["links"] == [seen]
    assert customer["traits"] == [{"observedAt": last, "value": 3}]
    assert [edge["node"] for edge in customer["sessions"]["edges"]] == [
        {"startedAt": moments[2], "endedAt": last},
        {"startedAt": first, "endedAt": first},
    ]
    assert [edge["node"]["occurredAt"] for edge in customer["journey"]["edges"]] == [
        moment for moment in sorted(moments, reverse=True) for _ in range(2)
    ]
    assert [edge["node"]["occurredAt"] for edge in customer["part"]["edges"]] == [moments[2], moments[2]]
