"""Queries as files: a Cypher file and a typed Python signature, checked against each other.

A query lives in ``cypher/queries/<topic>/<verb_noun>.cypher``; a function of the same name declares its parameters
and its row. Parameters are compared when the module is imported, columns by a test that plans every query. In a file
``instant(x)`` and ``day(x)`` read moments; they are written out when it is read.
"""

import inspect
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, get_args, get_type_hints

from neo4j import AsyncManagedTransaction

from identity_graph.cypher_folder import cypher_root
from identity_graph.store.driver.instants import expand_instants


class ReadTransaction(AsyncManagedTransaction):
    """A running transaction that reads, handed to the work by ``Graph.read``. The driver makes it; the type is ours."""


class WriteTransaction(ReadTransaction):
    """A running transaction that may write, handed to the work by ``Graph.write``. Whatever reads takes it, too."""


P = ParamSpec("P")
T = TypeVar("T")
Tx = TypeVar("Tx", bound=ReadTransaction)
Tx_contra = TypeVar("Tx_contra", bound=ReadTransaction, contravariant=True)

_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
_FIELD = re.compile(r"\brow\.(\w+)")
_WRITES = re.compile(r"\b(CREATE|MERGE|SET|DELETE|REMOVE)\b")
_PARAMETER = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class QueryFile:
    """One Cypher statement with the names of its parameters and the columns that its function expects."""

    name: str
    text: str
    parameters: frozenset[str]
    columns: tuple[str, ...]

    @cached_property
    def writes(self) -> bool:
        """Whether it changes or locks anything."""
        return _WRITES.search(_COMMENT.sub("", self.text)) is not None

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields that it reads of each of its ``$rows``."""
        return tuple(dict.fromkeys(_FIELD.findall(self.text))) if "rows" in self.parameters else ()

    def as_part(self, number: int) -> str:
        """Write the statement as a part of what is sent: its parameters are ``$given.q<number>``, its rows ``rows<number>``.

        It reads lists instead of maps, and gives all rows as one value: names that come with every row, and records, cost
        the driver and the server many times what reading a value does.
        """
        fields = self.fields
        text = _FIELD.sub(lambda field: f"row[{fields.index(field[1])}]", self.text) if fields else self.text
        text = _PARAMETER.sub(rf"$given.q{number}.\1", text)
        if not self.columns:
            return f"CALL () {{\n{text}\n}}"
        collected = f"RETURN collect([{', '.join(self.columns)}]) AS rows{number}"
        return f"CALL () {{\nCALL () {{\n{text}\n}}\n{collected}\n}}"


def compose(files: Sequence[QueryFile]) -> str:
    """Write several queries as the one statement that is sent; they run one after the other.

    All parameters come in one map: a list on its own Neo4j plans anew for every order of magnitude of its length.
    """
    parts = [file.as_part(number) for number, file in enumerate(files)]
    results = [f"rows{number}" if file.columns else "null" for number, file in enumerate(files)]
    return "\n".join([*parts, f"RETURN [{', '.join(results)}] AS results"])


QUERIES: dict[str, QueryFile] = {}
"""All queries of the modules that were imported, by ``topic/verb_noun``."""


SENT: dict[tuple[str, ...], str] = {}
"""All statements that were sent so far, by the names of the queries in them."""


MOST_COMBINATIONS = 200
"""Combinations of reads that are sent as one statement."""

_ONE_BY_ONE = 2
"""How often the reads of a combination are sent one by one at first."""

_ASKED: Counter[tuple[str, ...]] = Counter()


class QuerySignatureError(TypeError):
    """A query file and its Python function do not fit."""


class Call(Generic[Tx_contra, T]):
    """A query with its parameters, and its rows once it has run."""

    __slots__ = ("_rows", "file", "given", "row")

    def __init__(self, file: QueryFile, row: Any, given: dict[str, Any]) -> None:
        self.file = file
        self.given = given
        self.row = row
        self._rows: Any = None

    @property
    def rows(self) -> T:
        """What the query gave, in the transaction in which it ran."""
        return self._rows

    def take(self, values: list[list[Any]] | None) -> None:
        """Take what the server answered."""
        self._rows = None if values is None else [self.row._make(row) for row in values]


class Query(Generic[Tx_contra, P, T]):
    """A query file as a function. Awaited with a transaction it runs on its own; ``call`` lets it run with others."""

    def __init__(self, function: Callable[..., Awaitable[T]], file: QueryFile, row: Any) -> None:
        update_wrapper(self, function)
        self.file = file
        self._row = row

    async def __call__(self, tx: Tx_contra, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the query."""
        call = self.call(*args, **kwargs)
        await run_together(tx, call)
        return call.rows

    def call(self, *_: P.args, **kwargs: P.kwargs) -> Call[Tx_contra, T]:
        """Give the query its parameters, to be run by ``run_together``."""
        return Call(self.file, self._row, _to_send(kwargs, self.file.fields))


