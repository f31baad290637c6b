"""Changing the rules over GraphQL."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from identity_graph.errors import UnwritableError
from identity_graph.service.applying import applier, steps
from identity_graph.service.applying.steps import Applicable, Totals, take_step
from identity_graph.service.commit.units import Units
from identity_graph.service.core import Service
from identity_graph.service.rules.changing import open_units, put_in_force
from identity_graph.store.driver.graph import Graph
from identity_graph.store.rules.rule_sets import page_rule_sets

Ask = Callable[..., Awaitable[Any]]
RULES = """
format: 1
namespaces:
  user_id: {limit: 1}
  device_id: {conflict: CONFLICT}
"""
APPLY = """mutation($yaml: String!, $version: Int!) {
  applyRules(yaml: $yaml, expectedVersion: $version) { rules { version status appliedBy yaml } } }"""
ROLL_BACK = "mutation($version: Int!) { rollbackRules(toVersion: $version) { rules { version yaml } } }"
SEE = """mutation($id: String!, $at: DateTime!, $ids: [IdentifierInput!]!) {
  observe(input: {source: "web", messageId: $id, occurredAt: $at, identifiers: $ids}) { customer { id } } }"""
WHOSE = 'query { lookup(value: "tablet") { customer { identifiers { key } } } }'


async def applied(ask: Ask) -> dict[str, Any]:
    """Wait until the rules in force are applied."""
    for _ in range(200):
        rules = (await ask("{ rules { version status progress error } }"))["rules"]
        if rules["status"] != "APPLYING":
            return rules
        await asyncio.sleep(0.05)
    raise AssertionError("the rules were not applied in ten seconds")


async def owner(ask: Ask) -> list[str]:
    (match,) = (await ask(WHOSE))["lookup"]
    return sorted(one["key"] for one in match["customer"]["identifiers"])


async def statuses(graph: Graph) -> dict[int, str]:
    rows = await graph.read(lambda tx: page_rule_sets(tx, before=100, limit=100))
    return {row.version: row.status for row in rows}


async def share_a_tablet(ask: Ask) -> None:
    for number, user in enumerate(("ann", "bob")):
        ids = [{"namespace": "user_id", "value": user}, {"namespace": "device_id", "value": "tablet"}]
        await ask(SEE, id=f"m{number}", at=f"2026-01-0{number + 1}T00:00:00Z", ids=ids)


async def test_other_rules_change_whose_a_tablet_is_and_a_rollback_changes_it_back(ask: Ask) -> None:
    await share_a_tablet(ask)
    assert await owner(ask) == ["device_id:tablet", "user_id:bob"]
    put = (await ask(APPLY, yaml=RULES.replace("CONFLICT", "oldest"), version=1))["applyRules"]["rules"]
    assert (put["version"], put["status"], put["appliedBy"]) == (2, "APPLYING", "admin")
    assert await applied(ask) == {"version": 2, "status": "ACTIVE", "progress": 1.0, "error": None}
    assert await owner(ask) == ["device_id:tablet", "user_id:ann"]
    back = (await ask(ROLL_BACK, version=1))["rollbackRules"]["rules"]
    assert back["version"] == 3
    assert (await applied(ask))["status"] == "ACTIVE"
    assert await owner(ask) == ["device_id:tablet", "user_id:bob"]


async def test_rules_that_others_changed_meanwhile_are_not_overwritten(ask: Ask) -> None:
    yaml = RULES.replace("CONFLICT", "oldest")
    (error,) = await ask(APPLY, yaml=yaml, version=7, fails=True)
    assert error["extensions"] == {"code": "VERSION_CONFLICT", "version": 1, "expected": 7}
    (error,) = await ask(APPLY, yaml="namespaces: {user_id: {limit: many}}", version=1, fails=True)
    assert error["extensions"]["code"] == "BAD_RULES"
    assert "limit" in error["message"]
    (error,) = await ask(ROLL_BACK, version=9, fails=True)
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert (await applied(ask))["version"] == 1


async def test_rules_that_are_being_applied_are_replaced_and_rolled_back(
    graph: Graph, ask: Ask, service: Service
) -> None:
    await share_a_tablet(ask)
    await service.applier.close()
    await ask(APPLY, yaml=RULES.replace("CONFLICT", "oldest"), version=1)
    (error,) = await ask(APPLY, yaml=RULES.replace("CONFLICT", "nobody"), version=1, fails=True)
    assert error["extensions"] == {"code": "VERSION_CONFLICT", "version": 2, "expected": 1}
    put = (await ask(APPLY, yaml=RULES.replace("CONFLICT", "nobody"), version=2))["applyRules"]["rules"]
    assert (put["version"], put["status"]) == (3, "APPLYING")
    assert await statuses(graph) == {3: "APPLYING", 2: "SUPERSEDED", 1: "ACTIVE"}
    back = (await ask(ROLL_BACK, version=2))["rollbackRules"]["rules"]
    assert back["version"] == 4
    service.applier.start()
    assert (await applied(ask))["version"] == 4
    assert await owner(ask) == ["device_id:tablet", "user_id:ann"]
    assert await statuses(graph) == {4: "ACTIVE", 3: "SUPERSEDED", 2: "SUPERSEDED", 1: "SUPERSEDED"}


async def test_rules_that_others_put_in_force_meanwhile_are_applied_by_who_is_applying(
    graph: Graph, ask: Ask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process puts rules in force, and ends before it has taken a step of them."""
    await share_a_tablet(ask)
    taken: list[int] = []

    async def take_own_step(units: Units, what: Applicable[Any], version: int, totals: Totals) -> bool:
        if not taken:
            others, _ = await open_units(graph)
            await put_in_force(others, RULES.replace("CONFLICT", "nobody"), 2, "others")
        taken.append(version)
        return await take_step(units, what, version, totals)

    monkeypatch.setattr(steps, "take_step", take_own_step)
    await ask(APPLY, yaml=RULES.replace("CONFLICT", "oldest"), version=1)
    assert await applied(ask) == {"version": 3, "status": "ACTIVE", "progress": 1.0, "error": None}
    assert await owner(ask) == ["device_id:tablet"]
    assert set(taken) == {2, 3}


