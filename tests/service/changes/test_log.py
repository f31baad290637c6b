"""What is kept of former customers: intervals, merged ids, and a change for each thing that happened."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import given

from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.rule_set import Conflict, RuleSet
from identity_graph.domain.values.observations import Event, Instant
from identity_graph.service.commit.taking_in import take_in
from identity_graph.store.driver.graph import Graph
from tests.neo4j_server import wipe
from tests.properties import examples
from tests.worlds.stored import check_stored, instant
from tests.worlds.worlds import SECOND, make_event, make_rules, worlds

START: Instant = 10**15
RULES = make_rules()
Membership = dict[str, str]
"""The customer of each identifier."""


@dataclass(frozen=True)
class Interval:
    """An identifier was a customer's from a moment on; ``until`` is None as long as it is."""

    key: str
    customer: str
    since: Instant
    until: Instant | None


@dataclass(frozen=True)
class StoredChange:
    kind: str
    customers: frozenset[str]
    at: Instant
    rule_version: int
    trigger: tuple[str, str | None]


class Clerk:
    """Takes in events, a commit a second, and remembers who was whose after each."""

    def __init__(self, graph: Graph, rules: RuleSet = RULES, *, clock_stands_still: bool = False) -> None:
        self.graph = graph
        self.events: list[Event] = []
        self.remembered: list[Membership] = []
        self.batches: list[list[Event]] = []
        self._rules = rules
        self._second = 0 if clock_stands_still else SECOND

    def time_of(self, commit: int) -> Instant:
        return START + commit * self._second

    async def take(self, *events: Event) -> Membership:
        now = self.time_of(len(self.remembered))
        await self.graph.write(lambda tx: take_in(tx, events, Regime(self._rules, 7, now)))
        rows = await self.graph.run("MATCH (i:Identifier)-[:BELONGS_TO]->(c) RETURN i.key AS key, c.id AS id")
        self.events += events
        self.batches.append(list(events))
        self.remembered.append({row["key"]: row["id"] for row in rows})
        return self.remembered[-1]

    async def see(self, *keys: str, at: int | None = None) -> Membership:
        """Take in one event; each is seen a second after the one before unless told otherwise."""
        number = len(self.events)
        return await self.take(make_event(number, number if at is None else at, keys, self._rules))


async def intervals(graph: Graph) -> list[Interval]:
    rows = await graph.run(
        f"MATCH (i:Identifier)-[r:BELONGED_TO|BELONGS_TO]->(c:Customer) RETURN i.key AS key, c.id AS customer, "
        f"{instant('r.since')} AS since, {instant('r.until')} AS until ORDER BY key, since"
    )
    return [Interval(**row) for row in rows]


async def changes(graph: Graph) -> list[StoredChange]:
    rows = await graph.run(
        "MATCH (change:Change) WHERE change.id STARTS WITH 'chg_' "
        f"RETURN change.kind AS kind, {instant('change.at')} AS at, change.rule_version AS rule_version, "
        "[change.trigger_kind, change.trigger_id] AS trigger, "
        "COLLECT { MATCH (change)-[:AFFECTED]->(c) RETURN c.id } AS customers ORDER BY at, kind"
    )
    return [
        StoredChange(row["kind"], frozenset(row["customers"]), row["at"], row["rule_version"], tuple(row["trigger"]))
        for row in rows
    ]


async def merges(graph: Graph) -> dict[str, tuple[str, Instant]]:
    rows = await graph.run(
        f"MATCH (c:Former)-[m:MERGED_INTO]->(survivor) RETURN c.id AS id, survivor.id AS into, {instant('m.at')} AS at"
    )
    return {row["id"]: (row["into"], row["at"]) for row in rows}


async def test_a_new_customer_is_no_change(graph: Graph) -> None:
    clerk = Clerk(graph)
    membership = await clerk.see("crm:1", "phone:1")
    await clerk.see("phone:1", "device:1")
    await clerk.see("phone:1")
    assert await changes(graph) == []
    (customer,) = set(membership.values())
    assert await intervals(graph) == [
        Interval("crm:1", customer, clerk.time_of(0), None),
        Interval("device:1", customer, clerk.time_of(1), None),
        Interval("phone:1", customer, clerk.time_of(0), None),
    ]


