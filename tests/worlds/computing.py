"""What computed traits come to, from the raw messages and by the definition alone: slow, plain, and with no code of the product."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from identity_graph.domain.values.observations import Event, Instant

SECOND = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONE = ZoneInfo("Africa/Monrovia")
"""Its days began 44 minutes and 30 seconds after those of UTC in 1970."""

ALL = ("Seen", "Order Completed", "Order Updated", "Order Refunded", "Order Cancelled")
COMPUTED = """
time_zone: Africa/Monrovia
computed:
  count: {event: Seen, policy: count}
  sum: {event: ALL, policy: sum, of: total}
  mean: {event: ALL, policy: mean, of: total}
  min: {event: ALL, policy: min, of: total}
  max: {event: ALL, policy: max, of: number}
  first: {event: ALL, policy: first, of: order_id}
  last: {event: ALL, policy: last, of: order_id}
  most: {event: ALL, policy: most_frequent, of: currency}
  top: {event: ALL, policy: top, of: order_id, size: 2}
  union: {event: ALL, policy: union, of: products}
  distinct: {event: ALL, policy: distinct_count, of: order_id}
  days: {event: ALL, policy: active_days}
  recent_count: {event: ALL, policy: count, within: PT20S}
  recent_sum: {event: ALL, policy: sum, of: number, within: PT15S}
  recent_most: {event: ALL, policy: most_frequent, of: order_id, within: PT25S}
  recent_days: {event: ALL, policy: active_days, within: PT60S}
  large: {event: ALL, where: {number: {above: 3}}, policy: count}
  priced: {event: ALL, where: {total: {exists: true}, currency: {not: USD}}, policy: count}
  level:
    event: ALL
    policy: sum
    of: number
    named: [{name: Gold, above: 20}, {name: Silver, from: 5, to: 20}]
""".replace("ALL", json.dumps(list(ALL)))
"""A catalogue with a computed trait of each policy, in windows, under conditions and with names."""


def reference_computed(events: Iterable[Event], now: Instant) -> dict[str, Any]:
    """Compute all of them from the events of a customer; those without a value are left out."""
    told = (e for e in events if e.name in ALL and e.occurred_at <= now)
    past = sorted(told, key=lambda e: (e.occurred_at, e.source, e.message_id))

    def all_of(name: str, seconds: int | None = None) -> list[Any]:
        return [e.properties[name] for e in _within(past, now, seconds) if e.properties.get(name) is not None]

    totals = [number for total in all_of("total") if (number := _number(total)) is not None]
    numbers = sum(all_of("number"))
    values: dict[str, Any] = {
        "count": sum(e.name == "Seen" for e in past),
        "sum": float(sum(totals)),
        "mean": float(sum(totals) / len(totals)) if totals else None,
        "min": float(min(totals)) if totals else None,
        "max": max(all_of("number"), default=None),
        "first": next(iter(all_of("order_id")), None),
        "last": next(reversed(all_of("order_id")), None),
        "most": next(iter(_ranked(all_of("currency"))), None),
        "top": _ranked(all_of("order_id"))[:2],
        "union": _each_once([line for lines in all_of("products") for line in sorted(lines, key=_text)]),
        "distinct": len(_each_once(all_of("order_id"))),
        "days": _days(past),
        "recent_count": len(_within(past, now, 20)),
        "recent_sum": sum(all_of("number", 15)),
        "recent_most": next(iter(_ranked(all_of("order_id", 25))), None),
        "recent_days": _days(_within(past, now, 60)),
        "large": sum(number > 3 for number in all_of("number")),
        "priced": sum(e.properties.get("total") is not None and e.properties.get("currency") != "USD" for e in past),
        "level": "Gold" if numbers > 20 else "Silver" if numbers >= 5 else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _within(past: list[Event], now: Instant, seconds: int | None) -> list[Event]:
    return [e for e in past if seconds is None or e.occurred_at > now - seconds * SECOND]


def _days(events: list[Event]) -> int:
    return len({(EPOCH + timedelta(microseconds=e.occurred_at)).astimezone(ZONE).date() for e in events})


def _ranked(values: list[Any]) -> list[Any]:
    """List values, the most frequent first; of two that came as often, the one that came last."""
    texts = [_text(value) for value in values]
    last = {text: place for place, text in enumerate(texts)}
    return [json.loads(text) for text in sorted(set(texts), key=lambda text: (-texts.count(text), -last[text]))]


def _each_once(values: list[Any]) -> list[Any]:
    return [json.loads(text) for text in dict.fromkeys(_text(value) for value in values)]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _number(value: Any) -> Fraction | None:
    if isinstance(value, str):
        return Fraction(value) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) else None
    return Fraction(repr(value))
