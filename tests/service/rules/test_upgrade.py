"""A graph of an earlier version is brought up to date by itself: afterwards it is what follows from the facts today."""

import asyncio
from pathlib import Path

import pytest

from identity_graph.domain.rules.difference import READING
from identity_graph.domain.values.observations import Event
from identity_graph.errors import SchemaError
from identity_graph.service.applying.steps import Totals, take_step
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.core import open_service
from identity_graph.service.health.doctor import examine
from identity_graph.service.rules import applying
from identity_graph.service.rules.changing import (
    APPLICABLE,
    apply_all,
    bring_up_to_date,
    get_rule_set,
    open_units,
    put_in_force,
)
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.worlds.kept_graphs import KeptGraph
from tests.worlds.stored import read_stored

EARLIER = KeptGraph(Path(__file__).parent / "earlier_graph")
check = EARLIER.check


@pytest.fixture
async def earlier(graph: Graph) -> Graph:
    """Give a graph as the earlier version left it."""
    return await EARLIER.load(graph, "graph.ndjson")


async def until_applied(graph: Graph) -> None:
    async with asyncio.timeout(60):
        while (await graph.read(get_rule_set)).status != "ACTIVE":  # noqa: ASYNC110 - another process may do it
            await asyncio.sleep(0.05)


async def test_what_an_earlier_version_wrote_is_not_what_follows_today(earlier: Graph) -> None:
    with pytest.raises(AssertionError):
        await check(earlier)
    parts = (await read_stored(earlier)).parts()
    assert any({"anonymous_id:junk0", "anonymous_id:junk1"} <= part for part in parts)
    assert not any({"anonymous_id:mx1", "anonymous_id:mx2"} <= part for part in parts)


async def test_a_service_brings_an_earlier_graph_up_to_date(earlier: Graph, settings: Settings) -> None:
    async with open_service(settings) as service:
        assert service.rules_version == 2
        await until_applied(earlier)
    await check(earlier)
    current = await earlier.read(get_rule_set)
    assert (current.version, current.applied_by, current.reading) == (2, "upgrade", READING)
    former = await earlier.run("MATCH (r:RuleSet {version: 1}) RETURN r.status AS status, r.yaml AS yaml")
    assert former == [{"status": "SUPERSEDED", "yaml": current.yaml}]
    parts = (await read_stored(earlier)).parts()
    assert not any({"anonymous_id:junk0", "anonymous_id:junk1"} <= part for part in parts)
    assert any({"anonymous_id:mx1", "anonymous_id:mx2"} <= part for part in parts)
    assert any({"user_id:ann", "anonymous_id:inv1", "anonymous_id:inv2"} <= part for part in parts)

    async with open_service(settings) as service:
        assert service.rules_version == 2, "once is enough"


async def test_it_goes_on_where_it_was_cut_off_and_events_come_in_meanwhile(
    earlier: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "EVENTS_AT_ONCE", 9)
    monkeypatch.setattr(applying, "CUSTOMERS_AT_ONCE", 3)
    monkeypatch.setattr(applying, "IDENTIFIERS_AT_ONCE", 7)
    units, _ = await open_units(earlier)
    await bring_up_to_date(units)
    more: list[Event] = []
    step = 0
    while await take_step(units, APPLICABLE, 2, Totals(1, 1, 1)):
        step += 1
        if step % 5 == 0:
            units, current = await open_units(earlier)  # as after a kill
            assert current.version == 2
            await bring_up_to_date(units)
            number = len(more)
            message = {
                "type": "track",
                "messageId": f"later{number}",
                "userId": ["ann\u200b", "u1", "old"][number % 3],
                "anonymousId": ["kiosk", "junk1", "mx2", "loc1"][number % 4],
                "timestamp": f"1969-12-31T23:59:5{number % 10}.250Z",
            }
            more.extend(EARLIER.read([message], units.in_force.rules))
            await units.run(lambda tx, regime: take_in(tx, more[-1:], regime))
    assert step > 20
    await check(earlier, *more)


async def test_other_rules_in_the_middle_of_it_read_all_values_anew_too(earlier: Graph) -> None:
    units, former = await open_units(earlier)
    await bring_up_to_date(units)
    await take_step(units, APPLICABLE, 2, Totals(1, 1, 1))
    others = former.yaml.replace("max_identifiers: 500", "max_identifiers: 20")
    assert others != former.yaml
    await put_in_force(units, others, 2, "test")
    await apply_all(units)
    await check(earlier)


async def test_the_doctor_tells_of_it_before_and_meanwhile(earlier: Graph, settings: Settings) -> None:
    assert "read_by_earlier_version" in {finding.code for finding in (await examine(settings)).findings}
    units, _ = await open_units(earlier)
    await bring_up_to_date(units)
    await take_step(units, APPLICABLE, 2, Totals(96, 50, 100))
    (finding,) = [one for one in (await examine(settings)).findings if one.code == "rules_applying"]
    assert "being read again after an upgrade" in finding.title
    await apply_all(units)
    codes = {finding.code for finding in (await examine(settings)).findings}
    assert not codes & {"rules_applying", "read_by_earlier_version"}


async def test_two_processes_that_start_at_once_do_it_once(earlier: Graph) -> None:
    units = [(await open_units(earlier))[0] for _ in range(3)]
    await asyncio.gather(*(bring_up_to_date(one) for one in units))
    assert (await earlier.read(get_rule_set)).version == 2


async def test_a_graph_of_a_newer_reading_is_left_alone(earlier: Graph, settings: Settings) -> None:
    await earlier.run("MATCH (r:RuleSet) SET r.reading = $reading", reading=READING + 1)
    with pytest.raises(SchemaError, match="newer release"):
        async with open_service(settings):
            pass
    assert (await earlier.read(get_rule_set)).version == 1
