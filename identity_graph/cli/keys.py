"""``identity-graph keys``: who may do what."""

import asyncio
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from identity_graph.cli.terminal import run_on_graph
from identity_graph.domain.access.keys import ONLY_WRITE, AccessKeyView, judge_key
from identity_graph.domain.access.principals import ALL_SCOPES, Scope, in_order
from identity_graph.domain.values.durations import LONGEST, read_duration
from identity_graph.domain.values.instants import format_minute
from identity_graph.domain.values.observations import Instant
from identity_graph.errors import InvalidInputError
from identity_graph.service.access.managing import create_key, find_key_named, list_keys, revoke_key, rotate_key
from identity_graph.service.clock import now_instant
from identity_graph.terminal import Console, Text

keys_app = typer.Typer(help="List, create, rotate and revoke keys.", no_args_is_help=True)


class KeyKind(StrEnum):
    """Two sets of scopes that most keys have."""

    WRITE = "write"
    ADMIN = "admin"


_Name = Annotated[str, typer.Argument(help="Name of the key. The name of a write key is the source of its events.")]
_NameOrId = Annotated[str, typer.Argument(help="Name or id of the key.")]
_Which = Annotated[
    KeyKind | None, typer.Option(help="write: the write key of this name; admin: the key with other scopes.")
]


@keys_app.command("list")
def show() -> None:
    """List all keys by name. Only hashes of the keys are stored."""
    keys = asyncio.run(run_on_graph(list_keys))
    console = Console()
    if not keys:
        console.print("There are no keys yet: `identity-graph serve` creates the first ones and shows them.")
        return
    table = Table(box=SIMPLE_HEAD)
    for title in ("Name", "Scopes", "Created", "Last used", "State", "Id"):
        table.add_column(title, overflow="fold")
    now = now_instant()
    for key in keys:
        scopes = "all" if key.scopes == ALL_SCOPES else " ".join(in_order(key.scopes))
        last_used = "never" if key.last_used_at is None else format_minute(key.last_used_at)
        table.add_row(Text(key.name), scopes, format_minute(key.created_at), last_used, _state(key, now), key.id)
    console.print(table)
    console.print("Times are in UTC.")


@keys_app.command("create")
def create(
    name: _Name,
    kind: Annotated[
        KeyKind | None,
        typer.Option(help="write: for SDKs, only to send events; admin: all scopes.", show_default="write"),
    ] = None,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="A scope of the key, in place of --kind. Repeat it for several.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="After this time the key ends by itself: P90D.", show_default="never")
    ] = None,
) -> None:
    """Create a key and print it once; services accept it within a second."""
    if kind is not None and scope:
        raise InvalidInputError("Give either --kind or --scope.")
    scopes = frozenset(scope) if scope else ALL_SCOPES if kind is KeyKind.ADMIN else ONLY_WRITE
    until = None if expires is None else now_instant() + _span("--expires", expires)
    print(asyncio.run(run_on_graph(lambda graph: create_key(graph, name, scopes, expires_at=until))).secret)


@keys_app.command("rotate")
def rotate(
    name: _NameOrId,
    kind: _Which = None,
    overlap: Annotated[str, typer.Option(help="For how long the earlier key is accepted, too.")] = "P7D",
) -> None:
    """Give a key another secret and print it once; the earlier one is accepted for a while longer."""
    span = _span("--overlap", overlap)

    async def work(graph: Any) -> str:
        found = await find_key_named(graph, name, source=_is_source(kind))
        return (await rotate_key(graph, found.id, overlap=span)).secret

    print(asyncio.run(run_on_graph(work)))


@keys_app.command("revoke")
def revoke(name: _NameOrId, kind: _Which = None) -> None:
    """Revoke a key; services refuse it within five seconds."""

    async def work(graph: Any) -> AccessKeyView:
        found = await find_key_named(graph, name, source=_is_source(kind))
        return await revoke_key(graph, found.id)

    key = asyncio.run(run_on_graph(work))
    Console().print(f"The key {key.name} ({' '.join(in_order(key.scopes))}) is revoked.")


def _is_source(kind: KeyKind | None) -> bool | None:
    return None if kind is None else kind is KeyKind.WRITE


def _span(option: str, text: str) -> Instant:
    span = read_duration(text)
    if span is None or span > LONGEST:
        raise InvalidInputError(f"{option} takes an ISO 8601 duration, such as P7D or PT12H, not {text!r}.")
    return span


def _state(key: AccessKeyView, now: Instant) -> str:
    refusal = judge_key(key, now)
    if refusal is not None:
        return refusal.value.removeprefix("was ").removeprefix("has ")
    if key.previous_until is not None and key.previous_until > now:
        return f"open; the earlier secret until {format_minute(key.previous_until)}"
    return "open" if key.expires_at is None else f"open until {format_minute(key.expires_at)}"
