"""Rules that refer to nothing, that are absurdly deep or long, or hostile: clear errors with the place, and bounded work."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

Ask = Callable[..., Awaitable[Any]]

SAVE = "mutation($input: SegmentInput!) { saveSegment(input: $input) { segment { id rule } } }"
ONE = {"knownFor": "P1D"}


def nested(levels: int) -> Any:
    rule: Any = ONE
    for _ in range(levels):
        rule = {"not": rule}
    return rule


async def refuse(ask: Ask, rule: Any, name: str = "a") -> tuple[str, str]:
    """Give the code and the message of the one error that saving a rule comes to."""
    begun = time.process_time()
    (error,) = await ask(SAVE, fails=True, input={"name": name, "rule": rule})
    assert time.process_time() - begun < 5
    return error["extensions"]["code"], error["message"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (nested(12), "rule.not.not.not.not.not.not.not.not.not.not.not.not: is more than 12 levels deep"),
        (nested(100), "is more than 12 levels deep"),
        ({"any": [ONE] * 201}, "rule.any: has more than 200 conditions"),
        ({"all": [{"any": [ONE] * 150}, {"any": [ONE] * 150}]}, "has more than 200 conditions"),
        ({"all": []}, "rule.all: expected a list of at least one condition"),
        ({"trait": {"name": "a", "op": "IN", "value": ["x"] * 1001}}, "rule.trait.value: has 1,001 entries"),
        (
            {"trait": {"name": "a" * 1025, "op": "EXISTS"}},
            "rule.trait.name: expected the name of a trait, of at most 1024",
        ),
        ({"trait": {"name": "a", "op": "EQ", "value": {"$ne": None}}}, "rule.trait.value: expected a text, a number"),
        ({"trait": {"name": "a", "op": "EQ", "value": [["a"]]}}, "rule.trait.value: expected a text, a number"),
        ({"trait": {"name": "a", "op": "EQ", "value": 10**30}}, "rule.trait.value: expected a text, a number"),
        ({"trait": {"name": "a", "op": "EQ", "value": ""}}, "write not around EXISTS"),
        ({"did": {"event": "A", "within": "P99999999D"}}, "up to P36500D"),
        ({"did": {"event": "A", "within": "P1D", "days": {"from": 1, "to": 0}}}, "say only one of within"),
        ({"did": {"event": "A", "days": {"from": 2**31 - 1, "to": 0}}}, "a whole number from 0 to 36,500"),
        ({"did": {"event": "A", "count": {"op": "IN", "value": 1}}}, "rule.did.count.op: expected one of"),
        ({"sequence": {"steps": [{"event": "A"}] * 11, "within": "P1D"}}, "at most 10 are taken"),
        ({"share": {"of": 1.5, "salt": "s"}}, "rule.share.of: expected a share"),
        ({"inSegment": "seg_none"}, "there is no segment 'seg_none'"),
        ({"hasIdentifier": "'; MATCH (n) DETACH DELETE n //"}, "the rules know no namespace"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused_with_its_place(ask: Ask, rule: Any, said: str) -> None:
    code, message = await refuse(ask, rule)
    assert code == "BAD_SEGMENT"
    assert said in message


async def test_a_rule_nested_beyond_reason_is_refused_before_it_is_read(ask: Ask) -> None:
    code, message = await refuse(ask, nested(900))
    assert code == "BAD_USER_INPUT"
    assert "nested too deeply" in message
    document = "{ previewSegment(rule: " + "{not: " * 900 + '{knownFor: "P1D"}' + "}" * 900 + ") { size } }"
    (error,) = await ask(document, fails=True)
    assert error["extensions"]["code"] == "QUERY_TOO_LARGE"


async def test_a_list_as_long_as_a_request_may_be_is_refused_at_once(ask: Ask) -> None:
    code, message = await refuse(ask, {"trait": {"name": "a", "op": "IN", "value": [1] * 300_000}})
    assert (code, "has 300,000 entries; at most 1,000 are taken" in message) == ("BAD_SEGMENT", True)


async def test_very_many_problems_are_told_within_reason(ask: Ask) -> None:
    rule = {"any": [{"trait": {"name": "a", "op": "IN", "value": [{}] * 1000}}] * 200}
    code, message = await refuse(ask, rule)
    assert code == "BAD_SEGMENT"
    assert len(message) < 20_000


@pytest.mark.parametrize(
    "text", ["(a+)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "%_\\", "\u0000x", "${jndi:ldap://x}", "𝒳\u200b"]
)
async def test_a_text_is_compared_and_never_run(ask: Ask, text: str) -> None:
    for op in ("EQ", "CONTAINS", "STARTS_WITH"):
        rule = {"trait": {"name": "a", "op": op, "value": text}}
        saved = await ask(SAVE, input={"name": f"{op} {text}", "rule": rule})
        assert saved["saveSegment"]["segment"]["rule"] == rule


async def test_a_lone_surrogate_is_refused(client: httpx.AsyncClient) -> None:
    body = '{"query": "mutation($input: SegmentInput!) { saveSegment(input: $input) { segment { id } } }", "variables": {"input": {"name": "\\ud800", "rule": {"knownFor": "P1D"}}}}'
    answer = await client.post("/graphql", content=body.encode(), headers={"Content-Type": "application/json"})
    assert answer.json()["errors"][0]["extensions"]["code"] != "INTERNAL_ERROR"


async def test_one_request_asks_for_a_few_previews_only(ask: Ask) -> None:
    fields = " ".join(f'p{n}: previewSegment(rule: {{knownFor: "P1D"}}) {{ size }}' for n in range(11))
    (error,) = await ask("{" + fields + "}", fails=True)
    assert error["extensions"]["code"] == "QUERY_TOO_LARGE"
