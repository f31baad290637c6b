"""Which network addresses a webhook may go to.

Whoever may save a destination could otherwise have the service call what only the service can reach: the metadata of its
cloud, a database, a neighbour. What counts is the address that is connected to, not the name.
"""

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network


class Reach(StrEnum):
    """Where an address leads. ``PRIVATE`` may be allowed; ``FORBIDDEN`` is never called."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"
    FORBIDDEN = "FORBIDDEN"


_FORBIDDEN = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "169.254.0.0/16",  # link-local: the metadata of clouds
        "100.100.100.200/32",  # the metadata of Alibaba Cloud
        "168.63.129.16/32",  # the wire server of Azure
        "192.0.0.0/24",  # protocol assignments; the metadata of Oracle Cloud
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "::/128",  # this host
        "64:ff9b:1::/48",  # NAT64 for local use
        "100::/64",  # discarded
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fd00:ec2::/32",  # the metadata of AWS
        "fd20:ce::254/128",  # the metadata of Google Cloud
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local
        "ff00::/8",  # multicast
    )
)

_PRIVATE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
    )
)

_COMPATIBLE = IPv6Network("::/96")
_MAPPED = IPv6Network("::ffff:0:0/96")
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")
_WORST = (Reach.PUBLIC, Reach.PRIVATE, Reach.FORBIDDEN)


def reach_of(text: str) -> Reach:
    """Tell where an address leads; what is none is forbidden. An IPv4 address inside an IPv6 address counts, too."""
    try:
        address = ip_address(text)
    except ValueError:
        return Reach.FORBIDDEN
    found = _reach(address)
    inside = _address_inside(address) if isinstance(address, IPv6Address) else None
    return found if inside is None else max(found, _reach(inside), key=_WORST.index)


def may_call(text: str, *, allow_private: bool) -> bool:
    """Tell whether a webhook may go to an address."""
    reach = reach_of(text)
    return reach is Reach.PUBLIC or (allow_private and reach is Reach.PRIVATE)


def _reach(address: IPv4Address | IPv6Address) -> Reach:
    if _is_in(address, _FORBIDDEN):
        return Reach.FORBIDDEN
    return Reach.PRIVATE if _is_in(address, _PRIVATE) else Reach.PUBLIC


def _is_in(address: IPv4Address | IPv6Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _address_inside(address: IPv6Address) -> IPv4Address | None:
    number = int(address)
    if number > 1 and any(address in network for network in (_COMPATIBLE, _MAPPED, _TRANSLATED, _NAT64)):
        return IPv4Address(number & 0xFFFFFFFF)
    if address in _6TO4:
        return IPv4Address(number >> 80 & 0xFFFFFFFF)
    return None
