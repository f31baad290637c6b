"""Which command records what in the audit log, and the one place through which all commands pass.

A command is recorded with what it was asked for: its operation, and keyed hashes of the identifiers that were given.
"""

import getpass
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import typer

from identity_graph.domain.audit.entries import Action, AuditEntry, Outcome, Who, clean
from identity_graph.domain.audit.objects import hash_text, name_identifier, name_object
from identity_graph.errors import IdentityGraphError

if TYPE_CHECKING:
    from identity_graph.service.audit.operations import Operation

T = TypeVar("T")


class Recorded(NamedTuple):
    """What a command records.

    ``identifier`` is the parameter with a value, and ``namespace`` the one with its namespace; ``pairs`` are those that hold both as
    ``namespace:value``. ``ids`` hold an id or an identifier. ``names`` hold names that people give to things, which are no personal values.
    """

    action: Action
    identifier: str = ""
    namespace: str = "namespace"
    pairs: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    only_with: str = ""
    """The option without which the command records nothing."""


COMMANDS: dict[str, Recorded | None] = {
    "audit export": Recorded(Action.READ_AUDIT),
    "audit hash": None,
    "audit key": None,
    "audit list": Recorded(Action.READ_AUDIT),
    "audit verify": None,
    "backup": Recorded(Action.EXPORT),
    "catalogue apply": Recorded(Action.CHANGE_CATALOGUE),
    "catalogue check": None,
    "catalogue diff": None,
    "catalogue history": None,
    "catalogue rollback": Recorded(Action.CHANGE_CATALOGUE),
    "catalogue show": None,
    "changes": Recorded(Action.READ_PERSON),
    "consent list": Recorded(Action.READ_PERSON, "customer"),
    "consent set": Recorded(Action.CHANGE_CONSENT, pairs=("identifier",)),
    "consent why": Recorded(Action.READ_PERSON, "customer"),
    "doctor": Recorded(Action.CORRECT, only_with="fix"),
    "export": Recorded(Action.EXPORT),
    "import": Recorded(Action.SEND_DATA),
    "journey": Recorded(Action.READ_PERSON, "who"),
    "keys create": Recorded(Action.CHANGE_KEY, names=("name",)),
    "keys list": None,
    "keys revoke": Recorded(Action.CHANGE_KEY, names=("name",)),
    "keys rotate": Recorded(Action.CHANGE_KEY, names=("name",)),
    "lookup": Recorded(Action.READ_PERSON, "value"),
    "neo4j browser": None,
    "neo4j compact": None,
    "neo4j start": None,
    "neo4j status": None,
    "neo4j stop": None,
    "privacy advance": Recorded(Action.PRIVACY, ids=("request",)),
    "privacy export": Recorded(Action.EXPORT, ids=("request",)),
    "privacy extend": Recorded(Action.PRIVACY, ids=("request",)),
    "privacy list": Recorded(Action.READ_PERSON),
    "privacy open": Recorded(Action.PRIVACY, pairs=("identifier",)),
    "privacy orders": Recorded(Action.EXPORT),
    "privacy schema": None,
    "privacy show": Recorded(Action.READ_PERSON, ids=("request",)),
    "restore": Recorded(Action.SEND_DATA),
    "rules apply": Recorded(Action.CHANGE_RULES),
    "rules check": None,
    "rules diff": None,
    "rules history": None,
    "rules rollback": Recorded(Action.CHANGE_RULES),
    "rules show": None,
    "segments apply": Recorded(Action.CHANGE_SEGMENT),
    "segments check": None,
    "segments delete": Recorded(Action.CHANGE_SEGMENT, names=("name",)),
    "segments export": Recorded(Action.EXPORT, names=("name",)),
    "segments list": None,
    "segments members": Recorded(Action.READ_PERSON, names=("name",)),
    "segments preview": None,
    "segments recompute": Recorded(Action.CHANGE_SEGMENT),
    "segments show": None,
    "segments templates": None,
    "segments why": Recorded(Action.READ_PERSON, ids=("customer",), names=("name",)),
    "serve": None,
    "simulate": None,
    "spool drain": Recorded(Action.SEND_DATA),
    "spool status": None,
    "why": Recorded(Action.READ_PERSON, pairs=("a", "b")),
}


