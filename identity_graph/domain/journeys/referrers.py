"""Referrers: which site sent a visitor, and what kind of site it is."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from identity_graph.domain.journeys.channel_rules import ChannelRules
from identity_graph.domain.journeys.known_sites import (
    EMAIL,
    MAIL_SITES,
    REFERRAL,
    SEARCH,
    SEARCH_NAMES,
    SEARCH_SITES,
    SOCIAL,
    SOCIAL_SITES,
)

_SECOND_LEVELS = frozenset({"ac", "co", "com", "net", "org"})


class Referrer(NamedTuple):
    """The site that sent a visitor: its name, and the medium as web analytics calls it."""

    source: str
    medium: str


@lru_cache(maxsize=4096)
def host_of(address: str) -> str:
    """Read the host of an address, in small letters and without ``www.``; an empty text when it has none."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return host.rstrip(".").removeprefix("www.")


def find_referrer(host: str, own_host: str, rules: ChannelRules) -> Referrer | None:
    """Tell who referred a visitor from ``host`` to a page of ``own_host``; None when it was the own site, or nobody."""
    if not host or _is_below(host, own_host) or _is_below(own_host, host):
        return None
    if any(domain in rules.own_hosts for domain in domains_of(host)):
        return None
    for domain in domains_of(host):
        for medium, sites in ((SEARCH, rules.search_hosts), (SOCIAL, rules.social_hosts)):
            if domain in sites:
                return Referrer(sites[domain], medium)
    return known_referrer(host)


@lru_cache(maxsize=4096)
def known_referrer(host: str) -> Referrer:
    """Tell what the product knows of a site by itself."""
    for domain in domains_of(host):
        for medium, sites in ((EMAIL, MAIL_SITES), (SOCIAL, SOCIAL_SITES), (SEARCH, SEARCH_SITES)):
            if domain in sites:
                return Referrer(sites[domain], medium)
    labels = host.split(".")
    for number, label in enumerate(labels):
        if label in SEARCH_NAMES and _is_country(labels[number + 1 :]):
            return Referrer(SEARCH_NAMES[label], SEARCH)
    return Referrer(host, REFERRAL)


def domains_of(host: str) -> Iterator[str]:
    """Give a host and all that it is below: ``m.shop.example``, ``shop.example``, ``example``."""
    while host:
        yield host
        host = host.partition(".")[2]


def _is_below(host: str, other: str) -> bool:
    return bool(other) and (host == other or host.endswith(f".{other}"))


def _is_country(labels: list[str]) -> bool:
    """Tell whether these are what a domain ends in: ``com``, ``de``, ``co.uk``."""
    return len(labels) == 1 or (len(labels) == 2 and labels[0] in _SECOND_LEVELS)
