"""The demo as a newcomer runs it, with fewer people."""

import json
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
    for wanted in (
        "$ identity-graph catalogue apply",
        "$ identity-graph segments apply cart-abandoners",
        "Segments, live",
        "$ identity-graph segments why",
        "$ identity-graph import email-campaigns.csv --mapping examples/imports/email-campaign.yaml",
        "$ identity-graph import calls.csv --mapping examples/imports/call-centre.yaml",
        "$ identity-graph import survey.csv --mapping examples/imports/survey.yaml",
        "$ identity-graph import loyalty-points.csv --mapping examples/imports/loyalty-ledger.yaml",
        "is told of who enters a segment",
        "Told by a webhook, its signature verified",
        "$ identity-graph lookup",
        "lookup(value:",
        "/graphql",
        "/browser/",
        "password",
    ):
        assert wanted in said
    check_segments(said)
    check_card(said)
    check_answer(said)
    port = re.findall(r"http://127\.0\.0\.1:(\d+)/graphql", said)[0]
    (conf,) = (tmp_path / "demo").rglob("neo4j.conf")
    assert f"play http://localhost:{port}/guide" in conf.read_text("utf-8"), "Neo4j Browser finds no guide"


def check_segments(said: str) -> None:
    """Check that the segments filled, and that one membership is explained."""
    assert re.search(r"members of 'Repeat buyers'", said)
    assert int(re.findall(r"Repeat buyers\s+│?\s*(\d+)", said[said.index("Segments, live") :])[0]) > 0
    assert re.search(r"cus_\w+ is (not )?in '[\w -]+'", said)


def check_card(said: str) -> None:
    """Check that the card has a full profile, in the words that a marketer reads."""
    card = said[said.index("$ identity-graph lookup") : said.index("The same in GraphQL")]
    bought = re.findall(
        r"Bought\s+(\d+) purchases for [\d,.]+ CNY, the last one (?:\d+ days ago|yesterday|today)", card
    )
    assert int(bought[0]) >= 4
    assert re.search(r"Stage\s+(New|Active|Loyal|At risk|Churned|Returned) since \d{4}-\d\d-\d\d", card)
    assert re.search(r"RFM\s+[1-5]{3}  recency [1-5] of 5, frequency [1-5] of 5, money [1-5] of 5", card)
    assert "by cut 1 of" in card
    assert re.search(r"Orders.*\n.*O2\d{7}", card)
    assert "Last touchpoints" in card
    assert re.search(r"identity-graph journey \S+", card)


def check_answer(said: str) -> None:
    """Check that GraphQL answers with the same profile, all parts of which have content."""
    answer = said[said.index("answers") :]
    customer = json.loads(answer[answer.index("{") : answer.rindex("\n}") + 2])["data"]["lookup"][0]["customer"]
    profile = customer["profile"]
    assert profile["lifecycle"]["reason"]
    assert re.fullmatch("[1-5]{3}", profile["rfm"]["score"])
    assert profile["rfm"]["cut"]["version"] == 1
    assert len(profile["orders"]["edges"]) == 2
    assert profile["affinities"][0]["orders"] > 0
    assert profile["preferredChannel"]["scores"]
    assert {one["name"] for one in profile["computed"]} >= {"looked_at_90d", "value"}
    assert len(customer["journey"]["edges"]) == 3
