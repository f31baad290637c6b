"""Where the tests get their Neo4j from: the environment, else Docker, else the embedded server."""

import gc
import os
import warnings
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from neo4j.exceptions import DriverError

from identity_graph.errors import IdentityGraphError
from identity_graph.runtime import bolt_answers, ensure_server, stop_server
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.ports import free_port

IMAGE = "neo4j:5.26"
TEST_PASSWORD = "only-for-tests"

CONTAINER_SETTINGS = {
    "NEO4J_server_memory_heap_initial__size": "768m",
    "NEO4J_server_memory_heap_max__size": "768m",
    "NEO4J_server_memory_pagecache_size": "128m",
    "NEO4J_dbms_usage__report_enabled": "false",
    "NEO4J_client_allow__telemetry": "false",
}
"""As the embedded server is started for tests."""

_LOOPBACK = "127.0.0.1"
_HERE = {"localhost", _LOOPBACK, "::1"}

# The tests' own mark on a database: how many nodes they left in it, -1 while they run. No version of the schema.
MARK = -1


class NoNeo4jError(Exception):
    """There is no Neo4j to test on; the message says how to get one."""


class NoContainerError(Exception):
    """A Docker engine answers, and gives no Neo4j."""


@dataclass(frozen=True, slots=True)
class TestServer:
    """A Neo4j that the tests may wipe."""

    uri: str
    user: str
    password: str = field(repr=False)
    http_url: str
    database: str = "neo4j"
    given: bool = False

    __test__ = False  # the name starts like a test class


@contextmanager
def provided_server(folder: Path) -> Generator[TestServer]:
    """Provide a Neo4j for the session; ``folder`` is for the embedded one, which is stopped at the end."""
    given = _from_environment()
    if given is not None:
        yield given
        return
    with ExitStack() as stack:
        yield _try_docker(stack) or stack.enter_context(_embedded(folder))


def docker_answers() -> bool:
    """Tell whether a Docker engine answers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the Docker client leaves its sockets to the collector
        answer = _docker_pings()
        gc.collect()
    return answer


async def claim(graph: Graph, server: TestServer) -> None:
    """Mark the database as the tests' own; refuse one that holds what no test made."""
    nodes = await count_nodes(graph)
    marks = await graph.run("MATCH (m:Migration {version: $mark}) RETURN m.nodes AS nodes", mark=MARK)
    own = any(mark["nodes"] in (-1, nodes) for mark in marks)
    if server.given and nodes and not own and os.environ.get("IDENTITY_GRAPH_TEST_WIPE") != "1":
        raise NoNeo4jError(
            f"The database at {server.uri} holds {nodes} nodes that no test made, and the tests would wipe it. Point "
            "IDENTITY_GRAPH_NEO4J_URI at another database, unset it to test on a Neo4j of the tests' own, or set "
            "IDENTITY_GRAPH_TEST_WIPE=1 if nothing in it is needed."
        )
    await _mark(graph, -1)


async def release(graph: Graph) -> None:
    """Note what the tests leave behind, so that the next run knows it for theirs."""
    await _mark(graph, await count_nodes(graph))


async def wipe(graph: Graph) -> None:
    """Delete everything but the schema and its migrations."""
    await graph.run("MATCH (n) WHERE NOT n:Migration CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS")


async def count_nodes(graph: Graph) -> int:
    """Count all nodes but the migrations."""
    rows = await graph.run("MATCH (n) WHERE NOT n:Migration RETURN count(n) AS nodes")
    return int(rows[0]["nodes"])


def _docker_pings() -> bool:
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=5)
        try:
            return bool(client.ping())
        finally:
            client.close()
    except (DockerException, OSError):
        return False


async def _mark(graph: Graph, nodes: int) -> None:
    await graph.run(
        "MERGE (m:Migration {version: $mark}) SET m.name = 'the tests wipe this database', m.nodes = $nodes",
        mark=MARK,
        nodes=nodes,
    )


