"""``identity-graph neo4j``: the embedded Neo4j of a data folder, started, stopped and looked at."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit

import typer
from rich.filesize import decimal
from rich.markup import escape

from identity_graph.runtime import (
    ServerHandle,
    bolt_answers,
    ensure_server,
    find_server,
    server_home,
    shown_on,
    stop_keeping,
    stop_server,
    store_size,
)
from identity_graph.settings import Settings
from identity_graph.terminal import Console

NOT_RUNNING = 3

neo4j_app = typer.Typer(
    help="Start, stop and look at the embedded Neo4j. `serve` starts it by itself.", no_args_is_help=True
)

DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the embedded Neo4j and its password.", show_default="IDENTITY_GRAPH_DATA_DIR, or the user's"
    ),
]

_out = Console(soft_wrap=True)


@neo4j_app.command("start")
def start(data_dir: DataDir = None) -> None:
    """Start the embedded Neo4j, which then runs until `neo4j stop`; the first time, fetch it (about a minute)."""
    settings = _settings(data_dir)
    if settings.neo4j_uri is not None:
        _out.print(
            f"IDENTITY_GRAPH_NEO4J_URI is set: the Neo4j at {settings.neo4j_uri} is used and no embedded one is needed. "
            "Unset it to start the embedded one.",
            markup=False,
        )
        raise typer.Exit(2)
    with shown_on(Console(stderr=True)) as progress:
        server = ensure_server(settings, progress=progress)
    verb = "runs" if server.started else "already runs"
    _out.print(f"Neo4j {server.version} {verb} at {server.uri} (process {server.pid}).")
    _out.print("Look into it: identity-graph neo4j browser. Stop it: identity-graph neo4j stop.")


@neo4j_app.command("stop")
def stop(data_dir: DataDir = None) -> None:
    """Stop the embedded Neo4j and wait until its store is closed; nothing to do when it does not run.

    If services use it, exit with code 1; the last of them stops it.
    """
    settings = _settings(data_dir)
    users = stop_keeping(settings)
    if users:
        named = ", ".join(str(pid) for pid in users)
        several = len(users) > 1
        _out.print(
            f"Neo4j keeps running: processes {named} use it. Stop them; the last one also stops Neo4j."
            if several
            else f"Neo4j keeps running: process {named} uses it. Stop it; that also stops Neo4j.",
            markup=False,
        )
        raise typer.Exit(1)
    with shown_on(Console(stderr=True)) as progress:
        stopped = stop_server(settings, progress=progress)
    _out.print("Neo4j has stopped." if stopped else f"No embedded Neo4j runs for {settings.data_dir}.")


@neo4j_app.command("compact")
def compact(data_dir: DataDir = None) -> None:
    """Rewrite the store, so that its files hold nothing that was deleted or erased. Stop the service first."""
    from identity_graph.service.privacy.compacting import compact_store

    with shown_on(Console(stderr=True)) as progress:
        before, after = compact_store(_settings(data_dir), progress=progress)
    _out.print(f"The store holds only what is in the graph: {decimal(before)} before, {decimal(after)} now.")


@neo4j_app.command("status")
def status(data_dir: DataDir = None) -> None:
    """Show whether Neo4j runs, and where. Exit code 0 when it answers, 3 when not."""
    settings = _settings(data_dir)
    if settings.neo4j_uri is not None:
        _status_of_given(settings.neo4j_uri)
        return
    server = find_server(settings)
    answers = server is not None and _answers(server.uri)
    home = server_home(settings)
    state = "[red]not running[/]" if server is None else "[green]running[/]" if answers else "[yellow]starting[/]"
    rows = {"Neo4j": state if server is None else f"{server.version}, {state}"}
    if server is not None:
        since = datetime.fromtimestamp(server.since, UTC)
        rows["Bolt"] = server.uri
        rows["Browser"] = _browser_url(server)
        rows["Process"] = f"{server.pid}, since {since:%Y-%m-%d %H:%M:%S} UTC ({_span(datetime.now(UTC) - since)})"
    rows["Data"] = escape(str(home.root))
    rows["Store"] = decimal(store_size(home)) if home.store.exists() else "none yet"
    rows["Logs"] = escape(str(home.log.parent))
    _print_rows(rows)
    if server is None:
        _out.print("Start it: identity-graph neo4j start (or identity-graph serve, which needs it).")
    raise typer.Exit(0 if answers else NOT_RUNNING)


@neo4j_app.command("browser")
def browser(data_dir: DataDir = None) -> None:
    """Print the address of Neo4j Browser and how to sign in. Exit code 3 when Neo4j does not run."""
    settings = _settings(data_dir)
    if settings.neo4j_uri is not None:
        host = urlsplit(settings.neo4j_uri).hostname or "localhost"
        _print_rows(
            {
                "Browser": f"http://{escape(host)}:7474/browser/ unless that server has another HTTP port",
                "Connect to": escape(settings.neo4j_uri),
                "User": settings.neo4j_user,
                "Password": "the one in IDENTITY_GRAPH_NEO4J_PASSWORD",
            }
        )
        return
    server = find_server(settings)
    if server is None:
        _out.print(f"No embedded Neo4j runs for {settings.data_dir}. Start it: identity-graph neo4j start.")
        raise typer.Exit(NOT_RUNNING)
    _print_rows(
        {
            "Browser": _browser_url(server),
            "Connect to": server.uri,
            "User": server.user,
            "Password": server.password,
        }
    )
    _out.print(f"The password is stored in {server_home(settings).password_file}; keep it secret.")
    _out.print("Try: MATCH (i:Identifier)-[:BELONGS_TO]->(c:Customer) RETURN * LIMIT 50")


def _settings(data_dir: Path | None) -> Settings:
    return Settings() if data_dir is None else Settings(data_dir=data_dir)


def _status_of_given(uri: str) -> None:
    answers = _answers(uri)
    state = "[green]answers[/]" if answers else "[red]does not answer[/]"
    _print_rows({"Neo4j": f"given by IDENTITY_GRAPH_NEO4J_URI, {state}", "Bolt": escape(uri)})
    raise typer.Exit(0 if answers else NOT_RUNNING)


def _answers(uri: str) -> bool:
    address = urlsplit(uri)
    return bolt_answers(
        address.hostname or "localhost", address.port or 7687, tls=address.scheme.endswith(("+s", "+ssc"))
    )


def _browser_url(server: ServerHandle) -> str:
    """Return the address that also fills in where to connect and as whom."""
    connect = server.uri.replace("://", f"://{server.user}@", 1)
    return f"{server.http_url}/browser/?connectURL={quote(connect, safe='')}"


def _print_rows(rows: dict[str, str]) -> None:
    """Print names and values in two columns; a value is never cut, whatever the width of the terminal."""
    width = max(len(name) for name in rows) + 2
    for name, value in rows.items():
        _out.print(f"[bold]{name:<{width}}[/]{value}", markup=True)


def _span(duration: timedelta) -> str:
    """Two units are enough: 3 d 4 h, 4 h 5 min, 5 min 6 s."""
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [
        f"{value} {unit}" for value, unit in ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")) if value
    ]
    return " ".join(parts[:2]) or "0 s"
