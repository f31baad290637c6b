"""Queries as files: a Cypher file and a typed Python signature, checked against each other.

A query lives in ``cypher/queries/<topic>/<verb_noun>.cypher``; a function of the same name declares its parameters
and its row. Parameters are compared when the module is imported, columns by a test that plans every query.
"""

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, get_args, get_type_hints

from neo4j import AsyncManagedTransaction, AsyncTransaction

Transaction = AsyncManagedTransaction | AsyncTransaction
"""A running transaction, handed to the work by ``Graph.read`` and ``Graph.write``."""

P = ParamSpec("P")
T = TypeVar("T")

_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
_FIELD = re.compile(r"\brow\.(\w+)")
_PARAMETER = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class QueryFile:
    """One Cypher statement with the names of its parameters and the columns that its function expects."""

    name: str
    text: str
    parameters: frozenset[str]
    columns: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it reads of each of its ``$rows``."""
        return tuple(dict.fromkeys(_FIELD.findall(self.text))) if "rows" in self.parameters else ()

    @property
    def sent(self) -> str:
        """The statement as it is sent: it reads lists instead of maps, and gives all rows as one record.

        Names that come with every row, and records, cost the driver and the server many times what reading a value does.
        All parameters come in one map: a list on its own Neo4j plans anew for every order of magnitude of its length.
        """
        fields = self.fields
        text = _FIELD.sub(lambda field: f"row[{fields.index(field[1])}]", self.text) if fields else self.text
        text = _PARAMETER.sub(r"$given.\1", text)
        return f"CALL () {{\n{text}\n}}\nRETURN collect([{', '.join(self.columns)}]) AS rows" if self.columns else text


QUERIES: dict[str, QueryFile] = {}
"""All queries of the modules that were imported, by ``topic/verb_noun``."""


class QuerySignatureError(TypeError):
    """A query file and its Python function do not fit."""


@cache
def cypher_root() -> Path:
    """Find the folder of Cypher files: in the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_cypher"
    return installed if installed.is_dir() else package.parent / "cypher"


def query(name: str) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
    """Bind an ``async def verb_noun(tx, *, …) -> list[Row] | None: ...`` to ``cypher/queries/<name>.cypher``.

    A row type is a NamedTuple whose fields are the columns in their order; ``None`` is for pure writes.

    Raises:
        QuerySignatureError: the parameters of file and function differ, or their names do.
    """

    def bind(function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        text = (cypher_root() / "queries" / f"{name}.cypher").read_text(encoding="utf-8").strip()
        wanted = frozenset(_PARAMETER.findall(_COMMENT.sub("", text)))
        given = frozenset(list(inspect.signature(function).parameters)[1:])
        if name.rpartition("/")[2] != function.__name__ or wanted != given:
            raise QuerySignatureError(
                f"{name}.cypher takes {sorted(wanted)}, but {function.__qualname__} gives {sorted(given)}"
            )
        function.__doc__ = " ".join(line.strip("/ ") for line in _COMMENT.findall(text))
        result_type = get_type_hints(function)["return"]
        row: Any = None if result_type is type(None) else get_args(result_type)[0]
        file = QUERIES[name] = QueryFile(name, text, wanted, () if row is None else row._fields)
        sent, fields = file.sent, file.fields

        if row is None:

            @wraps(function)
            async def run(*args: P.args, **kwargs: P.kwargs) -> Any:
                tx: Any = args[0]
                result = await tx.run(sent, _to_send(kwargs, fields))
                await result.consume()

        else:

            @wraps(function)
            async def run(*args: P.args, **kwargs: P.kwargs) -> Any:
                tx: Any = args[0]
                result = await tx.run(sent, _to_send(kwargs, fields))
                record = await result.single(strict=True)
                return [row._make(values) for values in record[0]]

        return run

    return bind


class _QuietList(list[Any]):
    """A list that is not spelled out: the driver builds a log line of every parameter, wanted or not."""

    def __repr__(self) -> str:
        return f"<{len(self)} values>"


def _to_send(parameters: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Make lists of rows and one map of all, and keep long parameters, and personal data, out of the driver's log lines."""
    if fields:
        parameters = {**parameters, "rows": [[row.get(field) for field in fields] for row in parameters["rows"]]}
    given = {name: _QuietList(value) if isinstance(value, list) else value for name, value in parameters.items()}
    return {"given": given}
