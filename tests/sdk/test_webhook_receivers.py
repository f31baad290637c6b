"""docs/activation.md: its receivers, run as it shows them, accept what the service sends, in whatever time zone they are."""

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from api.graphql.schema import schema
from identity_graph.service.activation.deliverer import Deliverer
from identity_graph.store.driver.graph import Graph
from tests.docs.blocks import Block, read_blocks
from tests.ports import free_port
from tests.receivers import receiver
from tests.worlds.activation import SECRET, make_destination, put, transition

pytestmark = pytest.mark.sdk

PAGE = "docs/activation.md"
BLOCKS = {block.place: block for block in read_blocks(PAGE)}
LANGUAGES = {"graphql", "json", "python", "js", "sh"}
"""The commands are tried in tests/files/test_segment_export.py."""


def the(language: str) -> list[Block]:
    return [block for block in BLOCKS.values() if block.language == language]


def test_every_fenced_block_of_the_page_is_tried() -> None:
    assert {block.language for block in BLOCKS.values()} == LANGUAGES
    assert [len(the("python")), len(the("js")), len(the("json"))] == [1, 1, 1]


@pytest.mark.parametrize("block", the("graphql"), ids=lambda block: block.place)
def test_documents_of_the_page_fit_the_schema(block: Block) -> None:
    import graphql

    assert graphql.validate(schema._schema, graphql.parse(block.text)) == []


async def test_the_message_of_the_page_is_what_is_sent(graph: Graph) -> None:
    async with receiver() as there:
        await make_destination(graph, url=there.url)
        await put(graph, transition())
        await Deliverer(graph, allow_private=True).deliver_due()
        assert json.loads(there.received[0].body) == json.loads(the("json")[0].text)


@asynccontextmanager
async def running(command: list[str], folder: Path, port: int, secret: str) -> AsyncGenerator[asyncio.StreamReader]:
    """Run a receiver of the page in another time zone; give what it prints."""
    environment = os.environ | {"WEBHOOK_SECRET": secret, "PORT": str(port), "TZ": "Asia/Kathmandu"}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(30):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.1)
                else:
                    writer.close()
                    break
        assert process.stdout is not None
        yield process.stdout
    finally:
        process.kill()
        await process.communicate()


async def check(graph: Graph, command: list[str], folder: Path) -> None:
    """Check that a receiver takes what is signed by its secret, and refuses what is not."""
    port = free_port()
    async with running(command, folder, port, SECRET) as printed:
        await make_destination(graph, "dst_1", url=f"http://127.0.0.1:{port}/")
        other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
        await make_destination(graph, "dst_2", url=f"http://127.0.0.1:{port}/", secret=other)
        await put(graph, transition("cus_1"), transition("cus_北京", reason="买过"))
        await Deliverer(graph, allow_private=True).deliver_due()
        lines = {(await asyncio.wait_for(printed.readline(), 10)).decode().strip() for _ in range(2)}
    assert lines == {"segment.entered cus_1", "segment.entered cus_北京"}
    rows = await graph.run(
        "MATCH (d:Delivery) RETURN d.destination_id AS id, collect(DISTINCT d.last_status) AS statuses"
    )
    assert {row["id"]: row["statuses"] for row in rows} == {"dst_1": [204], "dst_2": [401]}


async def test_the_python_receiver_accepts_what_is_sent(graph: Graph, tmp_path: Path) -> None:
    (block,) = the("python")
    (tmp_path / "receiver.py").write_text(block.text, "utf-8")
    await check(graph, [sys.executable, "receiver.py"], tmp_path)


async def test_the_javascript_receiver_accepts_what_is_sent(
    graph: Graph, tmp_path: Path, node: str, node_modules: Path
) -> None:
    (block,) = the("js")
    assert re.search(r'from "standardwebhooks"', block.text)
    (tmp_path / "receiver.mjs").write_text(block.text, "utf-8")
    (tmp_path / "node_modules").mkdir()
    for name in ("standardwebhooks", "@stablelib", "fast-sha256"):
        shutil.copytree(node_modules / name, tmp_path / "node_modules" / name)
    await check(graph, [node, "receiver.mjs"], tmp_path)
