"""The card says how a customer stands: stage of life, purchases, score and orders, in words that need no manual."""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from identity_graph.cli.customers.lookup import lookup
from identity_graph.service.clock import now_instant
from identity_graph.service.collecting.collecting import collect
from identity_graph.service.core import Service
from identity_graph.service.scoring.recutting import recut_rfm
from tests.asking import Ask

WIDE = {"COLUMNS": "160"}


@pytest.fixture
def app() -> Typer:
    app = Typer()
    app.command()(lookup)
    return app


def message(name: str, order_id: str, days_ago: float, total: str = "", **said: Any) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    amounts = {"total": total, "currency": "CNY"} if total else {}
    return {
        "type": "track",
        "event": name,
        "messageId": f"{name} {order_id} {days_ago}",
        "timestamp": at.isoformat(),
        "userId": "ann",
        "properties": {"order_id": order_id, **amounts, **said},
    }


def completed(order_id: str, days_ago: float, total: str, *names: str) -> dict[str, Any]:
    lines = [{"name": name, "category": "Tea", "quantity": 1} for name in names]
    return message("Order Completed", order_id, days_ago, total, products=lines)


async def send(service: Service, *messages: dict[str, Any]) -> None:
    await collect(service, messages, source="web", received_at=now_instant())


async def card(run: CliRunner, app: Typer, value: str = "ann") -> list[str]:
    """Show a card; give its lines without the frame."""
    result = await asyncio.to_thread(run.invoke, app, [value], env=WIDE)
    assert result.exit_code == 0, result.output
    return [line.strip("│").strip() for line in result.output.splitlines()]


def below(lines: Sequence[str], title: str) -> list[str]:
    """Give the lines of a part of a card, without its title, in which columns are set apart by two spaces."""
    start = next(number for number, line in enumerate(lines) if line.startswith(title))
    end = lines.index("", start)
    return [re.sub(r"\s{2,}", "  ", line) for line in lines[start + 1 : end]]


async def test_who_bought_nothing_has_a_stage_and_no_orders(service: Service, run: CliRunner, app: Typer) -> None:
    await send(service, {"type": "page", "messageId": "p", "userId": "ann", "timestamp": "2026-01-02T03:04:05Z"})
    lines = await card(run, app)
    assert lines[2:4] == [
        "Stage   Potential since 2026-01-02",
        "on that day: known by an identifier of a person, and no purchase yet.",
    ]
    assert not [line for line in lines if line.startswith(("Bought", "RFM", "Orders"))]


async def test_purchases_and_the_score_are_told_with_the_cut(service: Service, run: CliRunner, app: Typer) -> None:
    await send(service, completed("o-1", 20, "1200.5", "Green", "Black"), completed("o-2", 1.01, "99.5", "Green"))
    lines = await card(run, app)
    standing = "\n".join(lines[2:8])
    assert re.search(
        r"Stage    Active since .*\non that day: the 2nd purchase; the rhythm that the catalogue assumes is 90 days\.",
        standing,
    )
    assert re.search(
        r"Bought   2 purchases for 1,300\.00 CNY, the last one (yesterday|2 days ago)\nmost often Tea \(twice\)",
        standing,
    )
    assert "RFM      no score before the first cut: see recutRfm in docs/scores.md" in lines

    made = await recut_rfm(service.units, now_instant())
    lines = await card(run, app)
    (score,) = [line for line in lines if line.startswith("RFM")]
    assert re.fullmatch(r"RFM      \d{3}  recency \d of 5, frequency \d of 5, money \d of 5", score)
    by = lines[lines.index(score) + 1]
    assert re.fullmatch(rf"by cut {made.version} of \d{{4}}-\d\d-\d\d: quintiles among 1 customer who bought", by)


async def test_orders_show_what_became_of_them(service: Service, run: CliRunner, app: Typer) -> None:
    await send(
        service,
        completed("o-1", 50, "10"),
        completed("o-2", 40, "20", "Green", "Black"),
        message("Order Updated", "o-2", 39, "20"),
        completed("o-3", 30, "30", "White"),
        message("Order Refunded", "o-3", 29, "12.5", refund_id="r"),
        completed("o-4", 20, "1040"),
        message("Order Refunded", "o-4", 19),
    )
    orders = below(await card(run, app), "Orders")
    day = r"\d{4}-\d\d-\d\d  "
    expected = [
        rf"{day}o-4  1,040\.00 CNY  all paid back",
        rf"{day}o-3  30\.00 CNY  12\.50 paid back  White",
        rf"{day}o-2  20\.00 CNY  updated  Green, Black",
        "… and 1 earlier",
    ]
    assert len(orders) == len(expected)
    for shown, pattern in zip(orders, expected, strict=True):
        assert re.fullmatch(pattern, shown), orders

    await send(service, message("Order Cancelled", "o-1", 1), message("Order Refunded", "o-9", 0.1, "5"))
    lines = await card(run, app)
    assert re.fullmatch(rf"{day}o-9  the order itself is not known yet", below(lines, "Orders")[0])
    assert [line for line in lines if line.startswith("Bought   3 purchases for ")]


async def test_what_no_rate_converts_is_said(service: Service, run: CliRunner, app: Typer, ask: Ask) -> None:
    yaml = "format: 1\ncommerce: {reporting_currency: CNY}\nrfm: {method: percentages, percentages: [40, 60]}"
    await ask(
        "mutation($yaml: String!) { applyCatalogue(yaml: $yaml, expectedVersion: 1) { catalogue { version } } }",
        yaml=yaml,
    )
    await send(service, completed("o-1", 3, "10"), message("Order Completed", "o-2", 0, "7", currency="USD"))
    await recut_rfm(service.units, now_instant())
    lines = await card(run, app)
    assert (
        "Bought   2 purchases for 10.00 CNY, the last one today; the amounts of 1 are left out, since there is no rate for "
        "their currency"
    ) in lines
    assert [line for line in lines if re.match(r"RFM      [12]{3}  recency [12] of 2", line)]
    assert [line for line in lines if "percentages among 1 customer who bought" in line]


async def test_the_channel_of_most_answered_contacts_is_told(service: Service, run: CliRunner, app: Typer) -> None:
    await send(service, message("Email Opened", "", 1))
    assert not [line for line in await card(run, app) if line.startswith("Responds")]
    await send(service, message("SMS Sent", "", 5))
    assert "Responds   to none of 1 contact so far" in await card(run, app)
    await send(service, message("Email Sent", "", 4), message("Email Sent", "", 3), message("Email Opened", "", 2))
    assert "Responds   best by email: to 1 of 2 contacts" in await card(run, app)


async def test_the_card_says_how_to_see_the_whole_journey(service: Service, run: CliRunner, app: Typer) -> None:
    visit = {
        "type": "page",
        "name": "Home",
        "messageId": "p",
        "anonymousId": "it's 1",
        "timestamp": "2026-01-02T03:04:05Z",
    }
    address = "https://shop.example.com/?utm_source=weibo&utm_medium=social"
    await send(service, {**visit, "properties": {"url": address, "title": "Welcome"}})
    lines = await card(run, app, "it's 1")
    assert (
        below(lines, "Last touchpoints")[0]
        == f"2026-01-02 03:04  web  Home  from weibo / social  Welcome  url {address[:40]}…"
    )
    assert "Visit by visit: identity-graph journey 'it'\"'\"'s 1'" in lines
    assert json.dumps(lines).count("identity-graph journey") == 1
