"""Every example of examples/imports, on a real Neo4j: imported, imported again, and imported after a correction.

Nothing may be doubled, and what was corrected must be what counts.
"""

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from identity_graph.cli.app import app
from identity_graph.files.importing import ImportReport, import_file, source_of
from identity_graph.files.mapping_file import load_mapping
from identity_graph.service.core import open_service
from identity_graph.settings import Settings
from identity_graph.store.driver.graph import Graph
from tests.docs.blocks import read_blocks

ROOT = Path(__file__).parents[2] / "examples" / "imports"
PAGE = Path(__file__).parents[2] / "docs" / "file-examples.md"
EXAMPLES = {
    "pos-lines.yaml": "pos-lines.csv",
    "pos-receipts.yaml": "pos-receipts.csv",
    "call-centre.yaml": "call-centre.csv",
    "loyalty-ledger.yaml": "loyalty-ledger.csv",
    "crm-export.yaml": "crm-2026-03-01.csv",
    "email-campaign.yaml": "email-campaign.csv",
    "email-log.yaml": "email-log.tsv",
    "survey.yaml": "survey.csv",
    "dmp-audiences.yaml": "audiences-20260308.csv",
    "social-mentions.yaml": "social-mentions.csv",
    "wechat-account.yaml": "wechat-account.csv",
    "wecom-contacts.yaml": "wecom-contacts.csv",
}
RULES = "rules-with-social.yaml"


class Seen(NamedTuple):
    """An event that counts: its name, time, channel, identifiers and properties."""

    name: str
    at: str
    channel: str
    keys: frozenset[str]
    properties: dict[str, Any]


class Shop:
    """Imports examples into one graph, from copies that a test may change."""

    def __init__(self, graph: Graph, settings: Settings, folder: Path) -> None:
        self.graph = graph
        self._settings = settings.model_copy(update={"rules": ROOT / RULES})
        self._folder = folder
        for path in ROOT.iterdir():
            shutil.copy(path, folder)

    async def take(self, mapping: str, file: str | None = None, *, restart: bool = False) -> ImportReport:
        path, columns = self._folder / (file or EXAMPLES[mapping]), load_mapping(self._folder / mapping)
        async with open_service(self._settings) as service:
            return await import_file(
                service,
                path,
                columns,
                source=source_of(None, columns),
                restart=restart,
                rejects=self._folder / "rejects.ndjson",
            )

    def correct(self, file: str, *changes: tuple[str, str], name: str | None = None) -> str:
        text = (self._folder / file).read_text("utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        (self._folder / (name or file)).write_text(text, "utf-8")
        return name or file

    async def events(self, **like: object) -> list[Seen]:
        """Give the events that count and have these properties, by time."""
        rows = await self.graph.run(
            "MATCH (e:Event) WHERE e.retracted_at IS NULL RETURN e.name AS name, toString(e.occurred_at) AS at, "
            "e.channel AS channel, e.properties AS properties, "
            "COLLECT { MATCH (e)-[:OBSERVED]->(i) RETURN i.key } AS keys ORDER BY e.occurred_at, e.message_id"
        )
        seen = [
            Seen(row["name"], row["at"], row["channel"], frozenset(row["keys"]), json.loads(row["properties"] or "{}"))
            for row in rows
        ]
        return [it for it in seen if like.items() <= it.properties.items()]

    async def customers(self) -> set[frozenset[str]]:
        rows = await self.graph.run(
            "MATCH (i:Identifier)-[:BELONGS_TO]->(c:Customer) RETURN c.id AS id, collect(i.key) AS keys"
        )
        return {frozenset(row["keys"]) for row in rows}

    async def orders(self) -> set[tuple[str, str, str, str, str]]:
        """Give id, total, currency and refund of the orders, and whose they are."""
        rows = await self.graph.run(
            "MATCH (o:Order)-[:OF]->(i) RETURN [o.order_id, o.total, o.currency, o.refunded, i.key] AS order"
        )
        return {tuple(row["order"]) for row in rows}

    async def traits(self, key: str) -> dict[str, Any]:
        rows = await self.graph.run(
            "MATCH (:Identifier {key: $key})-[:HAS_TRAIT]->(t) RETURN t.name AS name, t.value AS value", key=key
        )
        return {row["name"]: json.loads(row["value"]) for row in rows}


@pytest.fixture
def shop(graph: Graph, settings: Settings, tmp_path: Path) -> Shop:
    return Shop(graph, settings, tmp_path)


def names(events: list[Seen]) -> list[str]:
    return [event.name for event in events]


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    state = report.state
    return state.accepted, state.duplicates, state.skipped, state.rejected_total


def test_every_file_of_the_folder_is_an_example_with_a_section() -> None:
    assert {path.name for path in ROOT.iterdir()} == {*EXAMPLES, *EXAMPLES.values(), RULES}
    linked = set(re.findall(r"\.\./examples/imports/([\w.-]+)", PAGE.read_text("utf-8")))
    assert {*EXAMPLES, RULES} <= linked
    sections = set(re.findall(r'<a id="([\w-]+)">', PAGE.read_text("utf-8")))
    assert sections == {name.removesuffix(".yaml") for name in EXAMPLES}


def test_every_fenced_block_of_the_page_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PAGE.parents[1])
    [block] = read_blocks("docs/file-examples.md")
    program, *arguments = shlex.split(block.text)
    result = CliRunner().invoke(app, arguments)
    assert (program, result.exit_code) == ("identity-graph", 0), result.output
    assert "6 records, 4 messages, 2 left out by the mapping, 0 rejected" in result.stdout