async def test_a_merge_keeps_the_oldest_customer_and_who_was_whose(graph: Graph) -> None:
    clerk = Clerk(graph)
    old = (await clerk.see("phone:1", at=5))["phone:1"]
    young = (await clerk.see("crm:1", at=1))["crm:1"]
    await clerk.see("phone:1", "crm:1", at=9)
    at = clerk.time_of(2)
    assert await intervals(graph) == [
        Interval("crm:1", young, clerk.time_of(1), at),
        Interval("crm:1", old, at, None),
        Interval("phone:1", old, clerk.time_of(0), None),
    ]
    assert await merges(graph) == {young: (old, at)}
    event = clerk.events[-1].id
    assert await changes(graph) == [StoredChange("MERGED", frozenset({old, young}), at, 7, ("OBSERVATION", event))]


async def test_a_merged_id_leads_over_all_later_merges_to_the_survivor(graph: Graph) -> None:
    clerk = Clerk(graph)
    for key in ("device:1", "device:2", "device:3"):
        await clerk.see(key)
    ids = [clerk.remembered[-1][f"device:{n}"] for n in (1, 2, 3)]
    await clerk.see("device:2", "device:3")
    await clerk.see("device:1", "device:2")
    assert await merges(graph) == {ids[2]: (ids[1], clerk.time_of(3)), ids[1]: (ids[0], clerk.time_of(4))}
    rows = await graph.run(
        "MATCH (:Customer {id: $id})-[:MERGED_INTO*0..]->(c) WHERE NOT c:Former RETURN c.id AS id", id=ids[2]
    )
    assert rows == [{"id": ids[0]}]


async def test_several_merges_in_one_commit_are_one_change_of_the_survivor(graph: Graph) -> None:
    clerk = Clerk(graph)
    for key in ("device:1", "device:2", "device:3"):
        await clerk.see(key)
    everyone = frozenset(clerk.remembered[-1].values())
    await clerk.take(*(make_event(10 + n, n, ("device:1", f"device:{n}"), RULES) for n in (2, 3)))
    (change,) = await changes(graph)
    assert (change.kind, change.customers) == ("MERGED", everyone)
    assert change.trigger[1] in {event.id for event in clerk.batches[-1]}


async def test_what_leaves_for_a_newcomer_is_a_split(graph: Graph) -> None:
    clerk = Clerk(graph)
    first = (await clerk.see("crm:1", "device:1"))["device:1"]
    then = await clerk.see("crm:2", "device:1")
    assert then["crm:1"] == first
    assert then["crm:2"] == then["device:1"] != first
    at = clerk.time_of(1)
    assert [one for one in await intervals(graph) if one.key == "device:1"] == [
        Interval("device:1", first, clerk.time_of(0), at),
        Interval("device:1", then["device:1"], at, None),
    ]
    trigger = ("OBSERVATION", clerk.events[-1].id)
    assert await changes(graph) == [StoredChange("SPLIT", frozenset({first, then["device:1"]}), at, 7, trigger)]
    assert await merges(graph) == {}


async def test_what_goes_over_to_a_known_customer_is_a_move(graph: Graph) -> None:
    clerk = Clerk(graph)
    await clerk.see("crm:1", "device:1")
    before = await clerk.see("crm:2")
    after = await clerk.see("crm:2", "device:1")
    assert (after["crm:1"], after["crm:2"]) == (before["crm:1"], before["crm:2"])
    assert after["device:1"] == after["crm:2"]
    (change,) = await changes(graph)
    assert (change.kind, change.customers) == ("IDENTIFIER_MOVED", frozenset(before.values()))
    assert (change.at, change.trigger) == (clerk.time_of(2), ("OBSERVATION", clerk.events[-1].id))


