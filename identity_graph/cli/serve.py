"""``identity-graph serve``: run the service until Ctrl-C."""

import asyncio
import gc
import signal
import socket
import time
from collections.abc import Coroutine
from contextlib import AsyncExitStack, ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from identity_graph.errors import GraphSignInError, GraphUnavailableError, SettingsError, UnwritableError
from identity_graph.runtime import ServerUse, shown_on
from identity_graph.settings import Settings
from identity_graph.terminal import Console

if TYPE_CHECKING:
    from identity_graph.service.core import Service

_console = Console(markup=True)
_PAUSE_SECONDS = 1.0
_REMIND_SECONDS = 30.0
"""How often a service that waits for Neo4j says so."""


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 means any free port.", show_default="8000")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the embedded Neo4j.", show_default="the user's data folder")
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            help="Rules: a file, or a preset (`rules show`).",
            show_default="the rules of the graph, else the default set",
        ),
    ] = None,
) -> None:
    """Run the service: the collector, GraphQL, health and metrics, on one port."""
    given = {"host": host, "port": port, "data_dir": data_dir, "rules": rules}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})  # pyright: ignore[reportArgumentType]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # uvicorn passes it on when it has shut down
    with bind(settings) as address, ExitStack() as used:
        if settings.neo4j_uri is None:
            # Before any event loop runs, so that Ctrl-C ends a fetch or a start at once.
            with shown_on(Console(stderr=True)) as progress:
                used.enter_context(ServerUse(settings, progress=progress))
        # Ctrl-C and SIGTERM are how a service is stopped: that it was told to end is no error.
        with suppress(KeyboardInterrupt):
            _run(_serve(settings, address))


def _run(service: Coroutine[Any, Any, None]) -> None:
    """Run the service on the loop that uvicorn would take: uvloop where there is one, which costs less for a message."""
    from uvicorn.loops.auto import auto_loop_factory

    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(service)


async def _serve(settings: Settings, address: socket.socket) -> None:
    from api.app import create_app
    from api.server import Server, configure
    from identity_graph.service.access.managing import NewKeys

    class AnnouncedServer(Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                _announce(service, new_keys, self)

    new_keys: list[NewKeys] = []
    async with AsyncExitStack() as opened:
        service = await _open_when_neo4j_answers(settings, opened)
        app = create_app(service=service, on_new_keys=new_keys.append)
        config = configure(app, settings, host=settings.host, port=settings.port)
        _calm_garbage_collector()
        await AnnouncedServer(config, app).serve([address])


async def _open_when_neo4j_answers(settings: Settings, opened: AsyncExitStack) -> "Service":
    """Open the service. A Neo4j of your own that does not answer yet is waited for: it may start at the same moment.

    Raises:
        GraphSignInError: Neo4j refuses the user or the password; waiting would not help.
        IdentityGraphError: whatever else ``open_service`` raises.
    """
    from identity_graph.service.core import PATIENCE, open_service

    told: float | None = None
    while True:
        try:
            return await opened.enter_async_context(open_service(settings, patience=PATIENCE))
        except (GraphSignInError, UnwritableError):
            raise
        except GraphUnavailableError as error:
            if settings.neo4j_uri is None:
                raise
            if told is None or time.monotonic() - told >= _REMIND_SECONDS:
                told = time.monotonic()
                Console(stderr=True).print(f"{error.message} Waiting for it; Ctrl-C ends this.", soft_wrap=True)
        await asyncio.sleep(_PAUSE_SECONDS)


def _calm_garbage_collector() -> None:
    """Keep what was loaded at start out of every collection, and collect seldom: events hold no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def bind(settings: Settings) -> socket.socket:
    """Take the address before anything is started, so that a taken port is told at once.

    Raises:
        SettingsError: the port is taken, or the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    address = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    address.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it. Without it each answer waits some 40 ms for the client to acknowledge its head.
    address.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        address.bind((settings.host, settings.port))
    except OSError as error:
        address.close()
        raise SettingsError(
            f"The service cannot listen on port {settings.port} of {settings.host} ({error.strerror or error}). Stop the "
            "program that uses it, or choose another port with --port or IDENTITY_GRAPH_PORT; 0 means any free port.",
            host=settings.host,
            port=settings.port,
        ) from error
    return address


def base_url(host: str, port: int) -> str:
    """Give the address at which a program on this machine reaches the service. IPv6 addresses stand in brackets."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - it is compared
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _announce(service: Any, new_keys: list[Any], server: Any) -> None:
    """Tell where everything is, and the keys that were made just now."""
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    base = base_url(host, port)
    lines = [
        f"Identity Graph serves at [bold]{base}[/]",
        "",
        f"  Collector      {base}/v1/batch  (Segment, RudderStack and Jitsu SDKs)",
        f"  GraphQL        {base}/graphql  (GraphiQL in a browser)",
        f"  Health         {base}/health/ready",
        f"  Metrics        {base}/metrics",
    ]
    if service.server is not None:
        lines.append(f"  Neo4j Browser  {service.server.http_url}/browser/  (to sign in: {_sign_in(service.settings)})")
    for keys in new_keys:
        lines.append("")
        if keys.admin:
            lines.append(f"  Admin key      [bold]{keys.admin}[/]  (GraphQL: Authorization: Bearer ...)")
        if keys.write:
            lines.append(f"  Write key      [bold]{keys.write}[/]  (for SDKs; its source is `default`)")
        lines.append("  [yellow]Store these keys: they are shown only once. `identity-graph keys` creates others.[/]")
    _console.print("\n".join([*lines, "", "Ctrl-C stops it."]), soft_wrap=True)


def _sign_in(settings: Settings) -> str:
    """Give the command that shows how to sign in to this very server."""
    command = "identity-graph neo4j browser"
    if settings.data_dir != Settings.model_fields["data_dir"].get_default(call_default_factory=True):
        command = f"IDENTITY_GRAPH_DATA_DIR={escape(str(settings.data_dir))} {command}"
    return command