@pytest.mark.parametrize("mapping", EXAMPLES)
async def test_an_example_that_is_imported_again_changes_nothing(shop: Shop, mapping: str) -> None:
    first = await shop.take(mapping)
    before = (await shop.events(), await shop.customers())
    again = await shop.take(mapping, restart=True)
    assert first.state.accepted > 0
    assert first.state.rejected_total == first.state.duplicates == 0
    assert first.ignored == {}
    assert counts(again) == (0, first.state.accepted, first.state.skipped, 0)
    assert (await shop.events(), await shop.customers()) == before


async def test_the_rows_of_a_receipt_are_one_order_and_goods_that_come_back_a_refund(shop: Shop) -> None:
    await shop.take("pos-lines.yaml")
    [order, refund] = await shop.events(order_id="SH-01/100231")
    who = frozenset({"loyalty_id:L-5001", "phone:+8613800138001"})
    assert order[:4] == ("Order Completed", "2026-02-28T02:02:00Z", "STORE", who)
    assert order.properties == {
        "affiliation": "SH-01",
        "currency": "CNY",
        "order_id": "SH-01/100231",
        "total": 155.9,
        "products": [
            {"sku": "CF-200", "name": "Yunnan coffee, 200 g", "category": "Coffee", "price": 68, "quantity": 2},
            {"sku": "AC-001", "name": "Filter papers", "category": "Accessories", "price": 19.9, "quantity": 1},
        ],
    }
    assert (refund.name, refund.properties["total"], refund.properties["refund_id"]) == (
        "Order Refunded",
        19.9,
        "SH-01/100240",
    )
    assert [it.properties["total"] for it in await shop.events(order_id="HZ-02/100231")] == [200]
    assert await shop.events(order_id="SH-01/100232") == [], "it names nobody"
    assert await shop.orders() == {
        ("SH-01/100231", "155.90", "CNY", "19.90", "loyalty_id:L-5001"),
        ("SH-01/100233", "1299.00", "CNY", "0.00", "loyalty_id:L-5002"),
        ("HZ-02/100231", "200.00", "CNY", "0.00", "loyalty_id:L-5003"),
    }


