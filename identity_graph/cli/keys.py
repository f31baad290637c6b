"""``identity-graph keys``: who may write, and who may ask."""

import asyncio
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from identity_graph.cli.terminal import run_on_graph
from identity_graph.domain.values.instants import format_minute
from identity_graph.service.access.keys import KeyKind, ListedKey, create_key, list_keys, revoke_key
from identity_graph.terminal import Console, Text

keys_app = typer.Typer(help="List, create and revoke keys.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="Name of the key. The name of a write key is the source of its events.")]
_Kind = Annotated[
    KeyKind, typer.Option(help="write: for SDKs, only to send events; admin: for GraphQL, allows everything.")
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
    for title in ("Kind", "Name", "Created"):
        table.add_column(title)
    for key in keys:
        table.add_row(key.kind, Text(key.name), _date(key))
    console.print(table)


@keys_app.command("create")
def create(name: _Name, kind: _Kind = KeyKind.WRITE) -> None:
    """Create a key and print it once; services accept it within a second."""
    print(asyncio.run(run_on_graph(lambda graph: create_key(graph, name, kind))))


@keys_app.command("revoke")
def revoke(name: _Name, kind: _Kind = KeyKind.WRITE) -> None:
    """Revoke a key; services refuse it within five seconds."""
    asyncio.run(run_on_graph(lambda graph: revoke_key(graph, name, kind)))
    Console().print(f"The {kind} key {name} is revoked.")


def _date(key: ListedKey) -> str:
    return f"{format_minute(key.created_at)} UTC"
