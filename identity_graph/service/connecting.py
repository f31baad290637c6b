"""Connecting to Neo4j: the one that the settings name, or the embedded one."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias, TypeVar

from anyio import to_thread

from identity_graph.errors import GraphUnavailableError
from identity_graph.runtime import Progress, Proof, ServerUse, silent
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.migrations import apply_migrations

_CONNECTS = 5

T = TypeVar("T")

GraphWork: TypeAlias = Callable[[Graph], Awaitable[T]]
"""What somebody does with a connected graph."""


async def run_on_graph(
    settings: Settings,
    work: GraphWork[T],
    *,
    progress: Progress = silent,
    on_connected: Callable[[], None] = lambda: None,
) -> T:
    """Work on a graph without opening the service: that would write down rules, which are for `serve` to choose.

    Raises:
        IdentityGraphError: as ``connected`` does, and what the work raises.
        SchemaError: the graph's schema is not the one that this version knows.
    """
    async with connected(settings, progress=progress) as (graph, _):
        on_connected()
        await apply_migrations(graph)
        return await work(graph)


@asynccontextmanager
async def connected(
    settings: Settings, *, progress: Progress = silent
) -> AsyncGenerator[tuple[Graph, ServerUse | None]]:
    """Connect to the Neo4j that the settings name, or use the embedded one, which is started when it does not run.

    Raises:
        SettingsError: a setting is wrong.
        GraphUnavailableError: nothing answers at the URI.
        GraphSignInError: Neo4j refuses the user or the password.
        RuntimeServerError: the embedded server cannot be started.
    """
    if settings.neo4j_uri is not None:
        password = "" if settings.neo4j_password is None else settings.neo4j_password.get_secret_value()
        uri, user = settings.neo4j_uri, settings.neo4j_user
        async with await Graph.connect(uri, user, password, settings.neo4j_database, ca=settings.neo4j_ca) as graph:
            yield graph, None
        return
    use = await to_thread.run_sync(lambda: ServerUse(settings, progress=progress))
    try:
        async with await _connect_embedded(settings, use, progress) as graph:
            yield graph, use
    finally:
        await to_thread.run_sync(use.release)


async def _connect_embedded(settings: Settings, use: ServerUse, progress: Progress) -> Graph:
    """Connect to the embedded server; one that ends just now is started again."""
    for _ in range(_CONNECTS):
        server = use.server
        try:
            return await Graph.connect(
                server.uri, server.user, server.password, settings.neo4j_database, prove=Proof(settings, server.process)
            )
        except GraphUnavailableError:
            if use.is_current():
                raise
            await to_thread.run_sync(lambda: use.renew(progress=progress))
    raise GraphUnavailableError("Neo4j keeps ending right after its start; see its log.")