async def test_a_corrected_receipt_replaces_what_it_said(shop: Shop) -> None:
    await shop.take("pos-lines.yaml")
    shop.correct("pos-lines.csv", ('"¥1,299.00","¥1,299.00"', '"¥1,199.00","¥1,199.00"'), ("L-5003", "L-5001"))
    report = await shop.take("pos-lines.yaml")
    assert counts(report) == (2, 2, 2, 0)
    assert [it.properties["total"] for it in await shop.events(order_id="SH-01/100233")] == [1199]
    assert ("SH-01/100233", "1199.00", "CNY", "0.00", "loyalty_id:L-5002") in await shop.orders()
    [moved] = await shop.events(affiliation="HZ-02")
    assert moved.keys == {"loyalty_id:L-5001", "phone:+8613900139003"}
    assert not any("loyalty_id:L-5003" in customer for customer in await shop.customers())
    shop.correct("pos-lines.csv", ('"¥1,199.00","¥1,199.00"', '"¥1,299.00","¥1,299.00"'))
    await shop.take("pos-lines.yaml")
    assert [it.properties["total"] for it in await shop.events(order_id="SH-01/100233")] == [1299], "as it was at first"


async def test_a_receipt_that_became_a_return_is_an_order_no_more(shop: Shop) -> None:
    await shop.take("pos-lines.yaml")
    shop.correct("pos-lines.csv", (",1,¥200.00,¥200.00,", ",-1,¥200.00,-¥200.00,99"))
    await shop.take("pos-lines.yaml")
    assert [(it.name, it.properties["total"]) for it in await shop.events(affiliation="HZ-02")] == [
        ("Order Refunded", 200)
    ]


async def test_a_list_of_receipts_from_excel_has_exact_amounts_and_the_times_of_its_zone(shop: Shop) -> None:
    await shop.take("pos-receipts.yaml")
    [first, second] = await shop.events()
    assert (first.at, second.at) == ("2026-02-28T09:10:00Z", "2026-02-28T09:31:00Z")
    assert first.keys == {"loyalty_id:K-100", "email:lena@example.com"}
    assert first.properties == {
        "order_id": "B-01/7781",
        "affiliation": "B-01",
        "total": 1234.5,
        "tax": 197.11,
        "discount": 50,
        "currency": "EUR",
        "coupons": ["SPRING", "VIP"],
    }
    shop.correct("pos-receipts.csv", ("29,90", "24,90"))
    await shop.take("pos-receipts.yaml")
    assert [it.properties["total"] for it in await shop.events()] == [1234.5, 24.9]


async def test_calls_and_complaints_are_events_of_the_caller(shop: Shop) -> None:
    await shop.take("call-centre.yaml")
    events = await shop.events()
    assert names(events) == ["Call Received", "Complaint Raised", "Call Received", "Call Made"]
    assert {event.channel for event in events} == {"CALL_CENTRE"}
    assert events[1].properties["reason"] == "Parcel is five days late"
    assert [event.properties.get("resolved") for event in events] == [False, None, True, True]
    assert await shop.customers() == {
        frozenset({"phone:+8613800138001"}),
        frozenset({"phone:+8613900139003", "crm_id:C-77"}),
    }
    shop.correct("call-centre.csv", ("Delivery,OPEN", "Invoice,SOLVED"))
    await shop.take("call-centre.yaml")
    events = await shop.events()
    assert names(events) == ["Call Received", "Call Received", "Call Made"], "it is no complaint any more"
    assert events[0].properties["topic"] == "Invoice"


async def test_points_are_events_and_balance_and_tier_are_traits(shop: Shop) -> None:
    await shop.take("loyalty-ledger.yaml")
    assert [(it.name, it.properties["points"]) for it in await shop.events()] == [
        ("Points Earned", 155),
        ("Points Earned", 1299),
        ("Points Earned", 100),
        ("Points Spent", 500),
        ("Points Expired", 55),
    ]
    assert await shop.traits("loyalty_id:L-5001") == {"loyalty_tier": "Silver", "loyalty_points": 200}
    shop.correct("loyalty-ledger.csv", ("EXPIRE,-55,200", "EXPIRE,-50,205"))
    await shop.take("loyalty-ledger.yaml")
    assert [it.properties["points"] for it in await shop.events(reason="expired")] == [50]
    assert (await shop.traits("loyalty_id:L-5001"))["loyalty_points"] == 205


