"""What brings a visitor: a search, an ad, a post, a code on a poster, or nothing but the address."""

from random import Random
from typing import Any, NamedTuple

SITE = "https://shop.example.com"

_SITES = (
    (50, "", ""),
    (20, "https://www.baidu.com/", ""),
    (10, "https://www.xiaohongshu.com/", "?utm_source=xiaohongshu&utm_medium=social&utm_campaign=new-looks"),
    (8, "https://weibo.com/", ""),
    (7, "https://www.baidu.com/", "?bd_vid=%s&utm_source=baidu&utm_medium=cpc&utm_campaign=serum-search"),
    (5, "https://www.zhihu.com/", ""),
)
_H5 = (
    (40, "", "?utm_source=wechat&utm_medium=share&utm_campaign=members-day"),
    (35, "", "?gdt_vid=%s&utm_campaign=moments-members-day"),
    (25, "", ""),
)
_SCENES = ((45, 1001), (20, 1089), (12, 1007), (10, 1047), (8, 1053), (5, 1035))
"""Scenes that WeChat names: the list of programs and the recent ones, a shared card, a code, a search, an account's menu."""


class Landing(NamedTuple):
    """The first page of a visit, with the site and the address that led to it; ``next_page`` tells no more of that."""

    name: str
    page: dict[str, Any]
    next_page: dict[str, Any]


def arrive_at_site(rng: Random) -> Landing:
    """Arrive at the shop's home page."""
    return _land(rng, "Home", "/", _SITES)


def arrive_in_h5(rng: Random) -> Landing:
    """Arrive at a page inside WeChat."""
    return _land(rng, "Members Day", "/h5/members-day", _H5)


def arrive_in_mini_program(rng: Random) -> int:
    """Open a mini-program; return the scene."""
    return _pick(rng, _SCENES)[1]


def _land(rng: Random, name: str, path: str, ways: tuple[tuple[int, str, str], ...]) -> Landing:
    _, referrer, search = _pick(rng, ways)
    if "%s" in search:
        search %= f"{rng.getrandbits(40):010x}"
    page = {"url": f"{SITE}{path}{search}", "path": path, "referrer": referrer, "title": name, "search": search}
    return Landing(name, page, {**page, "url": f"{SITE}{path}", "referrer": "", "search": ""})


def _pick(rng: Random, ways: tuple[Any, ...]) -> Any:
    return rng.choices(ways, [way[0] for way in ways])[0]
