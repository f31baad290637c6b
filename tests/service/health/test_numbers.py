"""Identity health: the numbers are those of a slow look at everything, and are read once for all who ask."""

import asyncio
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from statistics import fmean

import pytest

from identity_graph.domain.health.numbers import Health, visitors_of
from identity_graph.domain.profiles.regime import Regime
from identity_graph.errors import GraphUnavailableError
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.health import numbers as health_service
from identity_graph.service.health.numbers import HealthCheck, Suspect, read_health, read_suspects
from identity_graph.service.reads import Reads
from identity_graph.store.collecting import counters as counter_store
from identity_graph.store.driver.graph import Graph
from tests.builders import DAY, NOON, customer, dead_letter, merged, seed
from tests.worlds.crowds import NOW, Crowds
from tests.worlds.stored import read_stored
from tests.worlds.worlds import make_event, make_rules


@pytest.fixture
async def crowds(graph: Graph) -> Crowds:
    """Give two crowds and what a writer counted of them."""
    crowds = Crowds(graph)
    for number in (1, 2):
        await crowds.come(number)
    visits = [make_event(9000 + number, 1, (f"cookie:lonely {number}",), crowds.rules) for number in range(3)]
    await graph.write(lambda tx: take_in(tx, visits, Regime(crowds.rules, 1, NOW)))
    await graph.write(
        lambda tx: counter_store.set_counts(
            tx,
            writer="one",
            accepted=1,
            duplicates=0,
            ignored=json.dumps({"phone": {"invalid": 3}, "coat": {"undeclared": 2}}),
        )
    )
    await graph.write(
        lambda tx: counter_store.set_counts(
            tx, writer="two", accepted=1, duplicates=0, ignored=json.dumps({"phone": {"invalid": 4}})
        )
    )
    return crowds


async def test_the_numbers_of_each_namespace_are_those_of_a_slow_count(crowds: Crowds) -> None:
    health = await read_health(crowds.graph, crowds.rules, 1)
    stored = await read_stored(crowds.graph)
    seen = Counter(
        row["key"].partition(":")[0]
        for row in await crowds.graph.run("MATCH (:Event)-[:OBSERVED]->(i:Identifier) RETURN i.key AS key")
    )
    assert [one.namespace for one in health.namespaces] == ["crm", "openid", "phone", "device", "cookie", "coat"]
    for one in health.namespaces:
        own = {key: row for key, row in stored.identifiers.items() if key.startswith(f"{one.namespace}:")}
        members = sorted(Counter(row["customers"][0] for row in own.values()).values())
        assert (one.identifiers, one.observations) == (len(own), seen[one.namespace])
        assert one.quarantined == sum(bool(row["quarantined"]) for row in own.values())
        assert (one.spread.customers, one.spread.most) == (len(members), max(members, default=0))
        if members:
            assert one.spread.mean == pytest.approx(fmean(members))
            assert sum(number <= one.spread.p95 for number in members) >= 0.95 * len(members)
            assert sum(number < one.spread.p95 for number in members) < 0.95 * len(members)
    assert {one.namespace: dict(one.ignored) for one in health.namespaces if one.ignored} == {
        "phone": {"invalid": 7},
        "coat": {"undeclared": 2},
    }


async def test_the_numbers_of_customers_are_those_of_a_slow_count(crowds: Crowds) -> None:
    health = await read_health(crowds.graph, crowds.rules, 1)
    stored = await read_stored(crowds.graph)
    parts = stored.parts()
    visitors = {f"{name}:" for name in visitors_of(crowds.rules)}
    assert visitors == {"openid:", "cookie:"}
    assert (health.customers, health.identifiers) == (len(parts), len(stored.identifiers))
    assert health.anonymous_customers == sum(all(key.startswith(tuple(visitors)) for key in part) for part in parts) > 0
    assert health.largest_customer == max(map(len, parts))
    tight = await read_health(crowds.graph, replace(crowds.rules, max_identifiers=6), 1)
    assert tight.nearly_full_customers == sum(len(part) >= 5 for part in parts) > health.nearly_full_customers
    assert sum(band.customers for band in health.sizes) == len(parts)
    assert next(band.customers for band in health.sizes if band.least == 3) == sum(
        3 <= len(part) <= 5 for part in parts
    )


