"""``identity-graph journey``: the timeline reads well, in any zone, page by page."""

import asyncio
import json

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from identity_graph.cli.customers.journey import journey
from identity_graph.store.driver.graph import Graph
from tests.builders import DAY, NOON, customer, event, merged, seed, session

MINUTE = 60_000_000
COOKIE, ACCOUNT = "anonymous_id:c1", "user_id:ann"


@pytest.fixture
async def ann(graph: Graph) -> None:
    """Store a customer who came by a search and, later, by a campaign."""
    bought = {"order_id": "A-1", "total": 69.99, "note": "x" * 90, "lines": [1], "coupon": "SPRING", "more": 1}
    await seed(
        graph,
        customers=[customer("cus_ann", identifiers=[COOKIE, ACCOUNT])],
        merges=[merged("cus_old", "cus_ann")],
        sessions=[
            session(
                COOKIE,
                event("evt_a1", at=NOON, name="Home", campaign={"source": "google", "medium": "organic"}),
                event("evt_a2", at=NOON + MINUTE, name="搜索", properties={"query": "\x1b[31mshoes"}),
                id="ses_a1",
            ),
            session(
                ACCOUNT,
                event("evt_b1", at=NOON + DAY, name="Sale", campaign={"source": "weibo", "medium": "social", "name": "spring"}),
                event("evt_b2", at=NOON + DAY + MINUTE, name="Called", channel="CALL_CENTRE", source="crm"),
                event("evt_b3", at=NOON + DAY + 2 * MINUTE, name="Order Completed", properties=bought),
                id="ses_b1",
            ),
        ],
    )  # fmt: skip


@pytest.fixture
def app() -> Typer:
    app = Typer()
    app.command()(journey)
    return app


def lines(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [line.rstrip() for line in result.output.splitlines()]


def test_visits_are_groups_with_what_happened_in_them(ann: None, run: CliRunner, app: Typer) -> None:
    shown = lines(run.invoke(app, ["ann"], env={"COLUMNS": "120"}))
    assert shown == [
        "cus_ann  the latest first, times in UTC",
        "",
        "Fri 2026-01-02 12:00 to 12:02  web  from weibo / social / spring  user_id:ann",
        "  12:02:00  Order Completed  A-1  total 69.99  note xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…",
        "  12:01:00  Called           call centre  by crm",
        "  12:00:00  Sale",
        "",
        "Thu 2026-01-01 12:00 to 12:01  web  from google / organic  anonymous_id:c1",
        "  12:01:00  搜索  \\x1b[31mshoes",
        "  12:00:00  Home",
    ]


@pytest.mark.parametrize(
    ("name", "properties", "told"),
    [
        ("Product Viewed", {"product_id": "p-1", "sku": "S-1", "name": "Serum", "price": 289, "currency": "CNY"},
         "Serum  price 289  currency CNY"),
        ("Product Viewed", {"sku": "tea-17"}, "sku tea-17"),
        ("Home", {"title": "Home", "url": "https://shop.example.com/", "path": "/", "referrer": ""},
         "url https://shop.example.com/  path /"),
        ("Email Opened", {"campaign_id": "spring", "email_subject": "Hello"}, "from spring  Hello"),
        ("Application Opened", {"from_background": True, "cart_id": "4f", "session_id": "9"}, "from_background yes  cart_id 4f"),
        ("Checked", {"ok": False, "lines": [1], "more": None}, "ok no"),
    ],
)  # fmt: skip
async def test_a_touchpoint_tells_what_says_most(
    graph: Graph, run: CliRunner, app: Typer, name: str, properties: dict[str, object], told: str
) -> None:
    campaign = {"name": "spring"} if name == "Email Opened" else None
    first = event("evt_1", at=NOON, name="First")
    second = event("evt_2", at=NOON + MINUTE, name=name, properties=properties, campaign=campaign)
    await seed(graph, customers=[customer("cus_ann", identifiers=[COOKIE])], sessions=[session(COOKIE, first, second)])
    result = await asyncio.to_thread(run.invoke, app, ["c1"], env={"COLUMNS": "150"})
    (line,) = [line for line in lines(result) if name in line]
    assert line.split(name, 1)[1].strip() == told


def test_times_are_shown_in_any_zone(ann: None, run: CliRunner, app: Typer) -> None:
    shown = lines(run.invoke(app, ["cus_ann", "--zone", "Pacific/Auckland"]))
    assert shown[0].endswith("times in Pacific/Auckland")
    assert shown[2].startswith("Sat 2026-01-03 01:00 to 01:02")


def test_pages_follow_each_other(ann: None, run: CliRunner, app: Typer) -> None:
    first = lines(run.invoke(app, ["cus_old", "--first", "2"]))
    assert [line.split()[0] for line in first if line.startswith("  1")] == ["12:02:00", "12:01:00"]
    assert first[-3:] == ["  … and 1 more of this visit", "", "Earlier ones: the same with --after evt_b2"]
    rest = lines(run.invoke(app, ["cus_ann", "--after", "evt_b2"]))
    assert [line.split()[1] for line in rest if line.startswith("  1")] == ["Sale", "搜索", "Home"]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--name", "Home", "--name", "Sale"], ["Sale", "Home"]),
        (["--channel", "call_centre"], ["Called"]),
        (["--campaign", "spring"], ["Sale"]),
        (["--type", "page"], []),
        (["--from", "2026-01-02"], ["Order Completed", "Called", "Sale"]),
        (["--to", "2026-01-01T12:01:00Z"], ["Home"]),
    ],
)
def test_the_timeline_is_narrowed(ann: None, run: CliRunner, app: Typer, options: list[str], names: list[str]) -> None:
    result = run.invoke(app, ["cus_ann", "--format", "json", *options])
    assert [json.loads(line)["name"] for line in lines(result)] == names


