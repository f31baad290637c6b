"""How the schema of the graph is written down: labels, relationship types and their properties as values."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The type of a property, in the words of Neo4j's ``valueType``."""

    TEXT = "STRING"
    NUMBER = "INTEGER"
    FLAG = "BOOLEAN"
    TIME = "ZONED DATETIME"
    SHARE = "FLOAT"
    TEXTS = "LIST<STRING NOT NULL>"
    BYTES = "BYTES"
    NUMBERS = "LIST<INTEGER NOT NULL>"


@dataclass(frozen=True, slots=True)
class Property:
    """A property. ``optional``: not every node or relationship has it."""

    name: str
    kind: Kind
    meaning: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class NodeType:
    """A label, the properties that are unique under it, and further indexes, each by its properties in their order."""

    label: str
    meaning: str
    key: str | None
    properties: tuple[Property, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    also_unique: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A label that nodes have beside the one that says what they are, or that no node has any more or yet."""

    label: str
    meaning: str
    indexes: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class RelationshipType:
    """A relationship from one label to another."""

    name: str
    start: str
    end: str
    meaning: str
    properties: tuple[Property, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def arrow(self) -> str:
        """Draw it: ``(:A)-[:NAME]->(:B)``."""
        return f"(:{self.start})-[:{self.name}]->(:{self.end})"


def text(name: str, meaning: str, *, optional: bool = False) -> Property:
    """Describe a text."""
    return Property(name, Kind.TEXT, meaning, optional)


def number(name: str, meaning: str, *, optional: bool = False) -> Property:
    """Describe a whole number."""
    return Property(name, Kind.NUMBER, meaning, optional)


def time(name: str, meaning: str, *, optional: bool = False) -> Property:
    """Describe a moment."""
    return Property(name, Kind.TIME, meaning, optional)


def flag(name: str, meaning: str) -> Property:
    """Describe a flag, which is there only where it is true."""
    return Property(name, Kind.FLAG, meaning, optional=True)
