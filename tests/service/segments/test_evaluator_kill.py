"""The evaluator loses and doubles nothing, whatever is killed, whoever is too slow, and whoever evaluates beside it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from identity_graph.service.commit.units import Units
from identity_graph.service.segments.evaluator import Evaluator
from identity_graph.service.segments.members import read_now
from identity_graph.service.segments.turns import LEASE_SECONDS, Turn, TurnLostError
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.segments.evaluation import take_turn
from tests.worlds.live_rig import PAID, Rig
from tests.worlds.live_segments import save_segment
from tests.worlds.live_worlds import check_transitions
from tests.worlds.segment_facts import DAY

T = TypeVar("T")


@pytest.fixture
async def rig(graph: Graph) -> Rig:
    return await Rig(graph).open()


class KilledError(Exception):
    """The process ends here."""


class Interrupted:
    """A graph that ends the process at one of its calls, before it or right after it."""

    def __init__(self, graph: Graph, at: int, *, after: bool) -> None:
        self._graph = graph
        self._left = at
        self._after = after

    async def _call(self, call: Callable[[], Awaitable[T]]) -> T:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise KilledError
        result = await call()
        if self._left == 0:
            raise KilledError
        return result

    async def read(self, work: Callable[[Any], Awaitable[T]]) -> T:
        return await self._call(lambda: self._graph.read(work))

    async def write(self, work: Callable[[Any], Awaitable[T]]) -> T:
        return await self._call(lambda: self._graph.write(work))


async def happen(rig: Rig) -> None:
    """Leave all kinds of work to an evaluator: people who wait, who are due, a new segment and a changed one."""
    await rig.send(*({"event": "Paid", "userId": f"{number}"} for number in range(1, 5)))
    await rig.save("seg_1", {"did": {"event": "Paid", "within": "P1D"}})
    await rig.send({"event": "Paid", "anonymousId": "a"})
    await rig.send({"event": "Seen", "anonymousId": "a", "userId": "3"})
    rig.now += 2 * DAY
    await save_segment(rig.units, "seg_1", PAID, "ALL")
    await save_segment(rig.units, "seg_2", {"not": {"inSegment": "seg_1"}}, "ALL")


async def test_a_kill_between_any_two_steps_loses_and_doubles_nothing(graph: Graph) -> None:
    expected: set[tuple[str, str]] | None = None
    killed = 0
    for step in (1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 30, 33, 1000):
        await graph.run("MATCH (n) WHERE NOT n:Migration AND NOT n:RuleSet DETACH DELETE n")
        rig = await Rig(graph, batch=2).open()
        await happen(rig)
        await graph.run("MATCH (e:SegmentEvaluation) SET e.leased_until = datetime({epochSeconds: 0})")
        dying = Units(graph, rig.units.in_force, clock=lambda rig=rig: rig.now)
        dying.graph = Interrupted(graph, step, after=step % 2 == 0)  # pyright: ignore[reportAttributeAccessIssue]
        try:
            await Evaluator(dying, batch=2).catch_up()
        except KilledError:
            killed += 1
        await graph.run("MATCH (e:SegmentEvaluation) SET e.leased_until = datetime({epochSeconds: 0})")
        await rig.evaluator.catch_up()
        await check_transitions(graph)
        rows = await graph.run(
            "MATCH (m:SegmentMembership) WHERE m.since IS NOT NULL MATCH (:Customer {id: m.customer_id})<-[:BELONGS_TO]-"
            "(i:Identifier) RETURN m.segment_id AS segment, i.key AS key"
        )
        found = {(row["segment"], row["key"]) for row in rows}
        expected = expected or found
        assert found == expected, step
        (ends,) = await graph.run(
            "MATCH (s:Sequence {name: 'transitions'}) RETURN s.last AS last, COUNT { (:Transition) } AS written"
        )
        assert ends["last"] == ends["written"]
    assert killed > 10


async def test_who_lost_the_turn_writes_nothing(rig: Rig) -> None:
    await rig.save("seg_1", PAID)
    (held,) = await rig.graph.write(lambda tx: take_turn(tx, holder=rig.units.writer, seconds=LEASE_SECONDS))
    slow = Turn(rig.graph, rig.units.writer, held.fence)
    other = Evaluator(Units(rig.graph, rig.units.in_force, clock=lambda: rig.now))
    await rig.send({"event": "Paid", "userId": "1"})
    assert not await other.take_turn(), "the turn is taken"
    await rig.graph.run("MATCH (e:SegmentEvaluation) SET e.leased_until = datetime({epochSeconds: 0})")
    await other.catch_up()
    written: list[bool] = []

    async def write(_: WriteTransaction) -> None:
        written.append(True)

    with pytest.raises(TurnLostError):
        await slow.write(write)
    assert (len(await rig.transitions()), written) == (1, [])


async def test_two_services_at_once_write_each_transition_once(rig: Rig) -> None:
    await rig.save("seg_1", PAID)
    await rig.evaluator.close()
    other = Evaluator(Units(rig.graph, rig.units.in_force, clock=lambda: rig.now), [rig.follow], batch=3)
    mine = Evaluator(rig.units, [rig.follow], batch=3)
    mine.start()
    other.start()
    for number in range(1, 21):
        await rig.send({"event": "Paid", "userId": f"{number}"}, {"event": "Paid", "userId": f"{number + 100}"})
    for _ in range(600):
        if (await read_now(rig.graph, "seg_1", rig.now)).size == 40:
            break
        await asyncio.sleep(0.05)
    await mine.close()
    await other.close()
    await check_transitions(rig.graph)
    assert len(await rig.transitions()) == 40
