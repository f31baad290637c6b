"""Segments are saved, read, changed and deleted by GraphQL."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

Ask = Callable[..., Awaitable[Any]]

RULE = {"all": [{"did": {"event": "Product Added", "within": "P3D"}}, {"not": {"seenOn": {"channel": "APP"}}}]}
SAVE = """mutation($input: SegmentInput!) { saveSegment(input: $input) {
  warnings segment { id name description audience purpose version rule sentence usedBy { id } }
} }"""


async def save(ask: Ask, name: str = "Carts", rule: Any = RULE, **more: Any) -> Any:
    return (await ask(SAVE, input={"name": name, "rule": rule, **more}))["saveSegment"]["segment"]


async def refuse(ask: Ask, name: str = "Carts", rule: Any = RULE, **more: Any) -> Any:
    (error,) = await ask(SAVE, fails=True, input={"name": name, "rule": rule, **more})
    return error


async def test_a_segment_is_saved_and_reads_back_as_it_was_written(ask: Ask) -> None:
    saved = await save(ask, description="Put into a cart.", audience="ALL", purpose="ads")
    assert saved | {"id": ""} == {
        "id": "",
        "name": "Carts",
        "description": "Put into a cart.",
        "audience": "ALL",
        "purpose": "ads",
        "version": 1,
        "rule": RULE,
        "sentence": "All customers, anonymous ones too, for whom (“Product Added” happened at least once in the last 3 days "
        "(72 hours), and there was no contact through the app), and their data may be used for “ads”.",
        "usedBy": [],
    }
    asked = "query($id: ID!) { segment(id: $id) { name rule } node(id: $id) { ... on Segment { rule } } }"
    found = await ask(asked, id=saved["id"])
    assert found == {"segment": {"name": "Carts", "rule": RULE}, "node": {"rule": RULE}}
    assert await ask('{ segment(name: "Carts") { id } }') == {"segment": {"id": saved["id"]}}
    assert await ask('{ segment(name: "carts") { id } }') == {"segment": None}


async def test_the_sentence_is_in_english_and_chinese_and_names_other_segments(ask: Ask) -> None:
    first = await save(ask)
    second = await save(ask, "Others", {"not": {"inSegment": first["id"]}})
    asked = 'query($id: ID!) { segment(id: $id) { en: sentence zh: sentence(language: "zh-CN") fr: sentence(language: "fr") } }'
    found = (await ask(asked, id=second["id"]))["segment"]
    assert found["en"] == found["fr"] == "Known customers for whom they are not in the segment “Carts”."
    assert "“Carts”" in found["zh"]
    assert found["zh"] != found["en"]


async def test_a_changed_segment_has_another_version_and_the_same_one_has_not(ask: Ask) -> None:
    saved = await save(ask)
    same = await save(ask, id=saved["id"])
    changed = await save(ask, "Baskets", {"knownFor": "P1D"}, id=saved["id"], expectedVersion=1)
    assert [same["version"], changed["version"]] == [1, 2]
    assert changed["rule"] == {"knownFor": "P1D"}
    assert await ask('{ segment(name: "Carts") { id } }') == {"segment": None}
    late = await refuse(ask, id=saved["id"], expectedVersion=1)
    assert late["extensions"] == {"code": "VERSION_CONFLICT", "version": 2}


async def test_every_problem_is_told_with_its_place(ask: Ask) -> None:
    rule = {
        "any": [
            {"trait": {"name": "x", "op": "BETWEEN", "value": [1]}},
            {"knownFor": "P1M"},
        ]
    }
    error = await refuse(ask, " ", rule)
    assert error["extensions"]["code"] == "BAD_SEGMENT"
    places = [problem.partition(": ")[0] for problem in error["extensions"]["problems"]]
    assert places == ["name", "rule.any[0].trait.value", "rule.any[1].knownFor"]
    unknown = {"all": [{"hasIdentifier": "fone"}, {"inSegment": "seg_9"}, {"trait": {"name": "x", "op": "EXISTS"}}]}
    error = await refuse(ask, rule=unknown)
    assert error["extensions"]["problems"] == [
        "rule.all[0].hasIdentifier: the rules know no namespace 'fone'; did you mean 'phone'?",
        "rule.all[1].inSegment: there is no segment 'seg_9'; save it first",
    ]
    assert await ask("{ segments { totalCount } }") == {"segments": {"totalCount": 0}}


async def test_what_is_only_worth_a_look_is_a_warning(ask: Ask) -> None:
    answer = await ask(SAVE, input={"name": "A", "rule": {"trait": {"name": "favouriteTea", "op": "EXISTS"}}})
    assert answer["saveSegment"]["warnings"] == [
        "rule.trait.name: the catalogue does not declare the trait 'favouriteTea', so its values may be anything"
    ]


async def test_cycles_are_refused_with_their_way(ask: Ask) -> None:
    first = await save(ask, "First")
    second = await save(ask, "Second", {"inSegment": first["id"]})
    third = await save(ask, "Third", {"not": {"inSegment": second["id"]}})
    error = await refuse(ask, "First", {"all": [{"inSegment": third["id"]}]}, id=first["id"])
    assert "First → Third → Second → First" in error["message"]
    own = await refuse(ask, "First", {"inSegment": first["id"]}, id=first["id"])
    assert "First → First" in own["message"]


async def test_what_is_used_is_not_deleted_and_the_answer_says_by_what(ask: Ask) -> None:
    first = await save(ask, "First")
    users = [await save(ask, name, {"inSegment": first["id"]}) for name in ("Beta", "Alpha")]
    used = (await ask("query($id: ID!) { segment(id: $id) { usedBy { id } } }", id=first["id"]))["segment"]["usedBy"]
    assert used == [{"id": user["id"]} for user in reversed(users)]
    delete = "mutation($id: ID!) { deleteSegment(id: $id) { id } }"
    (error,) = await ask(delete, fails=True, id=first["id"])
    assert error["extensions"] == {
        "code": "SEGMENT_IN_USE",
        "users": [{"id": users[1]["id"], "name": "Alpha"}, {"id": users[0]["id"], "name": "Beta"}],
    }
    for user in users:
        await ask(delete, id=user["id"])
    assert await ask(delete, id=first["id"]) == {"deleteSegment": {"id": first["id"]}}
    (gone,) = await ask(delete, fails=True, id=first["id"])
    assert gone["extensions"]["code"] == "NOT_FOUND"
    assert await ask("{ segments { edges { node { id } } } }") == {"segments": {"edges": []}}
    assert await ask("query($id: ID!) { segment(id: $id) { id } node(id: $id) { id } }", id=first["id"]) == {
        "segment": None,
        "node": None,
    }


async def test_a_name_is_used_once_also_after_its_segment_was_deleted(ask: Ask) -> None:
    saved = await save(ask)
    error = await refuse(ask)
    assert error["extensions"]["problems"] == [
        f"name: the segment {saved['id']} has the name 'Carts'; each name is used once only, so take another one"
    ]
    await ask("mutation($id: ID!) { deleteSegment(id: $id) { id } }", id=saved["id"])
    assert "a deleted segment" in (await refuse(ask))["message"]
    assert (await refuse(ask, id=saved["id"]))["extensions"]["code"] == "NOT_FOUND"


async def test_segments_are_listed_by_name_page_by_page(ask: Ask) -> None:
    for name in ("b", "a", "c"):
        await save(ask, name)
    asked = """query($after: String) { segments(first: 2, after: $after) {
      totalCount edges { node { name } } pageInfo { hasNextPage endCursor }
    } }"""
    first = (await ask(asked))["segments"]
    second = (await ask(asked, after=first["pageInfo"]["endCursor"]))["segments"]
    assert [edge["node"]["name"] for edge in first["edges"]] == ["a", "b"]
    assert [edge["node"]["name"] for edge in second["edges"]] == ["c"]
    assert (first["totalCount"], second["totalCount"]) == (3, 3)
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


async def test_exactly_one_of_id_and_name_is_given(ask: Ask) -> None:
    for asked in ("{ segment { id } }", '{ segment(id: "seg_1", name: "a") { id } }'):
        (error,) = await ask(asked, fails=True)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("name", ["'\"`}) DETACH DELETE n //", "\u202eevil", "名前 😀", "seg_1", "\\", "$name"])
async def test_a_name_is_a_text_and_nothing_else(ask: Ask, name: str) -> None:
    saved = await save(ask, name, {"trait": {"name": name, "op": "EQ", "value": name}})
    assert saved["name"] == name
    found = await ask("query($name: String) { segment(name: $name) { rule } }", name=name)
    assert found == {"segment": {"rule": {"trait": {"name": name, "op": "EQ", "value": name}}}}