@pytest.mark.parametrize("error", [RuntimeError("no"), UnwritableError("Too much at once.")])
async def test_an_application_that_cannot_go_on_says_so_and_other_rules_mend_it(
    error: Exception, ask: Ask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> bool:
        raise error

    await share_a_tablet(ask)
    with monkeypatch.context() as patched:
        patched.setattr(steps, "take_step", fail)
        patched.setattr(applier, "_WAIT_SECONDS", 0.01)
        await ask(APPLY, yaml=RULES.replace("CONFLICT", "oldest"), version=1)
        failed = await applied(ask)
    assert (failed["version"], failed["status"]) == (2, "FAILED")
    assert failed["error"].startswith(type(error).__name__)
    await ask(APPLY, yaml=RULES.replace("CONFLICT", "nobody"), version=2)
    assert await applied(ask) == {"version": 3, "status": "ACTIVE", "progress": 1.0, "error": None}
    assert await owner(ask) == ["device_id:tablet"]


async def test_events_that_come_while_rules_are_applied_are_resolved_under_them(ask: Ask, service: Service) -> None:
    await share_a_tablet(ask)
    await service.applier.close()
    await ask(APPLY, yaml=RULES.replace("CONFLICT", "oldest"), version=1)
    assert await owner(ask) == ["device_id:tablet", "user_id:bob"]
    ids = [{"namespace": "user_id", "value": "bob"}, {"namespace": "device_id", "value": "tablet"}]
    await ask(SEE, id="m9", at="2026-01-09T00:00:00Z", ids=ids)
    assert await owner(ask) == ["device_id:tablet", "user_id:bob"], "as it was, until it is the turn of all who matter"
    await ask(SEE, id="m10", at="2026-01-10T00:00:00Z", ids=[{"namespace": "user_id", "value": "ann"}])
    assert await owner(ask) == ["device_id:tablet", "user_id:ann"]
    assert (await ask("{ rules { status } }"))["rules"]["status"] == "APPLYING"


PREVIEW = """query($yaml: String!, $first: Int) { previewRules(yaml: $yaml) {
  customersBefore customersAfter merged split unchanged largest
  examples(first: $first) { before { key label customer { id } } after { key label firstSeenAt } } } }"""


def keys_of(customers: list[list[dict[str, Any]]]) -> list[list[str]]:
    return [[one["key"] for one in customer] for customer in customers]


async def test_a_preview_tells_what_would_change_and_changes_nothing(ask: Ask) -> None:
    await share_a_tablet(ask)
    found = (await ask(PREVIEW, yaml=RULES.replace("CONFLICT", "oldest"), first=5))["previewRules"]
    assert {name: found[name] for name in found if name != "examples"} == {
        "customersBefore": 2,
        "customersAfter": 2,
        "merged": 2,
        "split": 1,
        "unchanged": 0,
        "largest": [2, 1],
    }
    (example,) = found["examples"]
    assert keys_of(example["before"]) == [["device_id:tablet", "user_id:bob"], ["user_id:ann"]]
    assert keys_of(example["after"]) == [["device_id:tablet", "user_id:ann"], ["user_id:bob"]]
    assert await owner(ask) == ["device_id:tablet", "user_id:bob"]
    assert (await ask("{ rules { version } }"))["rules"] == {"version": 1}


async def test_a_preview_shows_identifiers_that_nobody_has_yet(ask: Ask) -> None:
    await ask(SEE, id="m1", at="2026-01-01T00:00:00Z", ids=[{"namespace": "hat_size", "value": "7"}])
    yaml = "format: 1\nnamespaces: {hat_size: {label: Hat}}"
    found = (await ask(PREVIEW, yaml=yaml, first=5))["previewRules"]
    assert (found["customersBefore"], found["customersAfter"]) == (0, 1)
    assert found["examples"] == [
        {"before": [], "after": [[{"key": "hat_size:7", "label": "Hat", "firstSeenAt": "2026-01-01T00:00:00Z"}]]}
    ]


async def test_a_preview_of_no_rules_names_the_line_and_the_field(ask: Ask) -> None:
    (error,) = await ask(PREVIEW, yaml="format: 1\nnamespaces:\n  user_id: {limit: many}\n", fails=True)
    assert error["extensions"]["code"] == "BAD_RULES"
    assert error["message"].startswith("rules:3: namespaces.user_id.limit")


async def test_a_preview_of_a_large_graph_is_left_to_the_command(ask: Ask, service: Service) -> None:
    await share_a_tablet(ask)
    service.settings = service.settings.model_copy(update={"preview_max_identifiers": 2})
    (error,) = await ask(PREVIEW, yaml=RULES.replace("CONFLICT", "oldest"), fails=True)
    assert error["extensions"] == {"code": "PREVIEW_TOO_LARGE", "identifiers": 3, "max_identifiers": 2}
    assert "identity-graph rules diff" in error["message"]


async def test_a_preview_waits_for_the_end_of_an_application(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applier.Applier, "wake", lambda _: None)
    await ask(APPLY, yaml=RULES.replace("CONFLICT", "oldest"), version=1)
    (error,) = await ask(PREVIEW, yaml=RULES.replace("CONFLICT", "oldest"), fails=True)
    assert error["extensions"]["code"] == "RULES_APPLYING"
