"""clairvoyance rebuilds schemas from the suggestions of errors: without suggestions it learns nothing, without a key neither.

It cannot be installed beside the other tools: it wants an older rich. Have it in a place of its own, on the PATH.
"""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from identity_graph.service.core import Service
from tests.live import Live

NEAR = ("custome", "customerz", "lookupp", "rulez", "violation", "segmen", "changez", "catalogu", "destination")
"""Words that are no fields, and close to some."""

pytestmark = pytest.mark.skipif(
    shutil.which("clairvoyance") is None, reason="clairvoyance is not installed: it has to be in a place of its own"
)


async def learn(live: Live, folder: Path, key: str) -> set[str]:
    """Give the names of the fields of queries that it finds; it writes `dummy` when there are none."""
    (folder / "words").write_text("\n".join(NEAR), "utf-8")
    out = folder / "schema.json"
    out.unlink(missing_ok=True)
    words = ["-H", f"Authorization: Bearer {key}", "-w", str(folder / "words"), "-o", str(out), "-c", "1", "-m", "1"]
    process = await asyncio.create_subprocess_exec(
        "clairvoyance",
        *words,
        f"{live.url}/graphql",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(60):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
    if not out.exists():
        return set()
    types = json.loads(out.read_text("utf-8"))["data"]["__schema"]["types"]
    return {field["name"] for kind in types if kind["name"] == "Query" for field in kind.get("fields") or []} - {
        "dummy"
    }


async def test_it_learns_from_suggestions_and_nothing_without(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service: Service = live.app.state.service
    assert {"customer", "rules"} <= await learn(live, tmp_path, live.admin_key)
    assert await learn(live, tmp_path, "guessed") == set()
    monkeypatch.setattr(
        service,
        "settings",
        service.settings.model_copy(update={"graphql_suggestions": False, "graphql_introspection": False}),
    )
    assert await learn(live, tmp_path, live.admin_key) == set()
