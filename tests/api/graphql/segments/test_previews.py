"""Previews and filtered lists: what a rule holds for, without saving it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from identity_graph.service.core import Service
from tests.api.graphql.segments.test_saving import save
from tests.asking import See

Ask = Callable[..., Awaitable[Any]]

PREVIEW = """query($rule: RuleInput!, $audience: Audience, $segment: ID) {
  previewSegment(rule: $rule, audience: $audience, segment: $segment) {
    size least most share audience audienceSize timeZone warnings
    sentence zh: sentence(language: "zh") sample(first: 2) { id } overlap { segment { name } size }
  }
}"""
WITH_PHONE = {"hasIdentifier": "phone"}


@pytest.fixture
async def people(see: See) -> dict[str, str]:
    """Report three customers: two with a phone, and a cookie of nobody."""
    return {
        "ann": await see("user_id:ann", "phone:+8613800138000"),
        "bob": await see("user_id:bob", "phone:+8613800138001"),
        "cookie": await see("anonymous_id:cookie"),
    }


async def preview(ask: Ask, rule: Any, **more: Any) -> Any:
    return (await ask(PREVIEW, rule=rule, **more))["previewSegment"]


async def test_a_preview_tells_what_a_rule_comes_to(ask: Ask, people: dict[str, str]) -> None:
    found = await preview(ask, WITH_PHONE)
    assert (found["size"], found["least"], found["most"], found["share"]) == (2, 2, 2, 1.0)
    assert (found["audience"], found["audienceSize"], found["timeZone"]) == ("KNOWN", 2, "Asia/Shanghai")
    assert {one["id"] for one in found["sample"]} == {people["ann"], people["bob"]}
    assert found["sentence"].startswith("Known customers")
    assert found["zh"] != found["sentence"]
    assert found["overlap"] == []
    everybody = await preview(ask, {"not": WITH_PHONE}, audience="ALL")
    assert (everybody["size"], everybody["audienceSize"]) == (1, 3)
    assert everybody["sample"] == [{"id": people["cookie"]}]


async def test_a_preview_tells_what_it_has_in_common_with_segments(
    ask: Ask, people: dict[str, str], service: Service
) -> None:
    both = await save(ask, "With a phone", WITH_PHONE)
    await save(ask, "Nobody", {"trait": {"name": "city", "op": "EXISTS"}})
    await service.evaluator.catch_up()
    rule = {"all": [WITH_PHONE, {"inSegment": both["id"]}]}
    found = await preview(ask, rule)
    assert found["overlap"] == [{"segment": {"name": "With a phone"}, "size": 2}]
    assert "“With a phone”" in found["sentence"]
    assert (await preview(ask, WITH_PHONE, segment=both["id"]))["overlap"] == []
    (error,) = await ask(PREVIEW, fails=True, rule=rule, segment=both["id"])
    assert "With a phone → With a phone" in error["message"]


async def test_a_preview_explains_a_customer(ask: Ask, people: dict[str, str]) -> None:
    asked = """query($rule: RuleInput!, $customer: ID!) { previewSegment(rule: $rule) {
      explain(customer: $customer) { member inAudience conditions { holds sentence } }
    } }"""
    rule = {"all": [WITH_PHONE, {"not": {"trait": {"name": "city", "op": "EXISTS"}}}]}
    found = await ask(asked, rule=rule, customer=people["ann"])
    why = found["previewSegment"]["explain"]
    assert (why["member"], [one["holds"] for one in why["conditions"]]) == (True, [True, True])
    why = (await ask(asked, rule=rule, customer=people["cookie"]))["previewSegment"]["explain"]
    assert (why["member"], why["inAudience"]) == (False, False)
    (error,) = await ask(asked, fails=True, rule=rule, customer="cus_none")
    assert error["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("order", ["LAST_SEEN_DESC", "FIRST_SEEN_DESC", "CREATED_DESC", "SIZE_DESC"])
async def test_customers_are_filtered_page_by_page(ask: Ask, see: See, order: str) -> None:
    ids = {await see(f"user_id:{number}", f"phone:+861380013800{number}") for number in range(5)}
    await see("user_id:without")
    asked = """query($rule: RuleInput, $order: CustomerOrder, $after: String) {
      customers(filter: $rule, orderBy: $order, first: 2, after: $after) {
        totalCount edges { node { id } } pageInfo { hasNextPage endCursor }
      }
    }"""
    found: list[str] = []
    after = None
    while True:
        page = (await ask(asked, rule=WITH_PHONE, order=order, after=after))["customers"]
        assert page["totalCount"] == 5
        found += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(found) == 5
    assert set(found) == ids
    assert (await ask("{ customers { totalCount } }"))["customers"]["totalCount"] == 6


async def test_a_filter_that_makes_no_sense_is_refused_with_its_place(ask: Ask) -> None:
    asked = "query($rule: RuleInput) { customers(filter: $rule) { totalCount } }"
    (error,) = await ask(asked, fails=True, rule={"all": [{"hasIdentifier": "fone"}]})
    assert error["extensions"]["code"] == "BAD_SEGMENT"
    assert error["message"].startswith("rule.all[0].hasIdentifier: ")
    (error,) = await ask(PREVIEW, fails=True, rule={"all": [{"hasIdentifier": "fone"}]})
    assert error["message"].startswith("rule.all[0].hasIdentifier: ")
