"""Campaigns: what brought a person to a touchpoint, as its message tells it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from identity_graph.domain.journeys.channel_rules import ChannelRules
from identity_graph.domain.journeys.channels import EMPTY, Said, object_in
from identity_graph.domain.journeys.known_sites import CLICK_IDS, SCENES, WECHAT
from identity_graph.domain.journeys.referrers import find_referrer, host_of
from identity_graph.domain.values.observations import Campaign, Channel

_PARTS = ("source", "medium", "name", "term", "content")
_UTM = {
    "source": "utm_source",
    "medium": "utm_medium",
    "name": "utm_campaign",
    "term": "utm_term",
    "content": "utm_content",
}
_NOTHING = Campaign()


def find_campaign(said: Said, channel: Channel, rules: ChannelRules) -> Campaign | None:
    """Tell what brought the person here; None when nothing says so, as when somebody types an address.

    In this order, part by part: ``context.campaign``; the UTM parameters and click ids of the page's address. If neither says
    anything: the scene in which WeChat opened a mini-program, or else the site that referred to the page.
    """
    context = said.context
    page = _page_of(said)
    told = object_in(context, "campaign")
    query = _query_of(page)
    if told or query:
        parts = {part: _text(told.get(part)) or query.get(_UTM[part]) for part in _PARTS}
        campaign = Campaign(**parts, **_click_id(query, rules))
        if campaign != _NOTHING:
            return _with_click(campaign, rules)
    if channel is Channel.MINI_PROGRAM:
        medium = SCENES.get(_scene_of(said))
        return None if medium is None else Campaign(WECHAT, medium)
    referrer = page.get("referrer")
    if type(referrer) is not str or not referrer:
        return None
    address = page.get("url")
    found = find_referrer(host_of(referrer), host_of(address) if type(address) is str else "", rules)
    return None if found is None else Campaign(found.source, found.medium)


def _page_of(said: Said) -> Mapping[str, Any]:
    """Give what is said of the page: in the context, or by a page view itself."""
    page = object_in(said.context, "page")
    return said.properties if not page and said.type == "page" else page


def _query_of(page: Mapping[str, Any]) -> Mapping[str, str]:
    """Read the parameters of a page's address."""
    for name in ("search", "url"):
        address = page.get(name)
        if type(address) is str and "?" in address:
            return _parameters(address.partition("?")[2].partition("#")[0])
    return EMPTY


@lru_cache(maxsize=2048)
def _parameters(query: str) -> Mapping[str, str]:
    """Read parameters; of one that comes several times the first counts."""
    try:
        pairs = parse_qsl(query, max_num_fields=100)
    except ValueError:
        return EMPTY
    return dict(reversed(pairs))


def _click_id(query: Mapping[str, str], rules: ChannelRules) -> dict[str, str]:
    if query:
        for known in (rules.click_ids, CLICK_IDS):
            for name in known:
                if name in query:
                    return {"click_id": query[name], "click_id_name": name}
    return {}


def _with_click(campaign: Campaign, rules: ChannelRules) -> Campaign:
    """Take source and medium from the click where nothing else says them."""
    if campaign.click_id_name is None or (campaign.source and campaign.medium):
        return campaign
    source, medium = rules.click_ids.get(campaign.click_id_name) or CLICK_IDS[campaign.click_id_name]
    if campaign.source is not None:
        return campaign
    return campaign._replace(source=source, medium=campaign.medium or medium)


def _text(value: object) -> str | None:
    """Read a part of a campaign: a text, or a number as its text."""
    if type(value) is str:
        return value or None
    return str(value) if type(value) is int else None


def _scene_of(said: Said) -> int:
    """Read the scene, wherever an SDK puts it: a number, or a text such as ``wx-1047``; 0 without one."""
    for place in (object_in(said.context, "miniProgram"), said.context, said.properties):
        for name in ("scene", "$scene"):
            value = place.get(name)
            text = str(value) if type(value) is int else value.removeprefix("wx-") if type(value) is str else ""
            if text.isascii() and text.isdigit() and len(text) <= 5:
                return int(text)
    return 0