async def test_what_comes_back_was_away_meanwhile(graph: Graph) -> None:
    clerk = Clerk(graph)
    for person in (1, 2):
        await clerk.see(f"crm:{person}")
    for person in (1, 2, 1):
        await clerk.see(f"crm:{person}", "device:1")
    owners = [membership["device:1"] for membership in clerk.remembered[2:]]
    assert owners[0] == owners[2] != owners[1]
    assert [(one.customer, one.since) for one in await intervals(graph) if one.key == "device:1"] == [
        (owner, clerk.time_of(commit)) for commit, owner in enumerate(owners, 2)
    ]
    assert [change.kind for change in await changes(graph)] == ["IDENTIFIER_MOVED"] * 2


async def test_a_customer_goes_where_its_oldest_identifier_goes(graph: Graph) -> None:
    clerk = Clerk(graph)
    first = (await clerk.see("crm:1", "device:1"))["crm:1"]
    second = (await clerk.see("crm:2", "device:1"))["crm:2"]
    last = await clerk.see("crm:1", "device:1")
    assert last["crm:1"] == last["device:1"] == first
    assert last["crm:2"] not in {first, second}
    at = clerk.time_of(2)
    assert await merges(graph) == {second: (first, at)}
    trigger = ("OBSERVATION", clerk.events[-1].id)
    assert [change for change in await changes(graph) if change.at == at] == [
        StoredChange("MERGED", frozenset({first, second}), at, 7, trigger),
        StoredChange("SPLIT", frozenset({last["crm:2"], second}), at, 7, trigger),
    ]


async def test_what_is_quarantined_leaves_its_customer(graph: Graph) -> None:
    clerk = Clerk(graph, make_rules(max_partners=2))
    for person in (1, 2, 3):
        await clerk.see(f"crm:{person}", "device:1")
    last = clerk.remembered[-1]
    assert len(set(last.values())) == 4
    assert {change.kind for change in await changes(graph)} <= {"SPLIT", "IDENTIFIER_MOVED"}
    final = [change for change in await changes(graph) if change.at == clerk.time_of(2)]
    assert final
    assert {change.trigger for change in final} == {("OBSERVATION", clerk.events[-1].id)}
    await check_stored(graph, clerk.events, make_rules(max_partners=2))


async def test_times_of_a_customer_move_on_though_the_clock_stands_still(graph: Graph) -> None:
    clerk = Clerk(graph, clock_stands_still=True)
    for key in ("crm:1", "crm:2"):
        await clerk.see(key)
    for person in (1, 2, 1, 2, 1):
        await clerk.see(f"crm:{person}", "device:1")
    own = [one for one in await intervals(graph) if one.key == "device:1"]
    assert len(own) == 5
    assert all(one.until is None or one.since < one.until for one in own)
    assert [one.until for one in own[:-1]] == [one.since for one in own[1:]]
    times = [change.at for change in await changes(graph)]
    assert sorted(set(times)) == times


async def test_of_a_batch_the_event_that_brought_the_two_together_is_the_trigger(graph: Graph) -> None:
    clerk = Clerk(graph)
    for key in ("device:1", "device:2", "cookie:1"):
        await clerk.see(key)
    cause = make_event(20, 20, ("device:1", "device:2"), RULES)
    others = [make_event(number, number, (key,), RULES) for number, key in ((18, "cookie:1"), (19, "device:1"))]
    await clerk.take(*others, cause, make_event(21, 21, ("device:1",), RULES), make_event(22, 22, ("cookie:2",), RULES))
    (change,) = await changes(graph)
    assert change.trigger == ("OBSERVATION", cause.id)


async def test_what_happened_far_from_the_observation_names_it_as_the_trigger(graph: Graph) -> None:
    """The cookie was nobody's, between two devices; one of them is set apart, and so it is the other's."""
    rules = make_rules(conflict=Conflict.NOBODY, max_partners=1)
    clerk = Clerk(graph, rules)
    for keys in (("crm:1", "device:1"), ("crm:2", "device:2"), ("cookie:1", "device:1"), ("cookie:1", "device:2")):
        await clerk.see(*keys)
    before = clerk.remembered[-1]
    assert before["cookie:1"] not in {before["device:1"], before["device:2"]}
    await clerk.take(make_event(10, 10, ("phone:3",), rules), make_event(11, 11, ("crm:3", "device:1"), rules))
    assert clerk.remembered[-1]["cookie:1"] == clerk.remembered[-1]["device:2"]
    found = {change.kind: change for change in await changes(graph) if change.at == clerk.time_of(4)}
    assert found["MERGED"].customers == {before["cookie:1"], before["device:2"]}
    assert {change.trigger for change in found.values()} == {("OBSERVATION", clerk.events[-1].id)}


