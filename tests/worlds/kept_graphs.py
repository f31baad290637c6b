"""Graphs that earlier versions wrote, kept as files, and the facts that they were written from."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from identity_graph.domain.collecting.segment.messages import extract, to_event
from identity_graph.domain.identity.judgements import NO_CORRECTIONS, Corrections, Judgement, Verdict
from identity_graph.domain.rules.file import parse_rules
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.observations import Event, Message, event_id
from identity_graph.service.rules.changing import get_rule_set
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import apply_migrations
from tests.worlds.stored import check_stored


@dataclass(frozen=True)
class KeptGraph:
    """A folder with ``facts.json`` and graphs as lines of JSON."""

    folder: Path

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The messages that it was given, what was said of them, and which one was retracted."""
        return json.loads((self.folder / "facts.json").read_text("utf-8"))

    async def load(self, graph: Graph, name: str) -> Graph:
        """Write it into an empty graph."""
        lines = [json.loads(line) for line in (self.folder / name).read_text("utf-8").splitlines()]
        nodes = [line for line in lines if "labels" in line]
        made = await graph.run(
            "UNWIND $rows AS row CREATE (n:$(row.labels)) SET n = row.properties RETURN elementId(n) AS id",
            rows=[{**node, "properties": _typed(node["properties"])} for node in nodes],
        )
        await graph.run(
            "UNWIND $rows AS row MATCH (a) WHERE elementId(a) = row.a MATCH (b) WHERE elementId(b) = row.b "
            "CREATE (a)-[r:$(row.type)]->(b) SET r = row.properties",
            rows=[
                {
                    "a": made[line["start"]]["id"],
                    "b": made[line["end"]]["id"],
                    "type": line["type"],
                    "properties": _typed(line["properties"]),
                }
                for line in lines[len(nodes) :]
            ],
        )
        await graph.run("MATCH (m:Migration {name: 'journeys'}) DETACH DELETE m")
        await apply_migrations(
            graph
        )  # as a start of the service does; its indexes are there, what it adds to nodes is not
        return graph

    def read(self, messages: Sequence[object], rules: RuleSet) -> list[Event]:
        """Read messages as they are read today."""
        found = [extract(one, source=self.facts["source"], received_at=self.facts["received_at"]) for one in messages]
        assert all(isinstance(message, Message) for message in found)
        return [to_event(message, rules) for message in found if isinstance(message, Message)]

    async def check(self, graph: Graph, *more: Event) -> None:
        """Check that what is stored is what follows from the facts under today's code."""
        current = await graph.read(get_rule_set)
        rules = parse_rules(current.yaml, name="?")
        judgements: set[Judgement] = set()
        corrections = NO_CORRECTIONS
        for verdict, *said in self.facts["judged"]:
            a, b = (None if key is None else read_key(key, rules) for key in said)
            assert a is not None
            if verdict == "overruled":
                corrections = Corrections(corrections.unlinked, corrections.overruled | {a})
                continue
            assert b is not None
            if verdict == "unlinked":
                corrections = Corrections({(min(a, b), max(a, b)): self.facts["received_at"]}, corrections.overruled)
            else:
                judgements.add(Judgement.of(Verdict(verdict), a, b))
        retracted = {event_id(self.facts["source"], self.facts["retracted"])}
        events = [*self.read(self.facts["messages"], rules), *more]
        await check_stored(graph, events, rules, judgements, corrections, retracted, may_end=True)


def _typed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value["time"]) if isinstance(value, dict) else value
        for name, value in properties.items()
    }
