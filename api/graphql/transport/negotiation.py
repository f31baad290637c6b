"""Media types of GraphQL over HTTP: what a client sends, and what it wants back."""

from functools import lru_cache

RESPONSE_JSON = "application/graphql-response+json"
LEGACY_JSON = "application/json"
HTML = "text/html"


@lru_cache(maxsize=256)
def choose_media_type(accept: str, offered: tuple[str, ...]) -> str | None:
    """Choose what the client likes best, after RFC 9110; of equals what it names first, then what is offered first.

    A missing Accept takes anything. None: nothing that is offered will do.
    """
    ranges = [_read_range(text) for text in accept.split(",") if text.strip()] or [("*/*", 1.0)]
    best: tuple[float, int, int] | None = None
    chosen: str | None = None
    for place, offer in enumerate(offered):
        matching = [
            (_precision(pattern), position, quality)
            for position, (pattern, quality) in enumerate(ranges)
            if pattern in {offer, offer.partition("/")[0] + "/*", "*/*"}
        ]
        if not matching:
            continue
        _, position, quality = max(matching, key=lambda found: (found[0], -found[1]))
        rank = (quality, -position, -place)
        if quality > 0 and (best is None or rank > best):
            best, chosen = rank, offer
    return chosen


@lru_cache(maxsize=64)
def is_json_in_utf8(content_type: str) -> bool:
    """Tell whether a body is JSON in UTF-8, which is what a missing charset means."""
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() != LEGACY_JSON:
        return False
    named = dict(_read_parameter(text) for text in parameters.split(";"))
    return named.get("charset", "utf-8") in {"utf-8", "utf8"}


def _read_range(text: str) -> tuple[str, float]:
    kind, _, parameters = text.partition(";")
    named = dict(_read_parameter(part) for part in parameters.split(";"))
    try:
        quality = min(1.0, max(0.0, float(named.get("q", "1"))))
    except ValueError:
        quality = 0.0
    return kind.strip().lower(), quality


def _read_parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip().strip('"').lower()


def _precision(pattern: str) -> int:
    return 2 if not pattern.endswith("*") else 1 if pattern != "*/*" else 0