def test_json_has_all_of_a_touchpoint(ann: None, run: CliRunner, app: Typer) -> None:
    (line,) = lines(run.invoke(app, ["cus_ann", "--format", "json", "--name", "Called"]))
    spring = {"source": "weibo", "medium": "social", "name": "spring", "term": None, "content": None}
    assert json.loads(line) == {
        "id": "evt_b2",
        "customerId": "cus_ann",
        "occurredAt": "2026-01-02T12:01:00Z",
        "type": "track",
        "name": "Called",
        "channel": "CALL_CENTRE",
        "source": "crm",
        "campaign": None,
        "session": {
            "id": "ses_b1",
            "startedAt": "2026-01-02T12:00:00Z",
            "endedAt": "2026-01-02T12:02:00Z",
            "channel": "WEB",
            "source": "web",
            "campaign": {**spring, "click_id": None, "click_id_name": None},
            "touchpointCount": 3,
            "owner": ACCOUNT,
        },
        "properties": {},
    }


def test_nothing_to_show_is_said(ann: None, run: CliRunner, app: Typer) -> None:
    assert lines(run.invoke(app, ["ann", "--name", "Never"]))[1:] == ["No touchpoints here."]
    nobody = run.invoke(app, ["nobody"])
    assert (nobody.exit_code, nobody.stdout) == (1, "")
    assert "Nothing found for nobody." in nobody.stderr


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--zone", "Mars/Olympus", "is no time zone"),
        ("--zone", "../etc/passwd", "is no time zone"),
        ("--after", "evt_none", "there is no touchpoint"),
        ("--from", "soon", "Write 2026-01-31"),
        ("--channel", "billboard", "billboard"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(
    ann: None, run: CliRunner, app: Typer, option: str, value: str, said: str
) -> None:
    refused = run.invoke(app, ["cus_ann", option, value], env={"COLUMNS": "200"})
    assert refused.exit_code == 2
    assert said in refused.stderr
