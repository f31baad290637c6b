"""Applying a catalogue: several processes take turns, none writes under the one before, and older graphs are brought under it."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.observations import Event
from identity_graph.service.applying.steps import Totals, take_step
from identity_graph.service.catalogue import changing, rebuilding
from identity_graph.service.catalogue.changing import APPLICABLE, apply_all, put_in_force
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.core import open_service
from identity_graph.service.profiles.catalogues import get_catalogue
from identity_graph.service.profiles.reading import read_traits_of
from identity_graph.service.reads import Reads
from identity_graph.service.rules.changing import open_units
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction
from tests.worlds.worlds import keep_rules, make_event, make_rules

RULES = make_rules()
SUM = "traits: {points: {type: integer, policy: sum}}"
MEAN = "traits: {points: {type: integer, policy: mean}}"
TOTALS = Totals(1, 1, 1)


def claim(number: int, key: str, **traits: Any) -> Event:
    return replace(make_event(number, number, (key,), RULES), traits=traits)


async def points(graph: Graph) -> dict[str, Any]:
    """Read the points of each customer, all of which have one identifier."""
    units, _ = await open_units(graph)
    rows = await graph.run("MATCH (i:Identifier)-[:BELONGS_TO]->(c) RETURN i.key AS key, c.id AS id")
    ids = {row["id"]: row["key"] for row in rows}
    views = await read_traits_of(Reads(graph), list(ids), units.in_force)
    return {ids[one.customer_id]: json.loads(one.value) for own in views for one in own if one.name == "points"}


@pytest.fixture
async def six(graph: Graph) -> Graph:
    """Give a graph in which each of six cookies has claimed points twice."""
    await keep_rules(graph, RULES)
    events = [claim(number, f"cookie:{number % 6}", points=number) for number in range(12)]
    await graph.write(lambda tx: take_in(tx, events, Regime(RULES, 1, 10**15)))
    return graph


async def test_several_processes_take_turns_while_events_come_in(six: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "IDENTIFIERS_AT_ONCE", 2)
    one, _ = await open_units(six)
    other, _ = await open_units(six)
    await put_in_force(one, SUM, 0, "test")
    expected = {f"cookie:{n}": n + n + 6 for n in range(6)}
    steps = 0
    while await take_step(one if steps % 2 else other, APPLICABLE, 1, TOTALS):
        steps += 1
        for n in (0, 5):  # one that was gone through already, and one that was not
            event = claim(100 + 2 * steps + n, f"cookie:{n}", points=1)
            await other.run(lambda tx, regime, event=event: take_in(tx, [event], regime))
            expected[f"cookie:{n}"] += 1
        assert await points(six) == expected, "readers are told what is right before the end, too"
    assert steps >= 3
    assert (await six.read(get_catalogue)).status == "ACTIVE"
    assert await points(six) == expected


async def test_a_step_waits_for_units_of_work_that_began_under_the_catalogue_before(six: Graph) -> None:
    one, _ = await open_units(six)
    other, _ = await open_units(six)
    written, may_end = asyncio.Event(), asyncio.Event()

    async def slowly(tx: WriteTransaction, regime: Regime) -> None:
        await take_in(tx, [claim(50, "cookie:0", points=50)], regime)
        written.set()
        await may_end.wait()

    slow = asyncio.create_task(other.run(slowly))
    await written.wait()
    await put_in_force(one, SUM, 0, "test")
    applying = asyncio.create_task(apply_all(one))
    await asyncio.sleep(0.5)
    assert not applying.done()
    may_end.set()
    await slow
    assert (await applying).status == "ACTIVE"
    assert (await points(six))["cookie:0"] == 56


async def test_another_catalogue_in_the_midst_of_it_takes_its_place(
    six: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "IDENTIFIERS_AT_ONCE", 2)
    units, _ = await open_units(six)
    await put_in_force(units, SUM, 0, "test")
    assert await take_step(units, APPLICABLE, 1, TOTALS)
    await put_in_force(units, MEAN, 1, "test")
    assert not await take_step(units, APPLICABLE, 1, TOTALS)
    current = await apply_all(units)
    assert (current.version, current.status, current.replaces) == (2, "ACTIVE", [0, 1])
    assert await points(six) == {f"cookie:{n}": n + 3 for n in range(6)}
    assert [(row.version, row.status) for row in await changing.list_catalogues(six)] == [
        (2, "ACTIVE"),
        (1, "SUPERSEDED"),
    ]


async def until_applied(graph: Graph) -> None:
    async with asyncio.timeout(30):
        while (await graph.read(get_catalogue)).status != "ACTIVE":  # noqa: ASYNC110 - the service does it
            await asyncio.sleep(0.05)


async def test_a_graph_that_knew_no_catalogue_is_brought_under_the_one_that_ships(
    graph: Graph, settings: Settings
) -> None:
    await keep_rules(graph, RULES)
    await graph.write(lambda tx: take_in(tx, [claim(1, "cookie:1", age="42")], Regime(RULES, 1, 10**15)))
    # As earlier versions of the product kept it: as it came.
    await graph.run("""MATCH (t:Trait {name: 'age'}) SET t.value = '"42"'""")
    async with open_service(settings) as service:
        await until_applied(graph)
        assert service.units.in_force.catalogue_version == 1
    assert await graph.run("MATCH (t:Trait {name: 'age'}) RETURN t.value AS value") == [{"value": "42"}]


async def test_profiles_of_an_earlier_version_of_the_program_are_derived_again(
    graph: Graph, settings: Settings
) -> None:
    async with open_service(settings) as service:
        yaml = service.units.in_force.catalogue.yaml
    await graph.run("MATCH (c:Catalogue) SET c.derivation = 0")
    async with open_service(settings):
        await until_applied(graph)
    current = await graph.read(get_catalogue)
    assert (current.version, current.applied_by, current.yaml) == (2, "upgrade", yaml)
