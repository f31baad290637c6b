"""A live service for the tests of everything that is asked over HTTP."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from identity_graph.settings import Settings, WechatAccount, WecomAccount
from identity_graph.store.driver.graph import Graph
from tests import clients
from tests.live import ADMIN_KEY, AES_KEY, APP_ID, CORP_ID, TOKEN, WRITE_KEY, Live, serve
from tests.neo4j_server import TestServer, wipe


@pytest.fixture(scope="module")
async def live_server(
    session_graph: Graph, neo4j_server: TestServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Live]:
    """Give the service that the tests of a module share, under the default rules; most want ``live``, whose graph is empty.

    It ends with its module: what it does in the background would get in the way of tests that evaluate or deliver themselves.
    """
    await wipe(session_graph)
    folder: Path = tmp_path_factory.mktemp("live")
    settings = Settings(
        port=0,
        data_dir=folder,
        neo4j_uri=neo4j_server.uri,
        neo4j_user=neo4j_server.user,
        neo4j_password=SecretStr(neo4j_server.password),
        neo4j_database=neo4j_server.database,
        write_key=SecretStr(WRITE_KEY),
        admin_key=SecretStr(ADMIN_KEY),
        wechat_accounts={
            "store": WechatAccount(app_id=APP_ID, token=SecretStr(TOKEN)),
            "safe": WechatAccount(app_id=APP_ID, token=SecretStr(TOKEN), aes_key=SecretStr(AES_KEY)),
        },
        wecom_accounts={
            "company": WecomAccount(corp_id=CORP_ID, token=SecretStr(TOKEN), aes_key=SecretStr(AES_KEY)),
        },
    )
    with serve(settings) as live:
        yield live


@pytest.fixture
def live(live_server: Live, graph: Graph) -> Live:
    """Give a running service with an empty graph."""
    return live_server


@pytest.fixture
async def client(live: Live) -> AsyncGenerator[httpx.AsyncClient]:
    """Give a client of the live service that sends the write key as X-Write-Key."""
    async with clients.AsyncClient(base_url=live.url, headers={"X-Write-Key": live.write_key}, timeout=30) as session:
        yield session


@pytest.fixture
async def stranger(live: Live) -> AsyncGenerator[httpx.AsyncClient]:
    """Give a client of the live service without a key."""
    async with clients.AsyncClient(base_url=live.url, timeout=30) as session:
        yield session