class _Running(NamedTuple):
    """The command that runs, and what was given to it."""

    path: str
    given: dict[str, Any]


_running: ContextVar[_Running | None] = ContextVar("running", default=None)


def list_commands(app: typer.Typer, above: str = "") -> Iterable[tuple[str, Any]]:
    """Give all commands of an application by their paths."""
    for info in app.registered_commands:
        assert info.callback is not None  # noqa: S101 - a command has one
        yield f"{above}{info.name or info.callback.__name__.replace('_', '-')}", info
    for group in app.registered_groups:
        if group.typer_instance is not None:
            yield from list_commands(group.typer_instance, f"{above}{group.name} ")


def record_commands(app: typer.Typer) -> None:
    """Let every command know what it is, for when it opens the graph."""
    for path, info in list_commands(app):
        info.callback = _known_as(path, info.callback)


@asynccontextmanager
async def recorded_command(hash_key: bytes, append: Callable[[AuditEntry], Awaitable[None]]) -> AsyncGenerator[None]:
    """Record the command that runs: with what it writes first, else at its end by ``append``, together with what failed."""
    from identity_graph.service.audit.operations import Operation, recorded_on_write

    entry = _entry_of(hash_key, _running.get())
    if entry is None:
        yield
        return
    operation = Operation(entry, entry.objects)
    try:
        with recorded_on_write(operation):
            yield
    except IdentityGraphError as error:
        with suppress(IdentityGraphError):  # what went wrong first is what people are told
            await append(replace(entry, id=f"{entry.id}-failed", outcome=Outcome.FAILED, reason=error.code))
        raise
    except BaseException:  # an exit code, or Ctrl-C: it was shown all the same
        await _append_unless_recorded(operation, entry, append)
        raise
    await _append_unless_recorded(operation, entry, append)


async def _append_unless_recorded(
    operation: "Operation", entry: AuditEntry, append: Callable[[AuditEntry], Awaitable[None]]
) -> None:
    if not operation.is_recorded:
        await append(entry)


def _known_as(path: str, command: Callable[..., T]) -> Callable[..., T]:
    @wraps(command)
    def run(**given: Any) -> T:
        token = _running.set(_Running(path, given))
        try:
            return command(**given)
        finally:
            _running.reset(token)

    return run


def _entry_of(hash_key: bytes, running: _Running | None) -> AuditEntry | None:
    from identity_graph.service.clock import now_instant
    from identity_graph.service.new_ids import new_id

    recorded = None if running is None else COMMANDS.get(running.path)
    if running is None or recorded is None or (recorded.only_with and not running.given.get(recorded.only_with)):
        return None
    return AuditEntry(
        id=new_id("aud"),
        at=now_instant(),
        who=Who(clean(_user()), "command", address=clean(socket.gethostname())),
        action=recorded.action,
        operation=running.path,
        objects=tuple(_objects_of(hash_key, recorded, running.given)),
    )


def _objects_of(hash_key: bytes, recorded: Recorded, given: dict[str, Any]) -> Iterable[str]:
    value, namespace = given.get(recorded.identifier), given.get(recorded.namespace)
    if value is not None:
        named = name_object(hash_key, value)
        yield name_identifier(hash_key, namespace, value) if isinstance(namespace, str) else named
    yield from (hash_text(hash_key, given[name]) for name in recorded.pairs if given.get(name) is not None)
    yield from (name_object(hash_key, given[name]) for name in recorded.ids if given.get(name) is not None)
    yield from (clean(str(given[name])) for name in recorded.names if given.get(name) is not None)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
