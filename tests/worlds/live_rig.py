"""A graph with segments, a clock that tests move, and an evaluator that takes turns when it is told to."""

from collections.abc import Sequence
from typing import Any

from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.segments.transitions import Transition
from identity_graph.domain.values.observations import Instant
from identity_graph.service.commit.taking_in import take_in
from identity_graph.service.commit.units import Units
from identity_graph.service.segments.evaluator import Evaluator
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction
from tests.worlds.live_segments import save_segment
from tests.worlds.segment_facts import DAY, moment
from tests.worlds.segment_messages import Sending
from tests.worlds.segment_sheets import terms_of, write_moment
from tests.worlds.worlds import keep_rules

START = moment("2026-06-15T12:00:00+08:00")
TERMS = terms_of("Asia/Shanghai", has_cut=False)
PAID = {"did": {"event": "Paid"}}


class Rig:
    """A graph with a clock that tests move, one process, and its evaluator."""

    def __init__(self, graph: Graph, *, batch: int = 200) -> None:
        self.graph = graph
        self.now = START
        self.number = 0
        self.told: list[Transition] = []
        self.units = Units(graph, InForce(TERMS.rules, 1, TERMS.catalogue), clock=lambda: self.now)
        self.evaluator = Evaluator(self.units, [self.follow], batch=batch)

    async def follow(self, _: WriteTransaction, transitions: Sequence[Transition], __: Instant) -> None:
        self.told += transitions

    async def open(self) -> "Rig":
        await keep_rules(self.graph, TERMS.rules)
        await self.units.open()
        return self

    async def send(self, *messages: dict[str, Any]) -> None:
        """Take in messages that happen now."""
        written: list[dict[str, Any]] = []
        for one in messages:
            self.number += 1
            kind = "track" if "event" in one else "identify"
            written.append({"type": kind, "messageId": f"m{self.number}", "timestamp": write_moment(self.now), **one})
        events = Sending.of(written, TERMS.rules, START + 100 * DAY).events
        await self.units.run(lambda tx, regime: take_in(tx, events, regime))

    async def save(self, id: str, rule: dict[str, Any] | str, audience: str = "ALL") -> None:
        await save_segment(self.units, id, rule, audience)
        await self.evaluator.catch_up()

    async def customer(self, key: str) -> str:
        rows = await self.graph.run(
            "MATCH (:Identifier {key: $key})-[:BELONGS_TO]->(c:Customer) RETURN c.id AS id", key=key
        )
        return rows[0]["id"]

    async def transitions(self, id: str = "seg_1") -> list[tuple[str, bool, str]]:
        """List the transitions of a segment: customer, whether it entered, and the cause, in their order."""
        rows = await self.graph.run("MATCH (t:Transition {segment_id: $id}) RETURN t ORDER BY t.position", id=id)
        return [(row["t"]["customer_id"], row["t"]["entered"], row["t"]["cause"]) for row in rows]
