"""The addresses of destinations, as people write them."""

import re
from urllib.parse import SplitResult, urlsplit

from identity_graph.domain.activation.addresses import may_call

LONGEST_URL = 2000

_HOST = re.compile(r"(?=.{1,253}\Z)(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")
_NUMERIC = re.compile(r"(0[xX][0-9A-Fa-f]*|[0-9]+)(\.(0[xX][0-9A-Fa-f]*|[0-9]+))*\.?")
_PLAIN_IPV4 = re.compile(r"(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}")
_LOCAL_NAMES = re.compile(r"(.*\.)?localhost\.?", re.IGNORECASE)


def find_fault(url: str, *, allow_private: bool) -> str | None:
    """Find what is wrong with the address of a destination, as a sentence; None when nothing is.

    A name may still lead to a forbidden address: that is checked at each connection.
    """
    if len(url) > LONGEST_URL:
        return f"The address is longer than {LONGEST_URL} characters."
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return (
            "The address has characters that no address has: write other letters as %XX, and names of hosts as xn--…."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "The address cannot be read: write https://host/path."
    return _find_fault(parts, port, allow_private)


def _find_fault(parts: SplitResult, port: int | None, allow_private: bool) -> str | None:
    host = parts.hostname
    fault = None
    if parts.scheme not in ("http", "https"):
        fault = "The address must begin with https:// or http://."
    elif not host:
        fault = "The address names no host: write https://host/path."
    elif parts.username is not None or parts.password is not None:
        fault = "The address must not hold a name or password: the signature tells who sends."
    elif parts.fragment:
        fault = "The address must not have a part after #: it is never sent."
    elif port == 0:
        fault = "No receiver listens at port 0."
    else:
        fault = _find_fault_of_host(host, allow_private)
    return fault


def _find_fault_of_host(host: str, allow_private: bool) -> str | None:
    numeric = ":" in host or _NUMERIC.fullmatch(host) is not None
    if numeric and ":" not in host and _PLAIN_IPV4.fullmatch(host) is None:
        return "The host is a number that is no plain address: write four decimal numbers, or a name."
    if not numeric and _HOST.fullmatch(host) is None:
        return f"{host!r} is no name of a host."
    if numeric and not may_call(host, allow_private=allow_private):
        return _NOT_REACHABLE.format(host=host)
    if not allow_private and _LOCAL_NAMES.fullmatch(host) is not None:
        return _NOT_REACHABLE.format(host=host)
    return None


_NOT_REACHABLE = (
    "{host} is an address that webhooks may not go to. Private networks can be allowed by "
    "IDENTITY_GRAPH_WEBHOOK_ALLOW_PRIVATE=true; addresses of this host's own network, metadata and multicast cannot."
)
