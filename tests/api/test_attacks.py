"""Clients without a key that take all they can get: others are served as if they were not there."""

import asyncio
import contextlib
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import httpx
import pytest

from api.collector import keyless
from api.collector.body import MAX_BODY_BYTES, inflate
from api.collector.errors import MalformedBodyError, NoRoomError
from api.collector.keyless import KeylessBodies, find_keys
from api.protocols import MAX_HEAD_BYTES
from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.live import ADMIN_KEY, WRITE_KEY
from tests.neo4j_server import TestServer, wipe
from tests.ports import free_port

CONNECTIONS = 250
PER_ADDRESS = 200
HEAD_SECONDS = 2
BODY_SECONDS = 3
PATIENCE = 6.0
"""Seconds that others wait at most under an attack, on a busy machine: without one it is some milliseconds."""

HEAD = b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(scope="module")
async def empty(session_graph: Graph) -> None:
    """Have the service find no rules of tests that ran before."""
    await wipe(session_graph)


@pytest.fixture(scope="module")
def port(neo4j_server: TestServer, empty: None, tmp_path_factory: pytest.TempPathFactory) -> Generator[int]:
    """Give the port of a service that is a process of its own, with small limits, under the default rules."""
    port = free_port()
    folder: Path = tmp_path_factory.mktemp("attacked")
    settings = {
        "PORT": port,
        "DATA_DIR": folder,
        "NEO4J_URI": neo4j_server.uri,
        "NEO4J_USER": neo4j_server.user,
        "NEO4J_PASSWORD": neo4j_server.password,
        "NEO4J_DATABASE": neo4j_server.database,
        "WRITE_KEY": WRITE_KEY,
        "ADMIN_KEY": ADMIN_KEY,
        "MAX_CONNECTIONS": CONNECTIONS,
        "MAX_CONNECTIONS_PER_ADDRESS": PER_ADDRESS,
        "HEAD_SECONDS": HEAD_SECONDS,
        "BODY_SECONDS": BODY_SECONDS,
    }
    environment = os.environ | {f"IDENTITY_GRAPH_{name}": str(value) for name, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-c", "from identity_graph.cli.app import main; main()", "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_ready(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def wait_until_ready(port: int) -> None:
    """Wait until the service has opened the graph: it listens earlier, and a graph is not to be emptied meanwhile."""
    for _ in range(300):
        with contextlib.suppress(httpx.TransportError):
            if clients.get(f"http://127.0.0.1:{port}/health/ready", timeout=10).is_success:
                return
        time.sleep(0.1)
    pytest.fail("the service is not ready after 30 s")


@pytest.fixture
async def others(port: int, graph: Graph) -> AsyncGenerator[httpx.AsyncClient]:
    """Give a client with keys; the graph knows whom it asks for."""
    headers = {"X-Write-Key": WRITE_KEY, "Authorization": f"Bearer {ADMIN_KEY}"}
    async with clients.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
        assert (await client.post("/v1/track", json={"userId": "ann", "event": "Kept"})).status_code == 200
        yield client


async def look_up(client: httpx.AsyncClient) -> float:
    """Look a customer up, and tell how long that took."""
    started = time.monotonic()
    answer = await client.post("/graphql", json={"query": '{ lookup(value: "ann") { identifier { key } } }'})
    assert [match["identifier"]["key"] for match in answer.json()["data"]["lookup"]] == ["user_id:ann"]
    return time.monotonic() - started


async def look_up_kept(client: httpx.AsyncClient) -> float:
    """Look a customer up on a connection that waits: it may give way just as it is asked, and HTTP has one ask again."""
    started = time.monotonic()
    try:
        await look_up(client)
    except (httpx.ReadError, httpx.RemoteProtocolError):
        await look_up(client)
    return time.monotonic() - started


@contextlib.asynccontextmanager
async def others_are_served(others: httpx.AsyncClient) -> AsyncGenerator[None]:
    """Look customers up until the block ends, on one connection and on new ones."""
    slowest: list[float] = []
    done = asyncio.Event()

    async def go_on() -> None:
        while not done.is_set():
            slowest.append(await look_up_kept(others))
            async with clients.AsyncClient(base_url=others.base_url, headers=others.headers, timeout=30) as newcomer:
                slowest.append(await look_up(newcomer))
            await asyncio.sleep(0.05)

    asking = asyncio.create_task(go_on())
    try:
        yield
    finally:
        done.set()
        await asking
    assert len(slowest) >= 2
    assert max(slowest) < PATIENCE


_open: list[asyncio.StreamWriter] = []


@pytest.fixture(autouse=True)
async def closed_at_the_end() -> AsyncGenerator[None]:
    """Close what a test opened."""
    yield
    for writer in _open:
        writer.transport.abort()
    _open.clear()
    await asyncio.sleep(0)


async def connect(port: int, sent: bytes) -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    _open.append(writer)
    writer.write(sent)
    await writer.drain()
    return reader, writer


async def is_closed(connection: Connection, seconds: float) -> bool:
    """Tell whether the service closes a connection in time."""
    try:
        async with asyncio.timeout(seconds):
            while await connection[0].read(65536):
                pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


async def send_for_ever(port: int, begin: bytes, part: bytes, most: int) -> tuple[int, bytes]:
    """Send the same again and again; tell how many bytes the service took, and what it answered."""
    reader, writer = await connect(port, begin)
    sent = 0
    answer = b""
    with contextlib.suppress(OSError):
        while sent < most and not reader.at_eof():
            writer.write(part)
            await writer.drain()
            sent += len(part)
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(1):
            answer = await reader.read(65536)
    return sent, answer


@pytest.mark.parametrize(
    ("begin", "part"),
    [
        (b"GET / HTTP/1.1\r\nX-Long: ", b"a" * 100_000),
        (b"GET /", b"a" * 100_000),
        (b"GET / HTTP/1.1\r\n", b"X-Again: and again\r\n" * 5000),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: ", b"a" * 100_000),
        (b"GET /graphql HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Long: ", b"a" * 100_000),
    ],
)
async def test_a_head_without_end_is_ended(begin: bytes, part: bytes, port: int, others: httpx.AsyncClient) -> None:
    async with others_are_served(others):
        sent, _ = await send_for_ever(port, begin, part, 60_000_000)
    assert sent < 20_000_000, "what the machine holds on the way counts, too"


async def test_a_head_that_is_too_large_is_told_so(port: int) -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n"
    reader, _ = await connect(port, head)
    assert (await reader.read(65536)).startswith(b"HTTP/1.1 431 ")


async def test_the_address_of_an_image_has_room_for_a_message(port: int) -> None:
    head = b"GET /v1/pixel/track?data=" + b"A" * 45_000 + b" HTTP/1.1\r\nHost: x\r\nX-Write-Key: no\r\n\r\n"
    reader, _ = await connect(port, head)
    assert (await reader.read(65536)).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("key", ["", WRITE_KEY])
async def test_a_body_of_very_many_members_holds_nobody_up(key: str, port: int, others: httpx.AsyncClient) -> None:
    body = gzip.compress(b"") * 262_000
    assert len(body) <= MAX_BODY_BYTES
    async with others_are_served(others), clients.AsyncClient(timeout=60) as stranger:
        started = time.monotonic()
        headers = {"X-Write-Key": key} if key else {}
        answer = await stranger.post(f"http://127.0.0.1:{port}/v1/batch", content=body, headers=headers)
        assert time.monotonic() - started < 2 * PATIENCE
    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED_BODY")


async def test_bodies_that_inflate_to_much_hold_nobody_up(port: int, others: httpx.AsyncClient) -> None:
    body = gzip.compress(b"[" + b"[]," * 1_700_000 + b"[]]")
    async with others_are_served(others), clients.AsyncClient(timeout=60) as stranger:
        answers = await asyncio.gather(
            *(stranger.post(f"http://127.0.0.1:{port}/v1/batch", content=body) for _ in range(30))
        )
    assert {answer.status_code for answer in answers} <= {401, 503}


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /health/live HTTP/1.1\r\nHost: x\r\n",
        HEAD + b"Content-Length: 100\r\n\r\n{",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n[",
        HEAD.replace(b"POST", b"GET") + b"Content-Length: 100\r\n\r\n{",
        HEAD + b"X-Write-Key: wrong\r\nContent-Length: 100\r\n\r\n{",
        HEAD.replace(b"/v1/batch", b"/graphql") + b"Content-Length: 100\r\n\r\n{",
    ],
)
async def test_connections_on_which_nothing_ends_give_way(sent: bytes, port: int, others: httpx.AsyncClient) -> None:
    connections: list[Connection] = []
    async with others_are_served(others):
        for _ in range(3 * CONNECTIONS):
            with contextlib.suppress(OSError):
                connections.append(await connect(port, sent))
        for _ in range(5):
            await look_up_kept(others)
        ended = await asyncio.gather(
            *(is_closed(connection, HEAD_SECONDS + BODY_SECONDS + 10) for connection in connections)
        )
    assert len(ended) >= CONNECTIONS
    assert all(ended)


async def test_a_head_that_comes_byte_by_byte_is_late(port: int, others: httpx.AsyncClient) -> None:
    reader, writer = await connect(port, b"GET / HTTP/1.1\r\nX: ")
    started = time.monotonic()
    async with others_are_served(others):
        with contextlib.suppress(OSError):
            while not (reader.at_eof() or writer.is_closing()) and time.monotonic() - started < 20:
                writer.write(b"a")
                await asyncio.sleep(0.2)
    assert HEAD_SECONDS - 0.5 < time.monotonic() - started < HEAD_SECONDS + 5


async def test_lines_between_requests_keep_no_connection(port: int) -> None:
    reader, writer = await connect(port, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.read(65536)).startswith(b"HTTP/1.1 200")
    started = time.monotonic()
    with contextlib.suppress(OSError):
        while not (reader.at_eof() or writer.is_closing()) and time.monotonic() - started < 20:
            writer.write(b"\r\n")
            await asyncio.sleep(0.2)
    assert time.monotonic() - started < HEAD_SECONDS + 5


async def test_a_body_that_comes_byte_by_byte_is_late_and_told_so(port: int) -> None:
    head = HEAD + b"X-Write-Key: " + WRITE_KEY.encode() + b"\r\nContent-Length: 100000\r\n\r\n"
    reader, writer = await connect(port, head)
    started = time.monotonic()
    answer = asyncio.create_task(reader.readuntil(b"BODY_TIMEOUT"))  # head and body of the answer come apart
    with contextlib.suppress(OSError):
        while not answer.done() and time.monotonic() - started < 20:
            writer.write(b"[")
            await asyncio.sleep(0.2)
    assert (await answer).startswith(b"HTTP/1.1 408")
    assert time.monotonic() - started < BODY_SECONDS + 5


async def test_a_body_in_tiny_chunks_is_ended(port: int, others: httpx.AsyncClient) -> None:
    async with others_are_served(others):
        sent, _ = await send_for_ever(
            port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 10_000, 60_000_000
        )
    assert sent < 20_000_000


async def test_sockets_that_do_not_say_who_they_are_give_way(port: int, others: httpx.AsyncClient) -> None:
    hello = (
        b"GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
    known = await connect(port, hello)
    await known[0].readuntil(b"\r\n\r\n")
    known[1].write(_frame({"type": "connection_init", "payload": {"adminKey": ADMIN_KEY}}))
    await known[0].readuntil(b"connection_ack")
    connections: list[Connection] = []
    async with others_are_served(others):
        for _ in range(2 * CONNECTIONS):
            with contextlib.suppress(OSError):
                connections.append(await connect(port, hello))
        for _ in range(5):
            await look_up_kept(others)
    known[1].write(_frame({"type": "ping"}))
    await known[0].readuntil(b"pong")
    assert await is_closed(connections[0], 1)


async def test_the_metrics_count_connections(port: int, others: httpx.AsyncClient) -> None:
    taken = parted = 0.0
    for _ in range(5):  # on a busy machine some run out of time before all are opened
        for _ in range(2 * PER_ADDRESS):
            await connect(port, b"")
        page = (await others.get("/metrics")).text
        values = dict(line.split() for line in page.splitlines() if line.startswith("identity_graph_connections"))
        taken, parted = (float(values[f"identity_graph_connections{name}"]) for name in ("", "_parted"))
        assert taken <= PER_ADDRESS
        if taken == PER_ADDRESS:
            break
    assert taken == PER_ADDRESS
    assert parted >= PER_ADDRESS


def test_members_are_inflated_up_to_a_number() -> None:
    assert inflate(gzip.compress(b"[") + gzip.compress(b"") * 98 + gzip.compress(b"]")) == b"[]"
    with pytest.raises(MalformedBodyError, match="100 gzip parts"):
        inflate(gzip.compress(b"") * 101)


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (b'{"writeKey": "a", "batch": [{"writeKey" :"b"}, {"writeKey":"a"}]}', ["a", "b"]),
        (b'{"writeKey":"\\u0061\\"b"}', ['a"b']),
        (b'{"writeKey":null,"x":{"writeKey":7}}', []),
        (b'{"writeKey":"' + b"x" * 600 + b'"}', []),
        (b'{"batch":[]}', []),
        (b"".join(b'"writeKey":"%d"' % n for n in range(100)), [str(n) for n in range(16)]),
    ],
)
def test_keys_are_found_without_parsing(body: bytes, keys: list[str]) -> None:
    assert find_keys(body) == keys


async def test_the_oldest_body_without_a_key_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyless, "MAX_HELD_BYTES", 100)
    bodies = KeylessBodies()
    with bodies.hold() as old, bodies.hold() as new:
        old.add(b"x" * 60)
        new.add(b"y" * 40)
        old.check()
        new.add(b"y")
        with pytest.raises(NoRoomError):
            old.add(b"x")
        assert old.parts == []
        new.check()
    with bodies.hold() as next_one:
        next_one.add(b"z" * 100)
        next_one.check()


def _frame(message: object) -> bytes:
    """Write a text frame as a client does, masked by zeros."""
    text = json.dumps(message).encode()
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text
