"""What other rules would come to is what ``resolve`` of all facts says, under these and under those in force."""

from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.identity.customer_diff import DiffExample, RuleDiff
from identity_graph.domain.identity.resolution import resolve
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.rules.rule_set import Limit, RuleSet
from identity_graph.domain.rules.sources import SourceRule
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.rules import preview as rules_preview
from identity_graph.service.rules.preview import preview
from identity_graph.store.driver.graph import Graph
from tests.domain.rules.test_difference import change, reorder
from tests.properties import examples
from tests.service.identity.test_revisions import World
from tests.worlds.facts import Facts
from tests.worlds.steps import Step, revising
from tests.worlds.worlds import make_rules, other_rules

Parts = Collection[frozenset[str]]


def customers_of(facts: Facts, rules: RuleSet) -> Parts:
    """Resolve what is true, under rules."""
    read = Facts(rules, facts.events, facts.retracted, facts.judged, facts.withdrawn)
    events = [event for event in read.events_as_read() if event.id not in facts.retracted]
    return resolve(events, read.judgements(), rules, read.corrections()).customers


def read_as(facts: Facts, old: RuleSet, new: RuleSet) -> dict[str, set[str]]:
    """Tell what each identifier's values are read as."""
    found: dict[str, set[str]] = {}
    for event in facts.events:
        if event.id not in facts.retracted:
            for raw in event.raw_identifiers:
                before, after = read_key(raw.text, old), read_key(raw.text, new)
                if before and after and before != after:
                    found.setdefault(before, set()).add(after)
    return found


def count(before: Parts, after: Parts, others: dict[str, set[str]]) -> dict[str, Any]:
    """Count as the words say, by looking at every pair of customers."""
    there = {key for customer in after for key in customer}

    def gives(one: frozenset[str], to: frozenset[str]) -> bool:
        return any(key in to or (key not in there and others.get(key, set()) & to) for key in one)

    merged = split = unchanged = 0
    unchanged_after: set[frozenset[str]] = set()
    for one in before:
        ends = [to for to in after if gives(one, to)]
        shares = any(gives(other, to) for to in ends for other in before if other != one)
        merged += shares
        split += len(ends) > 1
        if not shares and ends == [one]:
            unchanged += 1
            unchanged_after.add(one)
    return {
        "customers_before": len(before),
        "customers_after": len(after),
        "merged": merged,
        "split": split,
        "unchanged": unchanged,
        "largest": sorted((len(to) for to in after if to not in unchanged_after), reverse=True)[:10],
    }


def told(diff: RuleDiff) -> dict[str, Any]:
    return {
        name: getattr(diff, name)
        for name in ("customers_before", "customers_after", "merged", "split", "unchanged", "largest")
    }


@examples(30)
@given(old=other_rules, steps=revising, news=st.lists(other_rules, min_size=1, max_size=3))
async def test_a_preview_is_what_follows_from_all_facts(
    graph: Graph, old: RuleSet, steps: list[Step], news: list[RuleSet]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules_preview, "EVENTS_AT_ONCE", 3)
        patch.setattr(rules_preview, "CUSTOMERS_AT_ONCE", 3)
        patch.setattr(rules_preview, "DERIVED_AT_ONCE", 2)
        world = World(graph, old)
        await world.open()
        for step in steps:
            await getattr(world, step[0])(step[1])
        before = customers_of(world.facts, old)
        for new in [*news, loosen(old)]:
            after = customers_of(world.facts, new)
            diff = await preview(graph, old, new)
            assert told(diff) == count(before, after, read_as(world.facts, old, new))
            check_examples(diff.examples, before, after)


def loosen(rules: RuleSet) -> RuleSet:
    """Change what only limits."""
    return change(change(rules, "crm", limit=Limit(2)), "crm", max_partners=3)


def check_examples(examples: list[DiffExample], before: Parts, after: Parts) -> None:
    """Check that examples hold every customer that changes, once, and only these, the most striking first."""
    olds = [frozenset(keys) for example in examples for keys in example.before]
    news = [frozenset(keys) for example in examples for keys in example.after]
    assert len(set(olds)) == len(olds)
    assert len(set(news)) == len(news)
    assert set(before) - set(after) <= set(olds) <= set(before)
    assert set(after) - set(before) <= set(news) <= set(after)
    assert [example.rank for example in examples] == sorted(example.rank for example in examples)


async def test_in_another_order_a_limited_source_joins_others(graph: Graph) -> None:
    """Of what it may not link the weakest is believed: the customer number before, the device after."""
    sources = {"test": SourceRule(links=frozenset[Pair]())}
    old = make_rules(sources=sources)
    old = reorder(old, "openid", "cookie", "device", "phone", "crm")
    new = make_rules(sources=sources)
    world = World(graph, old)
    await world.open()
    await world.observe([(0, ("crm:1", "device:3")), (1, ("crm:1",))])
    diff = await preview(graph, old, new)
    assert (diff.customers_before, diff.customers_after, diff.unchanged) == (1, 2, 1)
    await world.rules((new, 0))
    await world.run(("finish", None))
