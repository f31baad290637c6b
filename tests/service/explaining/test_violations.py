"""The list of violations is what a slow look at everything finds, in any portions, while more is added."""

from collections import Counter

import pytest

from identity_graph.domain.explaining.violations import VIOLATION_CODES
from identity_graph.domain.rules.rule_set import Conflict
from identity_graph.errors import InvalidInputError
from identity_graph.service.explaining.violations import FoundViolation, Position, read_violations
from identity_graph.service.health.numbers import read_health
from identity_graph.service.reads import Reads
from identity_graph.store.driver.graph import Graph
from tests.worlds.crowds import Crowds
from tests.worlds.stored import instant, read_stored
from tests.worlds.worlds import make_rules

Told = tuple[int, str, str, str | None, str | None]
"""When, code, what, with what, in which event."""


async def walk(crowds: Crowds, code: str | None = None, *, first: int = 7, after: Position | None = None) -> list[Told]:
    """Read the list page by page."""
    found: list[FoundViolation] = []
    while True:
        page = await read_violations(Reads(crowds.graph), crowds.rules, 1, code=code, first=first, after=after)
        assert len(page.items) == first or not page.has_next_page
        found += page.items
        if not page.has_next_page:
            break
        after = page.items[-1].position
    assert [violation.position for violation in found] == sorted({v.position for v in found}, reverse=True)
    return [(v.position.at, v.code, v.a, v.b, v.event_id) for v in found]


async def look_everywhere(crowds: Crowds) -> set[Told]:
    """Find all violations by looking at everything, with no thought of speed."""
    stored = await read_stored(crowds.graph)
    since = {
        (row["a"], row["b"]): row["at"]
        for row in await crowds.graph.run(
            f"MATCH (a)-[l:OBSERVED_WITH]->(b) RETURN a.key AS a, b.key AS b, {instant('l.refused_at')} AS at"
        )
    }
    told: set[Told] = {
        (since[link.a, link.b], link.code.value, link.a, link.b, None)
        for link in stored.refused(crowds.rules, crowds.judgements)
        if link.code != "quarantined"
    }
    for row in await crowds.graph.run(
        f"MATCH (i:Identifier) WHERE i.quarantined RETURN i.key AS key, {instant('i.quarantined_at')} AS at"
    ):
        told.add((row["at"], "quarantined", row["key"], None, None))
    for row in await crowds.graph.run(
        f"MATCH (e:Event) UNWIND e.ignored AS item RETURN e.id AS id, item, {instant('e.received_at')} AS at"
    ):
        code, _, key = row["item"].partition(" ")
        told.add((row["at"], code, key, None, row["id"]))
    return told


@pytest.fixture
async def crowds(graph: Graph) -> Crowds:
    """Give two crowds, in one of which people were judged to be different."""
    crowds = Crowds(graph)
    for seed in (1, 2):
        await crowds.come(seed)
    await crowds.judge_different(1)
    return crowds


async def test_the_list_holds_all_that_did_not_count_the_latest_first(crowds: Crowds) -> None:
    expected = await look_everywhere(crowds)
    found = await walk(crowds, first=100)
    assert set(found) == expected
    assert len(found) == len(expected)
    assert {code for _, code, *_ in found} == VIOLATION_CODES - {"ambiguous_owner", "unreadable_field"}


@pytest.mark.parametrize("first", [1, 2, 10])
async def test_any_portions_give_the_same_list(crowds: Crowds, first: int) -> None:
    assert await walk(crowds, first=first) == await walk(crowds, first=1000)


@pytest.mark.parametrize("code", sorted(VIOLATION_CODES))
async def test_one_code_gives_that_part_of_the_list(crowds: Crowds, code: str) -> None:
    everything = await walk(crowds, first=1000)
    assert await walk(crowds, code, first=3) == [told for told in everything if told[1] == code]


async def test_an_owner_that_nobody_knows_is_listed(graph: Graph) -> None:
    crowds = Crowds(graph, rules=make_rules(conflict=Conflict.NOBODY, max_partners=3, max_identifiers=6))
    await crowds.come(1)
    found = await walk(crowds)
    assert set(found) == await look_everywhere(crowds)
    assert await walk(crowds, "ambiguous_owner") == [told for told in found if told[1] == "ambiguous_owner"] != []


async def test_what_is_added_meanwhile_neither_shifts_nor_repeats_what_follows(crowds: Crowds) -> None:
    before = await walk(crowds, first=1000)
    start = (await read_violations(Reads(crowds.graph), crowds.rules, 1, code=None, first=9, after=None)).items
    found = [(v.position.at, v.code, v.a, v.b, v.event_id) for v in start]
    after = start[-1].position
    for seed in range(3, 6):
        await crowds.come(seed, events=15)
        page = await read_violations(Reads(crowds.graph), crowds.rules, 1, code=None, first=9, after=after)
        found += [(v.position.at, v.code, v.a, v.b, v.event_id) for v in page.items]
        after = page.items[-1].position
    found += await walk(crowds, after=after)
    assert found == before
    assert len(await walk(crowds)) > len(before)


async def test_each_says_the_rule_and_the_numbers(crowds: Crowds) -> None:
    page = await read_violations(Reads(crowds.graph), crowds.rules, 7, code=None, first=1000, after=None)
    said = {violation.code: violation.message for violation in page.items}
    versions = {violation.code: violation.rule_version for violation in page.items}
    assert ", more than 1, so it counts as shared" in said["quarantined"]
    assert "the limit is 12." in said["customer_full"]
    assert "the limit is" in said["limit_exceeded"]
    assert "judgement" in said["judged_different"]
    assert (versions["invalid"], versions["quarantined"]) == (7, 1)


async def test_an_unknown_code_is_refused(graph: Graph) -> None:
    with pytest.raises(InvalidInputError, match="There is no violation 'coat'; there are ambiguous_observation, "):
        await read_violations(Reads(graph), make_rules(), 1, code="coat", first=1, after=None)


async def test_the_counts_by_code_are_those_of_the_list(crowds: Crowds) -> None:
    health = await read_health(crowds.graph, crowds.rules, 1)
    assert health.violations == Counter(code for _, code, *_ in await walk(crowds, first=1000))
