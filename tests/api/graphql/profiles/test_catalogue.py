"""The catalogue and the traits that it declares, over GraphQL."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from identity_graph.domain.profiles.file import read_shipped
from identity_graph.service.core import Service

Ask = Callable[..., Awaitable[Any]]
POINTS = """
time_zone: Asia/Shanghai
traits:
  points: {type: integer, policy: sum, class: quantitative}
  city: {type: text, policy: oldest, personal: true}
"""
SHOW = "{ catalogue { version yaml appliedBy status progress error } }"
APPLY = """mutation($yaml: String!, $version: Int!) {
  applyCatalogue(yaml: $yaml, expectedVersion: $version) { catalogue { version status appliedBy } } }"""
ROLL_BACK = "mutation($version: Int!) { rollbackCatalogue(toVersion: $version) { catalogue { version yaml } } }"
PREVIEW = """query($yaml: String!) { previewCatalogue(yaml: $yaml) {
  changes { part name before after } rebuilds sampled changed examples { name before after } } }"""
SEE = """mutation($id: String!, $at: DateTime!, $source: String!, $ids: [IdentifierInput!]!, $traits: JSON!) {
  observe(input: {source: $source, messageId: $id, occurredAt: $at, identifiers: $ids, traits: $traits}) {
    customer { id } } }"""
TRAITS = """query($value: String!, $names: [String!]) { lookup(value: $value) { customer { traitCount traits(names: $names) {
  name value type policy personal declared source observedAt identifier { key }
  claims(first: 2) { edges { cursor node { value observedAt source won deleted reason identifier { key } } }
    pageInfo { hasNextPage endCursor } } } } } }"""
CLAIMS = """query($value: String!, $after: String) { lookup(value: $value) { customer { traits(names: ["points"]) {
  claims(first: 2, after: $after) { edges { node { value won deleted reason } } pageInfo { hasNextPage } } } } } }"""
ANN = {"namespace": "user_id", "value": "ann"}
PHONE = {"namespace": "phone", "value": "13800138000"}
COOKIE = {"namespace": "anonymous_id", "value": "c1"}


async def see(ask: Ask, day: int, source: str, *ids: dict[str, str], **traits: Any) -> None:
    at = f"2026-01-{day:02}T08:00:00Z"
    await ask(SEE, id=f"m{day}", at=at, source=source, ids=list(ids), traits=traits)


async def applied(ask: Ask) -> dict[str, Any]:
    """Wait until the catalogue in force is applied."""
    for _ in range(400):
        found = (await ask(SHOW))["catalogue"]
        if found["status"] != "APPLYING":
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("the catalogue is not applied after 20 seconds")


async def traits_of(ask: Ask, value: str, *names: str) -> dict[str, dict[str, Any]]:
    (match,) = (await ask(TRAITS, value=value, names=list(names) or None))["lookup"]
    assert match["customer"]["traitCount"] >= len(match["customer"]["traits"])
    return {trait["name"]: trait for trait in match["customer"]["traits"]}


async def test_a_new_graph_has_the_catalogue_that_ships(ask: Ask) -> None:
    assert (await ask(SHOW))["catalogue"] == {
        "version": 1,
        "yaml": read_shipped(),
        "appliedBy": "default",
        "status": "ACTIVE",
        "progress": 1.0,
        "error": None,
    }


async def test_a_catalogue_is_previewed_put_in_force_and_rolled_back(ask: Ask) -> None:
    await see(ask, 1, "web", ANN, points=1, city="Rome")
    await see(ask, 2, "web", ANN, points=2, city="Oslo")
    found = (await ask(PREVIEW, yaml=POINTS))["previewCatalogue"]
    assert found["rebuilds"] == ["traits"]
    assert (found["sampled"], found["changed"]) == (1, 1)
    assert {one["name"]: (one["before"], one["after"]) for one in found["examples"]} == {
        "points": (2, 3),
        "city": ("Oslo", "Rome"),
    }
    points = next(one for one in found["changes"] if one["name"] == "points")
    assert (points["part"], points["before"], points["after"]["policy"]) == ("traits", None, "sum")

    assert (await ask(APPLY, yaml=POINTS, version=1))["applyCatalogue"]["catalogue"]["version"] == 2
    assert (await applied(ask))["version"] == 2
    assert {name: one["value"] for name, one in (await traits_of(ask, "ann")).items()} == {"points": 3, "city": "Rome"}
    (conflict,) = await ask(APPLY, yaml=POINTS, version=1, fails=True)
    assert (conflict["extensions"]["code"], conflict["extensions"]["version"]) == ("VERSION_CONFLICT", 2)
    (wrong,) = await ask(APPLY, yaml="traits: {a: {type: text, policy: sum}}", version=2, fails=True)
    assert wrong["extensions"]["code"] == "BAD_CATALOGUE"
    assert wrong["extensions"]["problems"][0].startswith("catalogue:1: traits.a.policy: sum needs the type")

    back = (await ask(ROLL_BACK, version=1))["rollbackCatalogue"]["catalogue"]
    assert back == {"version": 3, "yaml": read_shipped()}
    assert (await applied(ask))["version"] == 3
    assert {name: one["value"] for name, one in (await traits_of(ask, "ann")).items()} == {"points": 2, "city": "Oslo"}


async def test_a_trait_tells_its_policy_and_every_claim_behind_it(ask: Ask) -> None:
    await ask(APPLY, yaml=POINTS, version=1)
    await applied(ask)
    await see(ask, 1, "till", PHONE, points=10, city="Rome")
    await see(ask, 2, "web", COOKIE, points=5, colour="red")
    await see(ask, 3, "web", ANN, PHONE, COOKIE, points="many")
    await see(ask, 4, "crm", ANN, points=1)
    found = await traits_of(ask, "ann")
    assert {name: (one["value"], one["policy"], one["declared"], one["personal"]) for name, one in found.items()} == {
        "points": (16, "sum", True, False),
        "city": ("Rome", "oldest", True, True),
        "colour": ("red", "newest", False, True),
    }
    points = found["points"]
    assert (points["source"], points["observedAt"], points["identifier"]["key"]) == (
        "crm",
        "2026-01-04T08:00:00Z",
        "user_id:ann",
    )
    page = points["claims"]
    assert [(e["node"]["value"], e["node"]["won"], e["node"]["reason"]) for e in page["edges"]] == [
        (1, True, None),
        ("many", False, "trait_of_another_type"),
    ]
    assert page["pageInfo"]["hasNextPage"] is True
    (match,) = (await ask(CLAIMS, value="ann", after=page["pageInfo"]["endCursor"]))["lookup"]
    (trait,) = match["customer"]["traits"]
    assert [edge["node"]["value"] for edge in trait["claims"]["edges"]] == [5, 10]
    assert trait["claims"]["pageInfo"]["hasNextPage"] is False
    (refused,) = await ask(CLAIMS, value="ann", after="x", fails=True)
    assert "not a cursor of this list" in refused["message"]


async def test_null_deletes_for_all_identifiers_of_the_customer(ask: Ask) -> None:
    await ask(APPLY, yaml=POINTS, version=1)
    await applied(ask)
    await see(ask, 1, "till", PHONE, points=10, city="Rome")
    await see(ask, 2, "web", ANN, PHONE, points=None, city="Oslo")
    await see(ask, 3, "web", ANN, points=4, city="")
    found = await traits_of(ask, "ann")
    assert {name: one["value"] for name, one in found.items()} == {"points": 4, "city": "Rome"}
    newest, deletion = (edge["node"] for edge in found["points"]["claims"]["edges"])
    assert (newest["value"], newest["won"], newest["deleted"]) == (4, True, False)
    assert (deletion["value"], deletion["won"], deletion["deleted"]) == (None, False, True)
    await see(ask, 5, "web", ANN, points=None)
    assert "points" not in await traits_of(ask, "ann")
    (match,) = (await ask(TRAITS, value="ann", names=None))["lookup"]
    assert match["customer"]["traitCount"] == 1


async def test_a_split_gives_each_side_its_own_back(ask: Ask, service: Service) -> None:
    await ask(APPLY, yaml=POINTS, version=1)
    await applied(ask)
    await see(ask, 1, "till", PHONE, points=10)
    await see(ask, 2, "crm", ANN, points=5)
    await see(ask, 3, "web", ANN, PHONE, points=1)
    assert (await traits_of(ask, "ann"))["points"]["value"] == 16
    await ask('mutation { retractObservation(source: "web", messageId: "m3") { stillLinked } }')
    assert (await traits_of(ask, "ann"))["points"]["value"] == 5
    assert (await traits_of(ask, "13800138000"))["points"]["value"] == 10
