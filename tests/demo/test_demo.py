"""The demo as a newcomer runs it, with fewer people."""

import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.sdk
def test_the_demo_loads_a_world_through_the_sdk_and_shows_what_became_of_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "identity_graph.demo", "--once", "--people", "60", "--no-purchases"]
    done = subprocess.run(
        [*command, "--data-dir", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    identifiers, customers = map(int, re.findall(r"(\d+) identifiers became (\d+) customers", said)[0])
    assert 60 < customers < identifiers
    precision = float(re.findall(r"pairwise precision\D+([\d.]+)", said)[0])
    recall = float(re.findall(r"pairwise recall\D+([\d.]+)", said)[0])
    best = float(re.findall(r"highest recall that the messages allow\D+([\d.]+)", said)[0])
    assert precision > 0.8
    assert 0.9 * best < recall <= 1
    for wanted in ("$ identity-graph lookup", "lookup(value:", '"lookup": [', "/graphql", "/browser/", "password"):
        assert wanted in said
