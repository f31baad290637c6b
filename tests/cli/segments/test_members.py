"""Who is in a segment and why, from the terminal."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from identity_graph.cli.app import app
from identity_graph.store.driver.graph import Graph
from tests.asking import See

RULE = """name: Known by phone
rule:
  all:
    - hasIdentifier: phone
    - not: {any: [{trait: {name: city, op: EQ, value: Chengdu}}, {did: {event: Complaint Raised}}]}
"""


@pytest.fixture
async def people(see: See) -> tuple[str, str]:
    """Report two customers, of whom one has a phone."""
    return await see("user_id:ann", "phone:+8613800138000"), await see("user_id:bob", "anonymous_id:cookie")


async def ask(run: CliRunner, *words: str, code: int = 0) -> str:
    result = await asyncio.to_thread(run.invoke, app, ["segments", *words], env={"COLUMNS": "200"})
    assert result.exit_code == code, result.output
    return result.output


async def test_members_are_shown_and_each_is_explained(run: CliRunner, people: tuple[str, str], tmp_path: Path) -> None:
    ann, bob = people
    file = tmp_path / "phone.yaml"
    await asyncio.to_thread(file.write_text, RULE, "utf-8")
    previewed = await ask(run, "preview", str(file))
    assert "1 would be in: 50.0% of 2 customers that it looks among. Days are those of Asia/Shanghai." in previewed
    assert ann in previewed
    assert "It has 1 member now." in await ask(run, "apply", str(file))
    found = json.loads(await ask(run, "preview", "potential", "--format", "json"))
    assert (found["size"], found["overlap"]) == (2, [{"segment": "Known by phone", "size": 1}])

    shown = await ask(run, "members", "Known by phone")
    assert ann in shown
    assert bob not in shown
    assert "phone:+8613800138000" in shown
    (member,) = json.loads(await ask(run, "members", "Known by phone", "--format", "json"))
    assert member["customerId"] == ann

    why = await ask(run, "why", "Known by phone", "138 0013 8000")
    assert f"{ann} is in 'Known by phone' since" in why
    assert "✓ an identifier of the namespace “phone”" in why
    assert "✓ not:\n  ✗ at least one of these:\n    ✗ “city” is “Chengdu”  (unknown)\n" in why
    assert "    ✗ “Complaint Raised” happened at least once  (0)\n" in why
    explained = json.loads(await ask(run, "why", "Known by phone", "bob", "--format", "json"))
    assert [(one["customerId"], one["member"]) for one in explained] == [(bob, False)]
    assert [one["holds"] for one in explained[0]["conditions"]] == [False, True]
    assert f"{bob} is not in" in await ask(run, "why", "Known by phone", bob)
    assert "Nothing found for nobody" in await ask(run, "why", "Known by phone", "nobody", code=1)

    assert "are those that the facts give: 2 customers, 1 segment." in await ask(run, "recompute", "Known by phone")
    assert "'Known by phone'" in await ask(run, "delete", "Known by phone")


async def test_what_is_kept_and_wrong_is_found_and_put_right(
    run: CliRunner, people: tuple[str, str], tmp_path: Path, graph: Graph
) -> None:
    ann, _ = people
    file = tmp_path / "phone.yaml"
    await asyncio.to_thread(file.write_text, RULE, "utf-8")
    await ask(run, "apply", str(file))
    await graph.run("MATCH (m:SegmentMembership {customer_id: $id}) REMOVE m.since", id=ann)
    await graph.run("MATCH (s:Segment) SET s.size = 0")
    assert f"{ann} is not kept as a member of 'Known by phone'" in await ask(run, "recompute", code=1)
    assert "They were put right." in await ask(run, "recompute", "--mend", code=1)
    assert "are those that the facts give" in await ask(run, "recompute")
    assert ann in await ask(run, "members", "Known by phone")