async def test_the_trend_tells_what_happened_on_each_day(crowds: Crowds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_service, "now_instant", lambda: NOW + 3 * DAY)
    health = await read_health(crowds.graph, crowds.rules, 1)
    assert len(health.days) == 30
    assert [day.day for day in health.days] == list(range(NOW // DAY + 3, NOW // DAY - 27, -1))
    assert {day for day in health.days if replace(day, day=0) != replace(health.days[0], day=0)} == {health.days[3]}
    kinds = Counter(row["kind"] for row in await crowds.graph.run("MATCH (c:Change) RETURN c.kind AS kind"))
    (counts,) = await crowds.graph.run(
        "RETURN COUNT { (:Customer) } AS customers, COUNT { ()-[l:OBSERVED_WITH]->() WHERE l.refused_at IS NOT NULL } "
        "AS refused, COLLECT { MATCH (e:Event) UNWIND e.ignored AS item RETURN item } AS ignored"
    )
    day = health.days[3]
    assert (day.new_customers, day.refused_links) == (counts["customers"], counts["refused"])
    assert day.ignored_values == len(counts["ignored"])
    assert Counter(MERGED=day.merges, SPLIT=day.splits, IDENTIFIER_MOVED=day.moved_identifiers) == kinds


async def test_an_empty_graph_has_numbers_too(graph: Graph) -> None:
    health = await read_health(graph, make_rules(), 1)
    assert (health.customers, health.identifiers, health.largest_customer) == (0, 0, 0)
    assert (health.anonymous_share, health.dead_letters, health.violations) == (0.0, 0, {})


async def test_customers_that_are_none_any_more_and_letters_are_told_apart(graph: Graph) -> None:
    await seed(
        graph,
        customers=[customer("cus_1", identifiers=["crm:1"], created_at=NOON)],
        merges=[merged("cus_2", "cus_1")],
        dead_letters=[dead_letter(), dead_letter()],
    )
    health = await read_health(graph, make_rules(), 1)
    assert (health.customers, health.dead_letters) == (1, 2)


async def test_suspects_are_those_that_come_close_the_most_crowded_first(graph: Graph) -> None:
    keys = ["device:a", "device:b", "device:c", "device:d", "device:e", "device:f"]
    await seed(graph, customers=[customer(identifiers=keys)], quarantined=["device:e"])
    for key, partners, more in zip(
        keys,
        ({"crm": 25}, {"crm": 3, "openid/wxA": 49}, {"crm": 24}, {"crm": 49}, {"crm": 60}, {"crm": 60}),
        ({}, {}, {}, {}, {"quarantined_at": datetime(2026, 1, 1, tzinfo=UTC)}, {"overruled": True}),
        strict=True,
    ):
        most = 2 * max(partners.values())
        await graph.run(
            "MATCH (i:Identifier {key: $key}) SET i += $set",
            key=key,
            set={"partners": json.dumps(partners), "crowding": most if most >= 50 else None} | more,
        )
    rules = make_rules(max_partners=50)
    assert await read_suspects(Reads(graph), rules, 10) == [
        Suspect("device:d", "crm", 49, 50, 98),
        Suspect("device:b", "openid/wxA", 49, 50, 98),
        Suspect("device:a", "crm", 25, 50, 50),
    ]
    assert [suspect.key for suspect in await read_suspects(Reads(graph), rules, 1)] == ["device:d"]
    health = await read_health(graph, rules, 1)
    device = next(one for one in health.namespaces if one.namespace == "device")
    assert (device.crowded, device.quarantined) == (2, 1)


class Counting:
    """A graph that counts how often it is read, and may be away."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.reads = 0
        self.away = False

    async def read(self, work: object) -> Health:
        self.reads += 1
        if self.away:
            raise GraphUnavailableError("Neo4j does not answer.")
        return await self.graph.read(work)  # pyright: ignore[reportArgumentType]


async def ask(check: HealthCheck, counting: Counting, version: int = 1) -> Health:
    return await check.read(counting, make_rules(), version)  # pyright: ignore[reportArgumentType]


async def test_all_who_ask_at_once_share_one_reading_and_the_next_minute_too(graph: Graph) -> None:
    check, counting = HealthCheck(), Counting(graph)
    answers = await asyncio.gather(*(ask(check, counting) for _ in range(20)))
    answers.append(await ask(check, counting))
    assert (len({id(answer) for answer in answers}), counting.reads) == (1, 1)


async def test_the_numbers_are_read_again_after_a_minute_and_under_other_rules(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    check, counting = HealthCheck(), Counting(graph)
    first = await ask(check, counting)
    assert (await ask(check, counting, 2)).rules_version == 2
    monkeypatch.setattr(health_service, "FRESH_SECONDS", 0)
    await ask(check, counting, 3)
    assert (await ask(check, counting, 3)).taken_at > first.taken_at
    assert counting.reads == 4


async def test_one_who_goes_away_does_not_take_the_reading_from_the_others(graph: Graph) -> None:
    check, counting = HealthCheck(), Counting(graph)
    impatient = asyncio.create_task(ask(check, counting))
    patient = asyncio.create_task(ask(check, counting))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).rules_version == 1
    assert counting.reads == 1


async def test_a_reading_that_failed_is_tried_again_by_the_next_who_asks(graph: Graph) -> None:
    check, counting = HealthCheck(), Counting(graph)
    counting.away = True
    for _ in range(2):
        with pytest.raises(GraphUnavailableError):
            await ask(check, counting)
    counting.away = False
    assert (await ask(check, counting)).customers == 0
