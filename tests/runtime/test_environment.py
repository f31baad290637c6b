"""Programs that we start do not have our keys in their environment, where tools and crash dumps show it."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from identity_graph.runtime import detach
from identity_graph.runtime.environment import foreign_environment


def test_a_detached_program_does_not_see_our_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_GRAPH_ADMIN_KEY", "a-secret")
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "kept")
    log = tmp_path / "log"
    show = "import os; print(sorted(os.environ), flush=True); print('done', flush=True)"
    subprocess.run([sys.executable, str(detach.__file__), str(log), sys.executable, "-c", show], check=True)
    deadline = time.monotonic() + 60
    while "done" not in log.read_text("utf-8") and time.monotonic() < deadline:
        time.sleep(0.05)
    said = log.read_text("utf-8")
    assert "JDK_JAVA_OPTIONS" in said
    assert "IDENTITY_GRAPH_" not in said
    assert not any(name.startswith("IDENTITY_GRAPH_") for name in foreign_environment())