async def run_together(tx: Tx, *calls: Call[Tx, Any]) -> None:
    """Run queries in one statement: each way to the server and back takes as long as a small query.

    They run in the order given, and each sees what those before it wrote. Neo4j plans each combination on its own, so a
    place in the code always sends the same ones, those without rows, too.
    """
    names = _names_of(calls)
    text = SENT.get(names)
    if text is None:
        text = SENT[names] = compose([call.file for call in calls])
    result = await tx.run(text, {"given": {f"q{number}": call.given for number, call in enumerate(calls)}})  # pyright: ignore[reportArgumentType]
    record = await result.single(strict=True)
    for call, values in zip(calls, record[0], strict=True):
        call.take(values)


def is_usual(calls: Sequence[Call[Any, Any]]) -> bool:
    """Tell whether to send these reads as one statement: a single one, or a combination that is asked for again and again.

    Neo4j plans each combination on its own, which takes many times as long as to run it. So one that is asked for once or
    twice is not planned, and of all that clients may think of, the first ``MOST_COMBINATIONS`` are.
    """
    names = _names_of(calls)
    if len(names) < 2 or names in SENT:
        return True
    if len(_ASKED) >= MOST_COMBINATIONS and names not in _ASKED:
        return False
    _ASKED[names] += 1
    return _ASKED[names] > _ONE_BY_ONE


def _names_of(calls: Iterable[Call[Any, Any]]) -> tuple[str, ...]:
    return tuple(call.file.name for call in calls)


def query(name: str) -> Callable[[Callable[Concatenate[Tx, P], Awaitable[T]]], Query[Tx, P, T]]:
    """Bind an ``async def verb_noun(tx, *, …) -> list[Row] | None: ...`` to ``cypher/queries/<name>.cypher``.

    A row type is a NamedTuple whose fields are the columns in their order; ``None`` is for pure writes. What the file reads
    of ``$rows`` are the keys of a TypedDict: ``rows: list[NewThing]``.

    Raises:
        QuerySignatureError: file and function differ in name, parameters, fields of rows, or in whether they write.
    """

    def bind(function: Callable[Concatenate[Tx, P], Awaitable[T]]) -> Query[Tx, P, T]:
        text = expand_instants((cypher_root() / "queries" / f"{name}.cypher").read_text(encoding="utf-8").strip())
        wanted = frozenset(_PARAMETER.findall(_COMMENT.sub("", text)))
        given = frozenset(list(inspect.signature(function).parameters)[1:])
        if name.rpartition("/")[2] != function.__name__ or wanted != given:
            raise QuerySignatureError(
                f"{name}.cypher takes {sorted(wanted)}, but {function.__qualname__} gives {sorted(given)}"
            )
        function.__doc__ = " ".join(line.strip("/ ") for line in _COMMENT.findall(text))
        hints = get_type_hints(function)
        result_type = hints["return"]
        row: Any = None if result_type is type(None) else get_args(result_type)[0]
        file = QueryFile(name, text, wanted, () if row is None else row._fields)
        if file.writes != (hints["tx"] is WriteTransaction):
            needed = WriteTransaction if file.writes else ReadTransaction
            raise QuerySignatureError(f"{name}.cypher wants {function.__qualname__} to take a {needed.__name__}")
        if file.fields:
            declared = frozenset(get_type_hints(get_args(hints["rows"])[0]))
            if declared != frozenset(file.fields):
                raise QuerySignatureError(
                    f"{name}.cypher reads {sorted(file.fields)} of its rows, but {function.__qualname__} gives {sorted(declared)}"
                )
        QUERIES[name] = file
        return Query(function, file, row)

    return bind


class _QuietList(list[Any]):
    """A list that is not spelled out: the driver builds a log line of every parameter, wanted or not."""

    def __repr__(self) -> str:
        return f"<{len(self)} values>"


def _to_send(parameters: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Make lists of rows, and keep long parameters, and personal data, out of the driver's log lines."""
    if fields:
        parameters = {**parameters, "rows": [[row.get(field) for field in fields] for row in parameters["rows"]]}
    return {name: _QuietList(value) if isinstance(value, list) else value for name, value in parameters.items()}
