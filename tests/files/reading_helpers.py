"""Short ways to read a file that a test writes."""

from pathlib import Path
from typing import Any

from identity_graph.files.mapping import Mapping
from identity_graph.files.mapping_file import parse_mapping
from identity_graph.files.reading import open_records
from identity_graph.files.records import Record, Rejection

MINIMAL = """
identifiers: {crm_id: id}
event: {value: Order Completed}
"""


def mapping(text: str = MINIMAL) -> Mapping:
    """Read a mapping."""
    return parse_mapping(text, name="mapping.yaml")


def read(
    path: Path, content: str | bytes, columns: Mapping | None = None, *, skip: int = 0
) -> list[Record | Rejection]:
    """Write a file and read its records."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with open_records(path, columns) as file:
        return [outcome for _, outcome in file.records(skip=skip)]


def messages(outcomes: list[Record | Rejection]) -> list[Any]:
    """Give the messages of records, none of which was rejected."""
    assert [outcome for outcome in outcomes if isinstance(outcome, Rejection)] == []
    return [message for outcome in outcomes if isinstance(outcome, Record) for message in outcome.messages]


def rejections(outcomes: list[Record | Rejection]) -> list[tuple[int, str]]:
    """Give line and code of what was rejected."""
    return [(outcome.line, outcome.code) for outcome in outcomes if isinstance(outcome, Rejection)]