def _from_environment() -> TestServer | None:
    settings = Settings()
    if settings.neo4j_uri is None:
        return None
    if settings.neo4j_password is None:
        raise NoNeo4jError("IDENTITY_GRAPH_NEO4J_URI is set, IDENTITY_GRAPH_NEO4J_PASSWORD is not: set it too.")
    return TestServer(
        uri=settings.neo4j_uri,
        user=settings.neo4j_user,
        password=settings.neo4j_password.get_secret_value(),
        http_url="http://127.0.0.1:7474",
        database=settings.neo4j_database,
        given=True,
    )


def _try_docker(stack: ExitStack) -> TestServer | None:
    """Start a Neo4j in Docker; where that cannot be, say why, and what to do, at the end of the run."""
    if not docker_answers():
        return None
    try:
        return stack.enter_context(_from_docker())
    except NoContainerError as error:
        warnings.warn(f"{error} The tests go on with the embedded server.", stacklevel=2)
        return None


@contextmanager
def _from_docker() -> Generator[TestServer]:
    """Start a container, which is gone afterwards, also when its start fails."""
    from docker.errors import DockerException

    container = _container()
    try:
        try:
            container.start()
        except (DockerException, DriverError, OSError, RuntimeError) as error:
            raise NoContainerError(
                f"A Docker engine answers, but gives no Neo4j to test on ({_first_line(error)}). Can it fetch the image? Try "
                f"`docker pull {IMAGE}`; or set IDENTITY_GRAPH_NEO4J_URI."
            ) from error
        http_url = f"http://{container.get_container_host_ip()}:{container.get_exposed_port(7474)}"
        yield TestServer(container.get_connection_url(), "neo4j", TEST_PASSWORD, http_url)
    finally:
        container.stop()


def _container() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the container library, not ours to mend
        from testcontainers.community.neo4j import Neo4jContainer

        class Container(Neo4jContainer):
            on_this_machine = False

            def get_container_host_ip(self) -> str:
                return _LOOPBACK if self.on_this_machine else super().get_container_host_ip()

        container: Any = Container(IMAGE, password=TEST_PASSWORD).with_envs(**CONTAINER_SETTINGS)
    # The ports of an engine elsewhere have to be reached from here; those of one on this machine concern nobody else.
    container.on_this_machine = _is_on_this_machine(container.get_docker_client())
    address = _LOOPBACK if container.on_this_machine else ""
    container.ports = {"7687": (address, None), "7474": (address, None)}
    return container


def _is_on_this_machine(docker: Any) -> bool:
    """Tell whether what the engine opens on 127.0.0.1 is reached there.

    It is also where this runs in a container with an engine beside it, which the container library looks for at the gateway: the
    bridge of the engine is one of our own then.
    """
    from docker.errors import DockerException

    if docker.host() in _HERE:
        return True
    try:
        bridge = docker.client.networks.get("bridge").attrs["IPAM"]["Config"]
    except (DockerException, KeyError):
        return False
    own = {address.address for addresses in psutil.net_if_addrs().values() for address in addresses}
    return any(network.get("Gateway") in own for network in bridge or [])


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:300]


@contextmanager
def _embedded(folder: Path) -> Generator[TestServer]:
    settings = Settings(
        data_dir=folder,
        neo4j_heap="768m",
        neo4j_page_cache="128m",
        neo4j_bolt_port=free_port(),
        neo4j_http_port=free_port(),
    )
    try:
        server = ensure_server(settings)
    except IdentityGraphError as error:
        raise NoNeo4jError(
            f"There is no Neo4j to test on: IDENTITY_GRAPH_NEO4J_URI is not set, no Docker engine gives one, and the embedded "
            f"server does not start. Mend one of the three. {error.message}"
        ) from error
    try:
        assert bolt_answers("127.0.0.1", settings.neo4j_bolt_port)
        yield TestServer(server.uri, server.user, server.password, server.http_url)
    finally:
        stop_server(settings)
