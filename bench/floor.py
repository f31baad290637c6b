"""The floor: the same graph written by a plain client that decides nothing and reads nothing."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from neo4j import Driver, ManagedTransaction

from bench.export import ShapeFile, driver_of
from identity_graph.runtime import ServerHandle

BATCH_SIZES = (500, 2000, 5000)
"""Rows in a transaction that are tried in turn on the first rows of each large shape; the rest takes the best."""


@dataclass(slots=True)
class FloorResult:
    """Seconds that the whole graph takes at the best batch size, and rows per second at each size tried."""

    rows: int = 0
    seconds: float = 0.0
    best: dict[str, int] = field(default_factory=dict[str, int])


def write_floor(server: ServerHandle, files: list[ShapeFile]) -> FloorResult:
    """Write all rows of the files into an empty graph, nodes first, and time it.

    Relationships find their ends by the server's own ids, which is the cheapest way there is. For each shape the
    first rows try the batch sizes; the time counted is that of all rows at the best size.
    """
    result = FloorResult()
    ids: dict[str, str] = {}
    with driver_of(server) as driver:
        for file in files:
            if file.rows:
                seconds, best = _write_shape(driver, file, ids)
                result.rows += file.rows
                result.seconds += seconds
                result.best[file.shape.label] = best
    return result


def _write_shape(driver: Driver, file: ShapeFile, ids: dict[str, str]) -> tuple[float, int]:
    text = _statement(file)
    rows = _Rows(file.read())
    trial = max(file.rows // 30, *BATCH_SIZES)
    rates: dict[int, float] = {}
    if file.rows > 6 * trial:
        for size in BATCH_SIZES:
            rates[size] = trial / _write(driver, text, file, rows, ids, size, trial)
    best = max(rates, key=lambda size: rates[size]) if rates else BATCH_SIZES[0]
    left = file.rows - len(rates) * trial
    seconds = _write(driver, text, file, rows, ids, best, left)
    return seconds * file.rows / left, best


def _write(
    driver: Driver, text: str, file: ShapeFile, rows: "_Rows", ids: dict[str, str], size: int, count: int
) -> float:
    """Write the next ``count`` rows and return the seconds that the server had them."""
    taken = 0.0
    with driver.session() as session:
        while count > 0:
            batch = rows.take(min(size, count))
            count -= len(batch)
            if not file.shape.is_node:
                batch = [[ids[row[0]], ids[row[1]], *row[2:]] for row in batch]
            begun = time.perf_counter()
            made = session.execute_write(_run, text, batch)
            taken += time.perf_counter() - begun
            if file.shape.is_node:
                ids.update(zip((row[0] for row in batch), made, strict=True))
    return taken


def _run(tx: ManagedTransaction, text: str, rows: list[list[Any]]) -> list[str]:
    return [record[0] for record in tx.run(text, rows=rows)]  # pyright: ignore[reportArgumentType]


def _statement(file: ShapeFile) -> str:
    first = 1 if file.shape.is_node else 2
    properties = ", ".join(
        f"`{name}`: CASE WHEN row[{at}] IS NOT NULL "
        f"THEN datetime({{epochSeconds: row[{at}] / 1000000, microsecond: row[{at}] % 1000000}}) END"
        if is_time
        else f"`{name}`: row[{at}]"
        for at, (name, is_time) in enumerate(file.shape.properties, first)
    )
    if file.shape.is_node:
        return f"UNWIND $rows AS row CREATE (x{file.shape.label} {{{properties}}}) RETURN elementId(x)"
    return (
        "UNWIND $rows AS row MATCH (a) WHERE elementId(a) = row[0] MATCH (b) WHERE elementId(b) = row[1] "
        f"CREATE (a)-[:`{file.shape.names[0]}` {{{properties}}}]->(b)"
    )


class _Rows:
    """Rows that come in lines of some hundred, taken in any number."""

    def __init__(self, lines: Iterator[list[list[Any]]]) -> None:
        self._lines = lines
        self._held: list[list[Any]] = []

    def take(self, count: int) -> list[list[Any]]:
        while len(self._held) < count:
            line = next(self._lines, None)
            if line is None:
                break
            self._held += line
        taken, self._held = self._held[:count], self._held[count:]
        return taken
