"""A service as the documentation has it: with the keys of its tour, and an empty graph."""

from collections.abc import Generator
from pathlib import Path

import pytest
from pydantic import SecretStr

from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.docs.running import Reader
from tests.live import Live, serve

WRITE_KEY = "try-write"
ADMIN_KEY = "try-admin"


@pytest.fixture
def live(graph: Graph, settings: Settings) -> Generator[Live]:
    """Give a service that has taken in nothing yet."""
    keys = {"write_key": SecretStr(WRITE_KEY), "admin_key": SecretStr(ADMIN_KEY)}
    with serve(settings.model_copy(update=keys)) as running:
        yield Live(running.url, WRITE_KEY, ADMIN_KEY, running.app, running.server)


@pytest.fixture
def reader(live: Live, settings: Settings, graph: Graph, tmp_path: Path) -> Reader:
    """Give somebody who follows a page."""
    folder = tmp_path / "reader"
    folder.mkdir()
    return Reader(live, settings, graph, folder)