async def test_a_crm_export_gives_traits_and_the_next_day_updates_what_changed(shop: Shop) -> None:
    await shop.take("crm-export.yaml")
    assert await shop.traits("crm_id:C-77") == {
        "name": "Jing Wang",
        "gender": "female",
        "birthday": "1988-05-14",
        "address": {"city": "Shanghai", "postcode": "200000"},
        "interests": ["coffee", "travel"],
        "newsletter": True,
        "credit_limit": 5000,
    }
    assert frozenset({"crm_id:C-77", "phone:+8613900139003", "phone:+862160001234", "email:jing.wang@example.com"}) in (
        await shop.customers()
    )
    changes = (("Shanghai;200000", "Hangzhou;310000"), ("coffee, travel;yes", "coffee;no"))
    report = await shop.take("crm-export.yaml", shop.correct("crm-2026-03-01.csv", *changes, name="crm-2026-03-02.csv"))
    assert counts(report) == (1, 2, 0, 0), "two people are as they were"
    changed = await shop.traits("crm_id:C-77")
    assert (changed["address"]["city"], changed["newsletter"], changed["interests"]) == ("Hangzhou", False, ["coffee"])
    assert [event.at for event in await shop.events()] == ["2026-03-01T00:00:00Z"] * 3 + ["2026-03-02T00:00:00Z"]


async def test_a_late_export_of_an_earlier_day_changes_no_trait(shop: Shop) -> None:
    await shop.take("crm-export.yaml")
    old = shop.correct("crm-2026-03-01.csv", ("Shanghai;200000", "Suzhou;215000"), name="crm-2026-02-01.csv")
    assert counts(await shop.take("crm-export.yaml", old)) == (1, 2, 0, 0)
    assert (await shop.traits("crm_id:C-77"))["address"]["city"] == "Shanghai"


async def test_a_campaign_report_has_an_event_for_everything_that_happened(shop: Shop) -> None:
    await shop.take("email-campaign.yaml")
    events = await shop.events()
    assert {event.channel for event in events} == {"EMAIL"}
    lena = [event for event in events if event.keys == frozenset({"email:lena@example.com"})]
    assert names(lena) == ["Email Sent", "Email Delivered", "Email Opened", "Unsubscribed"]
    assert await shop.traits("email:lena@example.com") == {"newsletter": False}
    assert sorted(names(await shop.events(reason="550 no such mailbox"))) == ["Email Bounced"]
    later = ",2026-03-05T12:15:10+08:00,https://shop.example/spring,"
    shop.correct(
        "email-campaign.csv",
        (later, ",2026-03-05T12:15:10+08:00,https://shop.example/sale,"),
        (
            "2026-03-06T20:01:00+01:00,,,",
            "2026-03-06T20:01:00+01:00,2026-03-06T20:01:30+01:00,https://shop.example/tea,",
        ),
    )
    assert counts(await shop.take("email-campaign.yaml")) == (2, 9, 0, 0)
    clicks = [event.properties["link_url"] for event in await shop.events() if event.name == "Email Link Clicked"]
    assert clicks == ["https://shop.example/sale", "https://shop.example/tea"]


async def test_a_log_of_an_email_service_is_read_by_its_actions(shop: Shop) -> None:
    await shop.take("email-log.yaml")
    assert names(await shop.events()) == ["Email Sent", "Email Delivered", "Email Opened", "Email Link Clicked"]
    with_new = shop.correct("email-log.tsv", ("ev5", "ev6"), ("ev4\t1772672400", "ev4\t1772672401"), name="next.tsv")
    assert counts(await shop.take("email-log.yaml", with_new)) == (1, 3, 1, 0), "a log only grows: what is known stays"