@examples(15)
@given(world=worlds())
async def test_the_past_is_as_it_was_and_every_difference_has_its_change(
    graph: Graph, world: tuple[RuleSet, list[list[Event]]]
) -> None:
    rules, batches = world
    await wipe(graph)
    clerk = Clerk(graph, rules)
    for batch in batches:
        await clerk.take(*batch)
    told = await intervals(graph)
    check_continuous(told)
    for commit, remembered in enumerate(clerk.remembered):
        assert replay(told, clerk.time_of(commit)) == remembered
    merged = await merges(graph)
    stored = await changes(graph)
    for change in stored:
        batch = batches[(change.at - START) // SECOND]
        assert (change.rule_version, change.trigger[0]) == (7, "OBSERVATION")
        assert change.trigger[1] in {event.id for event in batch}
    for commit, (before, after) in enumerate(zip([{}, *clerk.remembered], clerk.remembered, strict=False)):
        at = clerk.time_of(commit)
        found = sorted((change.kind, sorted(change.customers)) for change in stored if change.at == at)
        assert found == sorted(differences(before, after, {a: b for a, (b, when) in merged.items() if when == at}))
    await check_survivors(graph, clerk)


def replay(told: list[Interval], at: Instant) -> Membership:
    """Read off the intervals who was whose at a moment."""
    return {one.key: one.customer for one in told if one.since <= at and (one.until is None or at < one.until)}


def check_continuous(told: list[Interval]) -> None:
    own: dict[str, list[Interval]] = defaultdict(list)
    for interval in told:
        own[interval.key].append(interval)
    for row in own.values():
        assert [one.until for one in row[:-1]] == [one.since for one in row[1:]]
        assert row[-1].until is None
        assert all(one.until is None or one.since < one.until for one in row)
        assert all(one.customer != following.customer for one, following in pairwise(row))


def differences(before: Membership, after: Membership, merged: dict[str, str]) -> list[tuple[str, list[str]]]:
    """Tell the changes between two memberships, from nothing but these and who merged into whom."""
    known = set(before.values())
    givers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for loser, survivor in merged.items():
        givers["MERGED", survivor].add(loser)
    for key, source in before.items():
        target = after[key]
        if target != source and merged.get(source) != target:
            givers["IDENTIFIER_MOVED" if target in known else "SPLIT", target].add(source)
    assert known - set(after.values()) == merged.keys(), "whoever is left with nothing was merged"
    return [(kind, sorted({target, *sources})) for (kind, target), sources in givers.items()]


async def check_survivors(graph: Graph, clerk: Clerk) -> None:
    """Check that a merged customer went into an older one, and to where its oldest identifier went."""
    rows: list[dict[str, Any]] = await graph.run(
        f"MATCH (c:Former)-[m:MERGED_INTO]->(survivor) RETURN c.id AS id, survivor.id AS into, {instant('m.at')} AS at, "
        f"[{instant('survivor.created_at')}, survivor.id] < [{instant('c.created_at')}, c.id] AS older"
    )
    assert all(row["older"] for row in rows)
    first_seen: dict[str, Instant] = {}
    commits: list[dict[str, Instant]] = []
    for batch in clerk.batches:
        for event in batch:
            for identifier in event.identifiers:
                at = event.occurred_at
                first_seen[identifier.key] = min(first_seen.get(identifier.key, at), at)
        commits.append(dict(first_seen))
    for row in rows:
        commit = (row["at"] - START) // SECOND
        own = [key for key, customer in clerk.remembered[commit - 1].items() if customer == row["id"]]
        oldest = min(own, key=lambda key: (commits[commit][key], key))
        assert clerk.remembered[commit][oldest] == row["into"]
