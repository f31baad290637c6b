"""Counts per source and day: those of the messages as they were sent, whatever is merged, split, repeated or taken back."""

import json
from collections import Counter, defaultdict
from itertools import count, groupby
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.values.instants import DAY
from identity_graph.service.clock import now_instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.commit.count_pruning import KEPT_DAYS
from identity_graph.service.core import Service
from identity_graph.service.corrections.corrections import retract_observation
from identity_graph.store.driver.graph import Graph
from tests.properties import examples

START = (now_instant() // DAY - KEPT_DAYS // 2) * DAY
"""The first day: a service deletes counts that are older than those it keeps."""

SOURCES = ("web", "app")
NAMES = ("Cart Viewed", "cart viewed", "Paid")
AGES: tuple[Any, ...] = (7, "42", "old", None, 3.5)


MessageSums = Counter[tuple[int, str, str, str, bool]]
"""Messages by day, source, type, name, and whether they are new."""

ClaimSums = Counter[tuple[int, str, str, str]]
"""Claims by day, source, name of the trait, and what became of them."""


def message(number: int, kind: int, run: int = 0) -> dict[str, Any]:
    """Make a message; the same number and kind make the same one."""
    who = {"userId": f"u{run}.{kind % 3}", "anonymousId": f"c{run}.{kind % 4}"}
    if kind % 3:
        return {"type": "track", "event": NAMES[kind % len(NAMES)], "messageId": f"m{number}", **who}
    return {
        "type": "identify",
        "messageId": f"m{number}",
        "traits": {"age": AGES[kind % len(AGES)], "coat": "red"},
        **who,
    }


sent = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 60), st.sampled_from(SOURCES), st.integers(0, 2), st.booleans()),
    max_size=25,
)
"""Number and kind of a message, its source, the day on which it is received, and whether it is taken back afterwards."""


Sent = list[tuple[int, int, str, int, bool]]
_runs = count(1)


@examples(15)
@given(sent=sent, size=st.integers(1, 8))
async def test_counts_are_those_of_the_messages_as_they_were_sent(service: Service, sent: Sent, size: int) -> None:
    run = next(_runs)  # an example has sources and people of its own
    known: set[tuple[str, int]] = set()
    messages: MessageSums = Counter()
    claims: ClaimSums = Counter()
    for start in range(0, len(sent), size):
        part = sent[start : start + size]
        for (source, day), group in groupby(part, lambda one: (f"{one[2]} {run}", one[3])):
            batch = [(number, message(number, kind, run)) for number, kind, *_ in group]
            for number, one in batch:
                is_new = (source, number) not in known
                known.add((source, number))
                messages[START // DAY + day, source, one["type"], one.get("event", one["type"]), is_new] += 1
                for name, value in one.get("traits", {}).items() if is_new else ():
                    claims[START // DAY + day, source, name, became(name, value)] += 1
            await collect(service, [one for _, one in batch], source=source, received_at=START + day * DAY)
        for number, _, source, _, is_taken_back in part:
            if is_taken_back:
                await take_back(service, f"{source} {run}", number)
    assert await stored_messages(service.graph, f" {run}") == messages
    assert await stored_claims(service.graph, f" {run}") == claims


async def test_a_batch_counts_like_its_messages_one_by_one(service: Service, graph: Graph) -> None:
    batch = [message(number % 9, number % 9) for number in range(20)]
    await collect(service, batch, source="web", received_at=START)
    stored = await stored_messages(graph)
    assert sum(n for (*_, is_new), n in stored.items() if is_new) == 9
    assert sum(n for (*_, is_new), n in stored.items() if not is_new) == 11
    claims = await stored_claims(graph)
    assert claims[START // DAY, "web", "coat", "fits"] == 3


async def test_a_value_that_does_not_fit_is_counted_also_behind_a_newer_one_of_its_batch(
    service: Service, graph: Graph
) -> None:
    batch = [
        {
            "type": "identify",
            "messageId": f"m{day}",
            "userId": "ann",
            "traits": {"age": age},
            "timestamp": f"2026-01-{day:02}T00:00:00Z",
        }
        for day, age in ((9, 33), (8, "old"), (7, "older"))
    ]
    await collect(service, batch, source="crm", received_at=START)
    (row,) = await graph.run("MATCH (n:ClaimCount) RETURN n.claims AS claims, n.misfits AS misfits, n.misfit AS id")
    assert (row["claims"], row["misfits"]) == (3, 2)
    (event,) = await graph.run("MATCH (e:Event {id: $id}) RETURN e.message_id AS message_id", id=row["id"])
    assert event["message_id"] in {"m8", "m7"}
    (told,) = await graph.run("MATCH (c:IngestCounter) WHERE c.accepted > 0 RETURN c.ignored AS ignored")
    assert json.loads(told["ignored"]) == {"": {"trait_of_another_type": 2}}


async def test_names_that_somebody_makes_up_take_bounded_room(service: Service, graph: Graph) -> None:
    batch = [
        {"type": "track", "event": f"made up {number}", "messageId": f"m{number}", "userId": "ann"}
        for number in range(250)
    ]
    await collect(service, batch, source="web", received_at=START)
    rows = await graph.run("MATCH (n:MessageCount) RETURN n.name AS name, n.accepted AS accepted")
    counts = {row["name"]: row["accepted"] for row in rows}
    assert len(counts) == 201
    assert counts["(others)"] == 50


async def take_back(service: Service, source: str, number: int) -> None:
    if not await service.graph.run(
        "MATCH (e:Event {source: $source, message_id: $id}) WHERE e.retracted_at IS NOT NULL RETURN e",
        source=source,
        id=f"m{number}",
    ):
        await retract_observation(service, source, f"m{number}", "support")


def became(name: str, value: Any) -> str:
    """Tell what becomes of a claim under the catalogue that ships, which declares only ``age``: an integer."""
    if value is None:
        return "deletions"
    if name == "age" and value in ("old", 3.5):
        return "misfits"
    return "fits"


async def stored_messages(graph: Graph, sources: str = "") -> MessageSums:
    counts: MessageSums = Counter()
    for row in await graph.run(
        "MATCH (n:MessageCount) WHERE n.source ENDS WITH $sources RETURN properties(n) AS n", sources=sources
    ):
        n = row["n"]
        counts[n["day"], n["source"], n["type"], n["name"], True] += n["accepted"]
        counts[n["day"], n["source"], n["type"], n["name"], False] += n["repeated"]
    return +counts


async def stored_claims(graph: Graph, sources: str = "") -> ClaimSums:
    counts: ClaimSums = Counter()
    sums: defaultdict[tuple[int, str, str], int] = defaultdict(int)
    for row in await graph.run(
        "MATCH (n:ClaimCount) WHERE n.source ENDS WITH $sources RETURN properties(n) AS n", sources=sources
    ):
        n = row["n"]
        key = n["day"], n["source"], n["name"]
        for outcome in ("deletions", "misfits", "unsuited", "too_large"):
            counts[(*key, outcome)] += n[outcome]
            sums[key] += n[outcome]
        counts[(*key, "fits")] += n["claims"]
    for key, others in sums.items():
        counts[(*key, "fits")] -= others
    return +counts
