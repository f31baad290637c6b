"""The one place through which root fields pass: it takes note of what is asked, and lets what changes take its entry along."""

from collections.abc import Callable, Iterable, Mapping
from inspect import isawaitable
from typing import Any, cast

from graphql import (
    GraphQLArgument,
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLSchema,
    get_named_type,
)

from api.graphql.audit.table import MUTATIONS, Recorded, recorded_of
from api.graphql.base.context import Context
from api.graphql.base.trail import Trail
from identity_graph.domain.audit.entries import Action, Outcome
from identity_graph.domain.audit.objects import hash_text, name_identifier, name_object
from identity_graph.domain.values.observations import event_id
from identity_graph.errors import IdentityGraphError
from identity_graph.service.audit.operations import Operation, recorded_on_write
from identity_graph.service.audit.recording import split

REFUSALS = frozenset({"UNAUTHENTICATED", "FORBIDDEN"})
"""Codes of errors that say: not for you."""

_Arguments = Mapping[str, GraphQLArgument | GraphQLInputField]
_Resolve = Callable[..., Any]
_Name = Callable[[bytes, dict[str, Any]], Iterable[str]]


def record_root_fields(schema: GraphQLSchema) -> None:
    """Have every root field of a schema tell what it was asked."""
    if schema.query_type is not None:
        for name, field in schema.query_type.fields.items():
            if field.resolve is not None:
                field.resolve = _noting(name, field.args, field.resolve)
    if schema.subscription_type is not None:
        for name, field in schema.subscription_type.fields.items():
            if field.subscribe is not None:
                field.subscribe = _noting(name, field.args, field.subscribe)
    if schema.mutation_type is not None:
        for name, field in schema.mutation_type.fields.items():
            if field.resolve is not None:
                recorded = MUTATIONS.get(name, Recorded())
                wrap = _noting if recorded.action is None else _recording(recorded.action)
                field.resolve = wrap(name, field.args, field.resolve)


def finish_trail(trail: Trail, code: str | None, *, merged: bool = False) -> None:
    """Record what a request read; ``code`` is that of its first error. ``merged``: together with what else was followed lately."""
    operation = " ".join(sorted(trail.fields))
    if code in REFUSALS and not trail.shown:
        trail.refuse(operation, code or "")
        return
    asked = [recorded_of(name) for name in trail.fields if name not in MUTATIONS or recorded_of(name).action is None]
    actions = dict.fromkeys(recorded.action for recorded in asked if recorded.action is not None)
    if trail.shown.keys() - {"DeadLetter"}:
        actions[Action.READ_PERSON] = None
    counts = tuple(sorted((f"{kind[0].lower()}{kind[1:]}s", len(ids)) for kind, ids in trail.shown.items()))
    outcome = Outcome.FAILED if code is not None and not trail.shown else Outcome.DONE
    for action in actions:
        entry = trail.entry(action, operation, counts=counts, outcome=outcome, reason=code or "")
        objects = dict.fromkeys(trail.objects)
        if action is Action.READ_PERSON:
            objects |= _shown_objects(trail, asked)
        for part in split(entry, list(objects)):
            if merged:
                trail.recorder.note_merged(part, "times")
            else:
                trail.recorder.note(part)


def code_of(error: BaseException) -> str:
    """Give the code of an error as the log keeps it."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        code = (cause.extensions or {}).get("code")
        if isinstance(code, str):
            return code
        if cause.original_error is None:
            return "BAD_USER_INPUT"
        cause = cause.original_error
    return cause.code if isinstance(cause, IdentityGraphError) else IdentityGraphError.code


def _shown_objects(trail: Trail, asked: Iterable[Recorded]) -> dict[str, None]:
    names = {"Customer"}.union(*(recorded.names for recorded in asked))
    key = trail.recorder.hash_key
    return {
        hash_text(key, id) if kind == "Identifier" else name_object(key, id): None
        for kind, ids in trail.shown.items()
        if kind in names
        for id in ids
    }


def _noting(name: str, arguments: _Arguments, resolve: _Resolve) -> _Resolve:
    """Wrap what reads: it is noted, and recorded when the request is answered."""
    objects_of = _namer(name, arguments)

    def resolve_and_note(source: Any, info: Any, /, **given: Any) -> Any:
        trail = cast("Context", info.context).trail
        trail.ask(name, objects_of(trail.recorder.hash_key, given))
        return resolve(source, info, **given)

    return resolve_and_note


def _recording(action: Action) -> Callable[[str, _Arguments, _Resolve], _Resolve]:
    """Wrap what changes something: its entry is committed together with what it writes first."""

    def wrap(name: str, arguments: _Arguments, resolve: _Resolve) -> _Resolve:
        objects_of = _namer(name, arguments)

        async def resolve_and_record(source: Any, info: Any, /, **given: Any) -> Any:
            trail = cast("Context", info.context).trail
            trail.fields[name] = None
            objects = list(objects_of(trail.recorder.hash_key, given))
            operation = Operation(trail.entry(action, name), objects)
            try:
                with recorded_on_write(operation):
                    result = resolve(source, info, **given)
                    if isawaitable(result):
                        result = await result
            except Exception as error:
                code = code_of(error)
                outcome = Outcome.REFUSED if code in REFUSALS else Outcome.FAILED
                trail.recorder.note(*split(trail.entry(action, name, outcome=outcome, reason=code), objects))
                raise
            if not operation.is_recorded:
                trail.recorder.note(*operation.entries)
            return result

        return resolve_and_record

    return wrap


def _namer(name: str, arguments: _Arguments) -> _Name:
    """Make what finds the objects that the arguments of a field name."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special
    return lambda key, given: _names_in(key, arguments, given)


def _names_in(key: bytes, arguments: _Arguments, given: Any) -> Iterable[str]:
    if not isinstance(given, dict):
        return
    for name, value in cast("dict[str, Any]", given).items():
        if name not in arguments:
            continue
        kind = get_named_type(arguments[name].type)
        for item in cast("list[Any]", value) if isinstance(value, list) else [value]:
            match kind.name, item:
                case "ID", str():
                    yield name_object(key, item)
                case "IdentifierInput", {"namespace": str(namespace), "value": str(text)}:
                    yield name_identifier(key, namespace, text)
                case _ if isinstance(kind, GraphQLInputObjectType):
                    yield from _names_in(key, kind.fields, item)
                case _:
                    pass


def _name_lookup(key: bytes, given: dict[str, Any]) -> Iterable[str]:
    namespace = given.get("namespace")
    value = str(given["value"])
    return [name_identifier(key, namespace, value) if isinstance(namespace, str) else hash_text(key, value)]


_SPECIAL: dict[str, _Name] = {
    "lookup": _name_lookup,
    "order": lambda key, given: [hash_text(key, f"order:{given.get('scope')}:{given['orderId']}")],
    "retractObservation": lambda _, given: [event_id(given["source"], given["messageId"])],
}
