"""What brought a person to a touchpoint."""

from typing import Any

import pytest

from identity_graph.domain.journeys.campaigns import find_campaign
from identity_graph.domain.journeys.channel_rules import DEFAULT_CHANNELS, ChannelRules
from identity_graph.domain.journeys.channels import Said, find_channel
from identity_graph.domain.values.observations import Campaign

RULES = ChannelRules(
    own_hosts=frozenset({"pay.example.net"}),
    search_hosts={"find.example.org": "find"},
    social_hosts={"club.example.org": "club"},
    click_ids={"pid": ("partner", "affiliate")},
)


def campaign(
    context: dict[str, Any], rules: ChannelRules = RULES, *, type: str = "track", **properties: Any
) -> Campaign | None:
    said = Said("shop", type, context, properties)
    return find_campaign(said, find_channel(said, rules), rules)


def page(url: str = "https://shop.example.com/", referrer: str = "", **more: Any) -> dict[str, Any]:
    return {"page": {"url": url, "referrer": referrer, **more}}


def test_the_campaign_that_an_sdk_names_is_taken() -> None:
    said = {"source": "newsletter", "medium": "email", "name": "Spring", "term": "shoes", "content": "top", "id": 5}
    assert campaign({"campaign": said}) == Campaign("newsletter", "email", "Spring", "shoes", "top")
    assert campaign({"campaign": {"name": 7, "source": ["x"], "medium": ""}}) == Campaign(name="7")


def test_utm_parameters_of_the_address_fill_in_what_is_not_named() -> None:
    url = (
        "https://shop.example.com/?utm_source=weibo&utm_medium=social&utm_campaign=618&utm_term=a%20b&utm_content=x#top"
    )
    assert campaign(page(url)) == Campaign("weibo", "social", "618", "a b", "x")
    assert campaign({"campaign": {"name": "Own"}, **page(url)}) == Campaign("weibo", "social", "Own", "a b", "x")
    assert campaign(page(search="?utm_campaign=s&utm_campaign=t")) == Campaign(name="s")
    assert campaign(page(url="https://shop.example.com/?" + "&".join(f"a{n}=1" for n in range(200)))) is None


def test_a_page_view_may_tell_its_address_itself() -> None:
    url = "https://shop.example.com/?utm_source=a"
    assert campaign({}, type="page", url=url) == Campaign("a")
    assert campaign({}, type="track", url=url) is None


@pytest.mark.parametrize(
    ("name", "source", "medium"),
    [("gclid", "google", "cpc"), ("msclkid", "bing", "cpc"), ("gdt_vid", "tencent", "cpc"), ("fbclid", "facebook", "social"), ("pid", "partner", "affiliate")],
)  # fmt: skip
def test_a_click_id_names_its_platform(name: str, source: str, medium: str) -> None:
    assert campaign(page(f"https://shop.example.com/?{name}=abc")) == Campaign(
        source, medium, click_id="abc", click_id_name=name
    )


def test_what_is_said_outranks_the_platform_of_a_click() -> None:
    click = {"click_id": "1", "click_id_name": "gclid"}
    query = "https://shop.example.com/?gclid=1"
    assert campaign(page(f"{query}&utm_source=a&utm_medium=b")) == Campaign("a", "b", **click)
    assert campaign(page(f"{query}&utm_source=a")) == Campaign("a", **click)
    assert campaign(page(f"{query}&utm_medium=b")) == Campaign("google", "b", **click)


@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        ("https://www.google.com/", Campaign("google", "organic")),
        ("https://www.google.co.uk/search?q=x", Campaign("google", "organic")),
        ("https://cn.bing.com/", Campaign("bing", "organic")),
        ("https://m.baidu.com/s?word=x", Campaign("baidu", "organic")),
        ("https://mail.google.com/", Campaign("gmail", "email")),
        ("https://l.facebook.com/", Campaign("facebook", "social")),
        ("https://mp.weixin.qq.com/s/x", Campaign("wechat", "social")),
        ("https://www.xiaohongshu.com/", Campaign("xiaohongshu", "social")),
        ("https://google.attacker.example/", Campaign("google.attacker.example", "referral")),
        ("https://www.partner.example:8443/x", Campaign("partner.example", "referral")),
        ("https://a.find.example.org/", Campaign("find", "organic")),
        ("https://club.example.org/", Campaign("club", "social")),
        ("android-app://com.google.android.gm/", Campaign("com.google.android.gm", "referral")),
        ("https://shop.example.com/other", None),
        ("https://www.shop.example.com/", None),
        ("https://m.shop.example.com/", None),
        ("https://example.com/", None),
        ("https://pay.example.net/", None),
        ("https://checkout.pay.example.net/", None),
        ("", None),
        ("about:blank", None),
        ("https://[", None),
    ],
)
def test_the_site_that_refers_is_told_by_its_kind(referrer: str, expected: Campaign | None) -> None:
    assert campaign(page(referrer=referrer)) == expected


def test_without_an_address_of_the_page_the_referrer_counts_all_the_same() -> None:
    assert campaign({"page": {"referrer": "https://www.bing.com/", "url": 5}}) == Campaign("bing", "organic")
    assert campaign({"page": {"referrer": 5}}) is None


@pytest.mark.parametrize(
    ("context", "properties", "expected"),
    [
        ({"miniProgram": {"scene": 1047}}, {}, Campaign("wechat", "qr-code")),
        ({"scene": "1045"}, {}, Campaign("wechat", "cpc")),
        ({}, {"$scene": "wx-1007"}, Campaign("wechat", "share")),
        ({"scene": 1089}, {}, None),
        ({"scene": 99_999}, {}, None),
        ({"scene": "checkout"}, {"scene": []}, None),
        ({"scene": 1005, "page": {"referrer": "https://www.bing.com/"}}, {}, Campaign("wechat", "organic")),
        ({"scene": 1005, "campaign": {"name": "Own"}}, {}, Campaign(name="Own")),
    ],
)
def test_the_scene_of_a_mini_program_tells_how_a_person_came(
    context: dict[str, Any], properties: dict[str, Any], expected: Campaign | None
) -> None:
    library = {"library": {"name": "sa-sdk-miniprogram"}}
    assert campaign({**library, **context}, **properties) == expected


def test_a_scene_elsewhere_is_none() -> None:
    assert campaign({"scene": 1047}, DEFAULT_CHANNELS) is None
