"""Who is in a segment, read off the facts by the definition of each condition: slow, plain, and with no code of the product.

A rule comes as it is written, facts as they stand in a sheet.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from identity_graph.domain.profiles.orders import Order
from identity_graph.domain.segments.sheet import EventFact, FactSheet, Terms
from tests.worlds.segment_comparing import DAY, Comparing, instant_of, is_blank, micros, number_of

RATES = {"CNY": Fraction(1), "USD": Fraction(7)}
STRONGEST = [
    "crm_id",
    "user_id",
    "unionid",
    "wecom_id",
    "loyalty_id",
    "openid",
    "phone",
    "email",
    "device_id",
    "ad_id",
    "anonymous_id",
]
COMPUTED = {"visits", "spent", "last_amount", "level"}
VISITORS = {"openid", "device_id", "anonymous_id"}


def is_in(rule: Mapping[str, Any], sheet: FactSheet, at: int, terms: Terms, *, known_only: bool = False) -> bool:
    """Tell whether a customer is in a segment at a moment."""
    if known_only and not any(_namespace(k) not in VISITORS and seen <= at for k, seen in sheet.identifiers.items()):
        return False
    return _Reading(sheet, at, terms).holds(rule)


def micros_since(moment: datetime) -> int:
    return round(moment.timestamp()) * 1_000_000


def _namespace(key: str) -> str:
    return key.partition(":")[0]


class _Reading(Comparing):
    def __init__(self, sheet: FactSheet, at: int, terms: Terms) -> None:
        self.sheet = sheet
        super().__init__(at, ZoneInfo(terms.catalogue.time_zone))
        self.terms = terms
        once = {(e.order[1], e.order[2]): e for e in sorted(sheet.events, key=lambda e: e.order, reverse=True)}
        self.past = sorted((e for e in once.values() if e.order[0] <= at), key=lambda e: e.order)

    def holds(self, rule: Mapping[str, Any]) -> bool:
        ((word, said),) = rule.items()
        if word in {"all", "any", "not"}:
            inside = [self.holds(one) for one in (said if word != "not" else [said])]
            return {"all": all(inside), "any": any(inside), "not": not inside[0]}[word]
        match word:
            case "hasIdentifier":
                return any(_namespace(k) == said and seen <= self.at for k, seen in self.sheet.identifiers.items())
            case "joinedBy":
                return all(STRONGEST.index(link) <= STRONGEST.index(said) for link in self.sheet.links)
            case "inSegment":
                return said in self.sheet.segments
            case "knownFor":
                return self.at - self.sheet.first_seen >= micros(said)
            case "seenOn":
                return any(e.channel == said["channel"] and self.is_timely(e.order[0], said) for e in self.past)
            case "consent":
                fact = self.sheet.consents.get((said["purpose"], said.get("channel")))
                return fact is not None and fact.at <= self.at and fact.state == said["state"]
            case "permitted":
                return self.permitted(said)
            case "share":
                return self.share(said)
            case "trait":
                return self.trait(said)
            case "metric":
                return self.metric(said)
            case "did":
                return self.did(said)
            case "ordered":
                return self.ordered(said)
            case _:
                return self.sequence(said)

    # --- who

    def permitted(self, said: Mapping[str, Any]) -> bool:
        """Read it off the purposes that ship: unasked, all but `sharing` are allowed in the US, and SMS nowhere; a bar refuses all."""
        if any(barred.since <= self.at for barred in self.sheet.bars):
            return False
        born, country = self.value_of("birthday", self.at), self.value_of("country", self.at)
        if type(born) is str and not is_blank(born):
            year, rest = int(born[:4]) + 14, born[4:]
            leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
            day = f"{year:04}-03-01" if rest == "-02-29" and not leap else f"{year:04}{rest}"
            if self.at < micros_since(datetime.fromisoformat(day).replace(tzinfo=self.zone)):
                return False
        silent = country == "US"
        purpose = self.consent_of(said["purpose"], None)
        if purpose != "GRANTED" and (purpose is not None or not silent or said["purpose"] == "sharing"):
            return False
        if "channel" not in said:
            return True
        channel = self.consent_of(said["purpose"], said["channel"])
        return channel == "GRANTED" or (channel is None and silent and said["channel"] == "EMAIL")

    def consent_of(self, purpose: str, channel: str | None) -> str | None:
        fact = self.sheet.consents.get((purpose, channel))  # type: ignore[arg-type]
        return fact.state.value if fact is not None and fact.at <= self.at else None

    def share(self, said: Mapping[str, Any]) -> bool:
        if not self.sheet.identifiers:
            return False
        _, oldest = min((seen, key) for key, seen in self.sheet.identifiers.items())
        digest = blake2b(f"{len(said['salt'])}:{said['salt']}{oldest}".encode(), digest_size=8).hexdigest()
        return int(digest, 16) / 2**64 < said["of"]

    # --- traits

    def trait(self, said: Mapping[str, Any]) -> bool:
        if not self.compare(said, self.value_of(said["name"], self.at), said["name"]):
            return False
        if "heldFor" not in said:
            return True
        begin = self.at - micros(said["heldFor"])
        inside = [moment for moment in self.moments_of(said["name"]) if begin < moment <= self.at]
        return all(self.was(said, moment) for moment in (begin, *inside))

    def was(self, said: Mapping[str, Any], moment: int) -> bool:
        """Tell whether it was so at a moment. Before the first visit and before anything was told, nothing was."""
        first = min([self.sheet.first_seen, *self.moments_of(said["name"])])
        return moment >= first and self.compare(said, self.value_of(said["name"], moment), said["name"])

    def moments_of(self, name: str) -> list[int]:
        if name not in COMPUTED:
            return [step.since for step in self.sheet.traits[name].steps] if name in self.sheet.traits else []
        events = [e.order[0] for e in self.past if e.name == {"visits": "Seen"}.get(name, "Paid")]
        return events + [moment + 2 * DAY for moment in events] if name == "visits" else events

    def value_of(self, name: str, moment: int) -> Any:
        paid = [e.properties.get("total") for e in self.past if e.name == "Paid" and e.order[0] <= moment]
        amounts = [number for total in paid if (number := number_of(total)) is not None]
        match name:
            case "visits":
                return sum(e.name == "Seen" and moment - 2 * DAY < e.order[0] <= moment for e in self.past)
            case "spent":
                return float(sum(amounts))
            case "last_amount":
                return float(amounts[-1]) if amounts else None
            case "level":
                total = sum(amounts)
                return "Gold" if total > 20 else "Silver" if total >= 5 else None
            case _:
                steps = self.sheet.traits[name].steps if name in self.sheet.traits else ()
                past = [step.value for step in steps if step.since <= moment]
                return past[-1] if past else None

    # --- numbers of the profile

    def metric(self, said: Mapping[str, Any]) -> bool:
        value = self.metric_value(said["name"], percentile=said.get("percentile", False))
        return self.compare(said, value, "number" if isinstance(value, Fraction | int) else "word")

    def metric_value(self, name: str, *, percentile: bool) -> Any:
        bought = sorted((o for o in self.sheet.orders.values() if _counts(o) and o.at <= self.at), key=lambda o: o.at)
        amounts = [Fraction(_net(o)) * RATES[o.currency] for o in bought if o.currency in RATES]
        days = (self.day(self.at) - self.day(bought[-1].at)).days if bought else None
        match name:
            case "ORDERS":
                return len(bought)
            case "REVENUE":
                return Fraction(sum(amounts))
            case "AVERAGE_ORDER":
                return round(Fraction(sum(amounts)) / len(amounts), 2) if amounts else None
            case "RECENCY_DAYS":
                return days
            case "SESSIONS":
                return sum(began <= self.at for began in self.sheet.sessions)
            case "LIFECYCLE":
                return self.stage([o.at for o in bought])
            case "PREFERRED_CHANNEL":
                return self.sheet.preferred_channel
            case "REFUNDED":
                placed = [o for o in self.sheet.orders.values() if o.state != "UNKNOWN" and o.at <= self.at]
                return Fraction(sum(Fraction(o.refunded) * RATES[o.currency] for o in placed if o.currency in RATES))
            case "QUALITY":
                return self.quality()
            case _:
                return self.score(name, days, len(bought), Fraction(sum(amounts)), percentile=percentile)

    def score(self, name: str, days: int | None, orders: int, amount: Fraction, *, percentile: bool) -> int | None:
        if days is None or self.terms.cut is None:
            return None
        bounds = self.terms.cut.boundaries
        reached = {
            "RFM_RECENCY": sum(days <= bound for bound in bounds.recency),
            "RFM_FREQUENCY": sum(orders >= bound for bound in bounds.frequency),
            "RFM_MONETARY": sum(amount >= bound for bound in bounds.monetary),
        }[name]
        return 20 * reached if percentile else reached + 1

    def stage(self, bought: list[int]) -> str:
        known = [seen for key, seen in self.sheet.identifiers.items() if _namespace(key) not in {*VISITORS, "ad_id"}]
        if not bought:
            return "POTENTIAL" if any(seen <= self.at for seen in known) else "ANONYMOUS"
        rules = self.terms.catalogue.lifecycle
        churned_at, stage = None, ""
        for number in range(1, len(bought) + 1):
            own = bought[:number]
            gaps = [later - earlier for earlier, later in pairwise(own)]
            population = rules.rhythm if self.terms.cut is None else self.terms.cut.rhythm or rules.rhythm
            rhythm = max(int(median(gaps)) if number >= rules.own_rhythm_from else population, rules.shortest_rhythm)
            settled = "LOYAL" if number >= rules.loyal_from else "ACTIVE"
            fresh = "NEW" if number == 1 else "RETURNED" if churned_at is not None and own[-1] > churned_at else settled
            churned_at = own[-1] + int(rhythm * rules.churned_after)
            at_risk = own[-1] + int(rhythm * rules.at_risk_after)
            stage = fresh if self.at < own[-1] + rules.new_for else settled
            stage = "AT_RISK" if self.at >= at_risk else stage
            stage = "CHURNED" if self.at >= churned_at else stage
        return stage

    def quality(self) -> Fraction:
        observed = [
            fact.observed_at
            for name, fact in self.sheet.traits.items()
            if (past := [s.value for s in fact.steps if s.since <= self.at]) and past[-1] is not None and name
        ]
        known = any(_namespace(k) not in VISITORS and seen <= self.at for k, seen in self.sheet.identifiers.items())
        parts = [(0.2, 1.0 if known else 0.0)]
        if self.sheet.claims.values:
            parts.append((0.2, self.sheet.claims.fitting / self.sheet.claims.values))
        if observed:
            parts.append((0.2, sum(self.at - one <= 365 * DAY for one in observed) / len(observed)))
        return Fraction(str(round(sum(w * s for w, s in parts) / sum(w for w, _ in parts), 4)))

    # --- events and orders

    def is_timely(self, happened: int, said: Mapping[str, Any]) -> bool:
        """Tell whether something that happened in the past lies in the span that is asked for."""
        age = self.at - happened
        if "within" in said:
            return age < micros(said["within"])
        if "between" in said:
            return micros(said["between"]["to"]) <= age < micros(said["between"]["from"])
        if "days" in said:
            return said["days"]["to"] <= (self.day(self.at) - self.day(happened)).days <= said["days"]["from"]
        start, end = said.get("from"), said.get("to")
        return (start is None or happened >= instant_of(start)) and (end is None or happened < instant_of(end))

    def matching(self, said: Mapping[str, Any]) -> list[EventFact]:
        own = [e for e in self.past if e.name == said["event"]]
        picked = {"FIRST": own[:1], "LAST": own[-1:]}.get(said.get("pick", "ANY"), own)
        return [
            e
            for e in picked
            if said.get("channel") in {None, e.channel.value}
            and all(self.compare(one, e.properties.get(one["name"]), "property") for one in said.get("where", ()))
            and self.is_timely(e.order[0], said)
        ]

    def did(self, said: Mapping[str, Any]) -> bool:
        matching = self.matching(said)
        if "measure" in said:
            value = self.measure(said["measure"], matching)
            if not self.compare(said["measure"], value, "number"):
                return False
        default = {"op": "GE", "value": 0 if "measure" in said else 1}
        return self.compare(said.get("count", default), len(matching), "number")

    def measure(self, said: Mapping[str, Any], events: list[EventFact]) -> Any:
        values = [e.properties.get(said.get("of", "")) for e in events]
        numbers = [number for value in values if (number := number_of(value)) is not None]
        match said["as"]:
            case "DAYS":
                return len({self.day(e.order[0]) for e in events})
            case "DISTINCT":
                return len({json.dumps(value) for value in values if not is_blank(value)})
            case "SUM":
                return Fraction(sum(numbers))
            case "MEAN":
                return Fraction(repr(float(Fraction(sum(numbers)) / len(numbers)))) if numbers else None
            case "MIN":
                return min(numbers, default=None)
            case _:
                return max(numbers, default=None)

    def ordered(self, said: Mapping[str, Any]) -> bool:
        count = 0
        for order in self.sheet.orders.values():
            lines = [(x.product_id, x.sku, x.name, x.category) for x in order.lines]
            fits = [
                line
                for line in lines
                if said.get("product", line[0]) in line[:3] and said.get("category", line[3]) == line[3]
            ]
            count += (
                _counts(order)
                and order.at <= self.at
                and self.is_timely(order.at, said)
                and (bool(fits) or ("product" not in said and "category" not in said))
                and all(self.compare(one, _of_order(order, one["name"]), "order") for one in said.get("where", ()))
            )
        return self.compare(said.get("count", {"op": "GE", "value": 1}), count, "number")

    def sequence(self, said: Mapping[str, Any]) -> bool:
        """Try every choice of events."""
        span = micros(said["within"])
        steps = [self.matching(step) for step in said["steps"]]
        barred = self.matching(said["without"]) if "without" in said else []

        def same(one: EventFact, other: EventFact) -> bool:
            return all(
                not is_blank(one.properties.get(name)) and one.properties.get(name) == other.properties.get(name)
                for name in said.get("same", ())
            )

        def continues(first: EventFact, last: EventFact, number: int) -> bool:
            return number == len(steps) or any(
                continues(first, event, number + 1)
                for event in steps[number]
                if event.order > last.order and event.order[0] - first.order[0] < span and same(first, event)
            )

        for first in steps[0]:
            follows = [
                e for e in barred if e.order > first.order and e.order[0] - first.order[0] < span and same(first, e)
            ]
            waited = "without" not in said or self.at - first.order[0] >= span
            if waited and not follows and same(first, first) and continues(first, first, 1):
                return True
        return False


def _counts(order: Order) -> bool:
    return order.state not in {"UNKNOWN", "CANCELLED"}


def _net(order: Order) -> Decimal:
    return max(Decimal(0), order.revenue - order.refunded)


def _of_order(order: Order, name: str) -> Any:
    if name in {"currency", "state"}:
        return str(getattr(order, name))
    amount = _net(order) if name == "net" else getattr(order, name)
    return None if amount is None or order.currency not in RATES else Fraction(amount) * RATES[order.currency]
