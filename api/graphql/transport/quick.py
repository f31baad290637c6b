"""Executing fields that are attributes without the machinery that resolvers need: a page of a list has hundreds of them.

The answer is the same as that of graphql-core. Where anything is unusual, such as a missing value, an object is executed by it
from the beginning, which tells what is wrong and where.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from graphql import (
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    is_leaf_type,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.graphql.audit.table import PERSONAL
from api.graphql.schema import ATTRIBUTE

Read = Callable[[Any], Any]
FieldDetailsList = list[Any]
Fields = dict[str, FieldDetailsList]


class _Unusual(Exception):  # noqa: N818 - nobody but this module sees it
    """Something that graphql-core is to judge."""


class _Plan(NamedTuple):
    """What of an object is read as attributes, by name in the answer, and which fields are executed as usual."""

    quick: list[tuple[str, Read]]
    rest: dict[str, FieldDetailsList]

    def read(self, source: Any) -> dict[str, Any]:
        """Read the attributes of an object."""
        return {name: read(source) for name, read in self.quick}


class QuickExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes a request. What is planned for the objects of a list is planned once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plans: dict[tuple[str, int], tuple[Fields, _Plan]] = {}
        self._show = self.context_value.trail.show

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        """Execute the fields of an object, and take note of it where it is about a person."""
        name = PERSONAL.get(parent_type.name)
        id = None if name is None else getattr(source_value, name, None)
        if id is not None:
            self._show(parent_type.name, id)

        def execute(fields: Fields) -> Any:
            return super(QuickExecutor, self).execute_fields(parent_type, source_value, path, fields, position_context)

        plan = self._plan(parent_type, grouped_field_set)
        if not plan.quick or position_context is not None:
            return execute(grouped_field_set)
        try:
            done = plan.read(source_value)
        except Exception:  # noqa: BLE001 - whatever it is, it comes up again, and is told as an error of its field
            return execute(grouped_field_set)
        if not plan.rest:
            return done
        rest = execute(plan.rest)
        if self.is_awaitable(rest):
            return _join_later(grouped_field_set, done, rest)
        return _join(grouped_field_set, done, rest)

    def _plan(self, kind: GraphQLObjectType, fields: Fields) -> _Plan:
        key = kind.name, id(fields)
        kept = self._plans.get(key)  # together with the fields, so that no others can have their id
        if kept is None:
            kept = self._plans[key] = fields, self._make_plan(kind, fields)
        return kept[1]

    def _make_plan(self, kind: GraphQLObjectType, fields: Fields) -> _Plan:
        plan = _Plan([], {})
        for name, details in fields.items():
            read = self._reader(kind, details)
            if read is None:
                plan.rest[name] = details
            else:
                plan.quick.append((name, read))
        return plan

    def _reader(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Read | None:
        """Make what reads a field of an object, as it is in the answer; None when a resolver is needed."""
        field = self.schema.get_field(kind, details[0].node.name.value)
        get: Read | None = None if field is None else field.extensions.get(ATTRIBUTE)
        write = None if field is None or get is None else self._writer(field.type, details)
        if get is None or write is None:
            return None
        return lambda source: write(get(source))

    def _writer(self, kind: Any, details: FieldDetailsList) -> Read | None:
        """Make what turns a value of a type into what is in the answer."""
        if isinstance(kind, GraphQLNonNull):
            inner = self._writer(kind.of_type, details)
            return None if inner is None else _required(inner)
        if is_leaf_type(kind):
            return _leaf(kind)
        if isinstance(kind, GraphQLList):
            inner = self._writer(kind.of_type, details)
            return None if inner is None else _listed(inner)
        if isinstance(kind, GraphQLObjectType):
            fields, deferred, _ = self.collect_subfields(kind, details)
            plan = self._plan(kind, fields)
            if deferred or plan.rest:
                return None
            name = PERSONAL.get(kind.name)
            return _optional(plan.read if name is None else self._shown(kind.name, name, plan.read))
        return None

    def _shown(self, kind: str, name: str, read: Read) -> Read:
        """Make what reads an object that is about a person, and takes note of it."""
        show = self._show

        def read_and_show(source: Any) -> Any:
            show(kind, getattr(source, name))
            return read(source)

        return read_and_show


def _required(write: Read) -> Read:
    def write_required(value: Any) -> Any:
        written = write(value)
        if written is None:
            raise _Unusual
        return written

    return write_required


def _optional(write: Read) -> Read:
    return lambda value: None if value is None else write(value)


def _leaf(kind: GraphQLLeafType) -> Read:
    coerce = kind.coerce_output_value

    def write_leaf(value: Any) -> Any:
        if value is None:
            return None
        written = coerce(value)
        if written is None or written is Undefined:
            raise _Unusual
        return written

    return write_leaf


def _listed(write: Read) -> Read:
    def write_list(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not list:
            raise _Unusual
        return [write(item) for item in value]

    return write_list


async def _join_later(fields: Fields, done: dict[str, Any], rest: Any) -> dict[str, Any]:
    return _join(fields, done, await rest)


def _join(fields: Fields, done: dict[str, Any], rest: dict[str, Any]) -> dict[str, Any]:
    """Put what was read and what was resolved into the order in which it was asked for."""
    found = done | rest
    return {name: found[name] for name in fields if name in found}
