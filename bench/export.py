"""The final graph as a file: every node and relationship, as rows that a plain client can write again."""

from base64 import b64decode, b64encode
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from neo4j import Driver, GraphDatabase, NotificationMinimumSeverity, Record

from identity_graph.runtime import ServerHandle
from identity_graph.store.driver.instants import read_instant

ROWS_A_LINE = 500


@dataclass(frozen=True, slots=True)
class Shape:
    """Nodes with the same labels, or relationships of one type: their properties, and which of these are times."""

    names: tuple[str, ...]
    properties: tuple[tuple[str, bool], ...]
    is_node: bool

    @property
    def label(self) -> str:
        """How the shape is written in Cypher: ``:Identifier:Cookie``."""
        return "".join(f":`{name}`" for name in self.names)


@dataclass(frozen=True, slots=True)
class ShapeFile:
    """The rows of a shape in a file: a node is [id, *properties], a relationship [start, end, *properties]."""

    shape: Shape
    path: Path
    rows: int

    def read(self) -> Iterator[list[list[Any]]]:
        """Read the rows, some hundred at a time."""
        with self.path.open("rb") as lines:
            for line in lines:
                yield [[_read(value) for value in row] for row in orjson.loads(line)]


@contextmanager
def driver_of(server: ServerHandle) -> Generator[Driver]:
    """Open a plain driver to a server."""
    with GraphDatabase.driver(
        server.uri,
        auth=(server.user, server.password),
        notifications_min_severity=NotificationMinimumSeverity.OFF,
    ) as driver:
        yield driver


def export_graph(server: ServerHandle, folder: Path) -> list[ShapeFile]:
    """Stream the whole graph into ``folder``, nodes before relationships."""
    folder.mkdir(parents=True, exist_ok=True)
    with driver_of(server) as driver:
        shapes = _read_shapes(driver)
        return [_export(driver, shape, folder / f"{number:03d}.ndjson") for number, shape in enumerate(shapes)]


def _read_shapes(driver: Driver) -> list[Shape]:
    nodes: dict[tuple[str, ...], dict[str, bool]] = {}
    for record in driver.execute_query("CALL db.schema.nodeTypeProperties()").records:
        _add(nodes, tuple(sorted(record["nodeLabels"])), record)
    types: dict[tuple[str, ...], dict[str, bool]] = {}
    for record in driver.execute_query("CALL db.schema.relTypeProperties()").records:
        _add(types, (record["relType"].strip(":`"),), record)
    return [Shape(names, tuple(found.items()), is_node=True) for names, found in nodes.items()] + [
        Shape(names, tuple(found.items()), is_node=False) for names, found in types.items()
    ]


def _add(shapes: dict[tuple[str, ...], dict[str, bool]], names: tuple[str, ...], record: Record) -> None:
    found = shapes.setdefault(names, {})
    if record["propertyName"] is not None:
        found[record["propertyName"]] = "DateTime" in str(record["propertyTypes"])


def _export(driver: Driver, shape: Shape, path: Path) -> ShapeFile:
    columns = ", ".join(read_instant(f"x.`{name}`") if is_time else f"x.`{name}`" for name, is_time in shape.properties)
    if shape.is_node:
        text = f"MATCH (x{shape.label}) WHERE size(labels(x)) = {len(shape.names)} RETURN [elementId(x), {columns}]"
    else:
        text = f"MATCH (a)-[x{shape.label}]->(b) RETURN [elementId(a), elementId(b), {columns}]"
    rows = 0
    with driver.session(fetch_size=5000) as session, path.open("wb") as out:
        batch: list[Any] = []
        for record in session.run(text.replace(", ]", "]")):  # pyright: ignore[reportArgumentType]
            batch.append(record[0])
            rows += 1
            if len(batch) == ROWS_A_LINE:
                out.write(orjson.dumps(batch, _write, orjson.OPT_APPEND_NEWLINE))
                batch = []
        if batch:
            out.write(orjson.dumps(batch, _write, orjson.OPT_APPEND_NEWLINE))
    return ShapeFile(shape, path, rows)


def _write(value: object) -> object:
    """Write what JSON has no form for: bytes."""
    assert isinstance(value, bytes)
    return {"bytes": b64encode(value).decode()}


def _read(value: Any) -> Any:
    return b64decode(value["bytes"]) if type(value) is dict else value