async def test_answers_of_a_survey_are_an_event_and_qualitative_traits(shop: Shop) -> None:
    await shop.take("crm-export.yaml")
    await shop.take("survey.yaml")
    [first, second] = [event for event in await shop.events() if event.name == "Survey Answered"]
    assert (first.channel, first.at, second.channel, second.at) == (
        "EMAIL",
        "2026-03-07T01:12:00Z",
        "SMS",
        "2026-03-07T10:40:00Z",
    )
    assert (await shop.traits("crm_id:C-79"))["nps_group"] == "detractor"
    assert (await shop.traits("crm_id:C-79"))["latest_feedback"] == "送货太慢了"
    assert (await shop.traits("crm_id:C-77"))["buys_because"] == ["Quality", "Taste"]
    shop.correct("survey.csv", (",3,2,Price,送货太慢了", ",7,4,Price,"))
    await shop.take("survey.yaml")
    now = await shop.traits("crm_id:C-79")
    assert (now["nps"], now["nps_group"], now["csat"], "latest_feedback" in now) == (7, "passive", 4, False)


async def test_audiences_are_traits_of_the_person_behind_the_advertising_id(shop: Shop) -> None:
    await shop.take("crm-export.yaml")
    await shop.take("dmp-audiences.yaml")
    first = "ad_id:0f9a3c1e-88aa-4b1b-9d0e-aaaabbbb0001"
    assert any({first, "crm_id:C-77"} <= customer for customer in await shop.customers())
    assert (await shop.traits("phone:+8613900139003"))["audiences"] == ["Coffee lovers", "High income"]
    week = shop.correct("audiences-20260308.csv", ("1001|2001", "1001|2002"), name="audiences-20260315.csv")
    assert counts(await shop.take("dmp-audiences.yaml", week)) == (1, 1, 0, 0)
    assert (await shop.traits("phone:+8613900139003"))["audiences"] == ["Coffee lovers", "Car owners"]


async def test_mentions_belong_to_their_author_within_one_platform(shop: Shop) -> None:
    await shop.take("social-mentions.yaml")
    assert {event.channel for event in await shop.events()} == {"SOCIAL"}
    assert await shop.customers() == {
        frozenset({"social_id:weibo/@jing_w", "email:jing.wang@example.com"}),
        frozenset({"social_id:xiaohongshu/@jing_w"}),
    }
    assert [(it.properties["sentiment"], it.properties["reach"]) for it in await shop.events()] == [
        ("positive", 12400),
        ("negative", 310),
        ("neutral", 12410),
    ]
    shop.correct("social-mentions.csv", ("service,NEG,-0.6", "service,NEU,-0.1"))
    await shop.take("social-mentions.yaml")
    assert [it.properties["sentiment"] for it in await shop.events(platform="xiaohongshu")] == ["neutral"]
    assert await shop.traits("social_id:xiaohongshu/@jing_w") == {"latest_sentiment": "neutral"}


async def test_a_follower_and_a_contact_of_one_unionid_are_one_customer(shop: Shop) -> None:
    await shop.take("wechat-account.yaml")
    await shop.take("wecom-contacts.yaml")
    seen = [(event.name, event.channel, event.properties.get("scene")) for event in await shop.events()]

    assert seen == [
        ("Account Followed", "WECHAT_OFFICIAL_ACCOUNT", "shop-17"),
        ("Menu Clicked", "WECHAT_OFFICIAL_ACCOUNT", None),
        ("Account Followed", "WECHAT_OFFICIAL_ACCOUNT", None),
        ("Message Received", "WECHAT_OFFICIAL_ACCOUNT", None),
        ("External Contact Added", "WECOM", "shop-17"),
        ("QR Code Scanned", "WECHAT_OFFICIAL_ACCOUNT", "shop-17"),
        ("External Contact Added", "WECOM", None),
        ("Account Unfollowed", "WECHAT_OFFICIAL_ACCOUNT", None),
    ]
    assert await shop.customers() == {
        frozenset(
            {"openid:wx1111111111111111/oA1-x7Qe", "unionid:uU-001", "wecom_id:wmA1-0001", "phone:+8613800138000"}
        ),
        frozenset({"openid:wx1111111111111111/oA1-k2Lm"}),
        frozenset({"wecom_id:wmA1-0002"}),
    }
    assert await shop.traits("wecom_id:wmA1-0001") == {}
    assert await shop.traits("unionid:uU-001") == {"nickname": "Li"}
