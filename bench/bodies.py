"""Request bodies, encoded once before the clock starts: 100 messages each, one body a line."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson

from identity_graph.simulation import EVENTS_PER_PERSON, Simulation

BATCH = 100


@dataclass(frozen=True, slots=True)
class Bodies:
    """A file of request bodies, and how many messages all of them hold."""

    path: Path
    events: int

    def read(self) -> Iterator[bytes]:
        """Read the bodies in the order of the simulation."""
        with self.path.open("rb") as lines:
            for line in lines:
                yield line.rstrip(b"\n")


def write_bodies(path: Path, events: int, seed: int) -> Bodies:
    """Write ``events`` messages of a world of the right size, in the order in which they arrive."""
    world = iter(Simulation(people=int(events / EVENTS_PER_PERSON * 1.15) + 20, seed=seed))
    written = 0
    with path.open("wb") as out:
        while batch := [sent.message for sent in islice(world, min(BATCH, events - written))]:
            out.write(orjson.dumps({"batch": batch}, option=orjson.OPT_APPEND_NEWLINE))
            written += len(batch)
    return Bodies(path, written)


def basic_auth(key: str) -> str:
    """Write the header with which SDKs send a write key."""
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()
