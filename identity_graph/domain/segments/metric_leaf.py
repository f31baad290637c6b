"""Conditions on what the profile derives: purchases, RFM scores, the stage of life, quality."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cached_property

from identity_graph.domain.profiles.lifecycle import LifecycleStage, StageChange
from identity_graph.domain.profiles.money import Money
from identity_graph.domain.profiles.purchases import Purchase, Spending, find_main_currency, sum_up
from identity_graph.domain.profiles.quality import STALE_DAYS, rate_profile, score_of
from identity_graph.domain.profiles.rfm import QUINTILES, RfmMethod, RfmNumbers, score
from identity_graph.domain.profiles.standing import find_stages
from identity_graph.domain.profiles.trait_values import decimal_of
from identity_graph.domain.segments.comparing import FOREVER, Test, read_number
from identity_graph.domain.segments.days import day_of, start_of_day
from identity_graph.domain.segments.leaves import Look
from identity_graph.domain.segments.rule_tree import Metric, MetricRule
from identity_graph.domain.segments.sheet import FactSheet, Terms, namespaces_at
from identity_graph.domain.segments.types import METRIC_TYPES, SCORES, kind_of
from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Instant

_Value = Decimal | str | None


class _Life:
    """What a customer bought, and the stages of life that come of it; all conditions on them share it."""

    def __init__(self, sheet: FactSheet, terms: Terms) -> None:
        counting = sorted((order for order in sheet.orders.values() if order.counts), key=lambda order: order.at)
        self.purchases = [Purchase(order.at, Money(order.net, order.currency)) for order in counting]
        self._sheet = sheet
        self._terms = terms
        self._spent: dict[int, Spending] = {}

    def spent(self, at: Instant) -> Spending:
        """Sum up the purchases until a moment."""
        count = bisect_right(self.purchases, at, key=lambda purchase: purchase.at)
        if count not in self._spent:
            commerce = self._terms.catalogue.commerce
            self._spent[count] = sum_up(self.purchases[:count], commerce, self._terms.currency)
        return self._spent[count]

    @cached_property
    def stages(self) -> list[StageChange]:
        """All changes of stage, those to come too: what a purchase brings does not depend on later ones."""
        sheet, terms = self._sheet, self._terms
        seen = [(key.partition(":")[0], moment) for key, moment in sheet.identifiers.items()]
        return find_stages(
            sheet.first_seen, seen, self.purchases, terms.catalogue, terms.rules, now=FOREVER, cut=terms.cut
        )


class MetricLeaf:
    """Whether a number or a word of the profile is as a condition wants it."""

    def __init__(self, rule: MetricRule, sheet: FactSheet, terms: Terms) -> None:
        self._rule = rule
        self._sheet = sheet
        self._terms = terms
        self._test = Test(rule.op, rule.value, kind_of(METRIC_TYPES[rule.name]), terms.zone)
        self._life = sheet.share(terms, "life", lambda: _Life(sheet, terms))
        self._purchases = self._life.purchases

    def look(self, at: Instant) -> Look:
        """Derive the value of a moment, and compare it."""
        value = self._value(at)
        shown = f"{value.normalize():f}" if isinstance(value, Decimal) else value
        return Look(self._test.holds(value, at), shown)

    def moments(self, after: Instant) -> Iterator[Instant]:  # noqa: ARG002 - nothing comes back
        """Give the moments at which the value may change."""
        metric = self._rule.name
        if metric is Metric.SESSIONS:
            yield from self._sheet.sessions
        elif metric is Metric.LIFECYCLE:
            yield from (change.at for change in self._life.stages)
            yield from (purchase.at for purchase in self._purchases)
        elif metric is Metric.QUALITY:
            yield from self._sheet.identifiers.values()
            for fact in self._sheet.traits.values():
                yield fact.observed_at + STALE_DAYS * DAY + 1
                yield from (step.since for step in fact.steps)
        else:
            yield from (order.at for order in self._sheet.orders.values())
            yield from self._days()

    def _days(self) -> Iterator[Instant]:
        """Give the days on which the number of days since a purchase crosses what it is compared with."""
        limits: list[int] = []
        if self._rule.name is Metric.RECENCY_DAYS:
            value = self._rule.value if isinstance(self._rule.value, tuple) else (self._rule.value,)
            limits = [int(number) for one in value if (number := read_number(one)) is not None]
        elif self._rule.name is Metric.RFM_RECENCY and self._terms.cut is not None:
            limits = [*self._terms.cut.boundaries.recency]
        for purchase in self._purchases if limits else ():
            day = day_of(purchase.at, self._terms.zone)
            for limit in limits:
                yield start_of_day(day + limit, self._terms.zone)
                yield start_of_day(day + limit + 1, self._terms.zone)

    def _value(self, at: Instant) -> _Value:
        return _VALUES[self._rule.name](self, at)

    def spent(self, at: Instant) -> Spending:
        """Sum up the purchases until a moment."""
        return self._life.spent(at)

    def average(self, at: Instant) -> _Value:
        """Give what a purchase is worth on average; unknown when no amount is known."""
        spent = self.spent(at)
        return spent.average.amount if spent.purchases > spent.unconverted else None

    def recency(self, at: Instant) -> _Value:
        """Count the days since the last purchase; unknown without one."""
        days = self._days_since(self.spent(at), at)
        return None if days is None else Decimal(days)

    def refunded(self, at: Instant) -> _Value:
        """Sum up what was paid back of placed orders, in the reporting currency."""
        commerce = self._terms.catalogue.commerce
        placed = [order for order in self._sheet.orders.values() if order.placed_at is not None and order.at <= at]
        to = self._terms.currency or find_main_currency(p for p in self._purchases if p.at <= at)
        amounts = [commerce.rates.convert(Money(order.refunded, order.currency), to, order.at) for order in placed]
        return sum((amount for amount in amounts if amount is not None), Decimal(0))

    def scored(self, at: Instant) -> _Value:
        """Give a digit of the RFM score, or the percentage of the population below that class; unknown without purchase or cut."""
        cut, spent = self._terms.cut, self.spent(at)
        days = self._days_since(spent, at)
        if cut is None or days is None:
            return None
        numbers = RfmNumbers(days, spent.purchases, spent.total.amount)
        class_ = int(score(numbers, cut.boundaries)[SCORES.index(self._rule.name)])
        return worth_of_class(class_, self._rule, self._terms)

    def stage(self, at: Instant) -> _Value:
        """Give the stage of life. Before anything was seen, that is anonymous, also of somebody who is known from the first moment."""
        stages = self._life.stages
        past = bisect_right(stages, at, key=lambda change: change.at)
        return (stages[past - 1].stage if past else LifecycleStage.ANONYMOUS).value

    def quality(self, at: Instant) -> _Value:
        """Rate the profile."""
        traits = self._sheet.traits.items()
        values = {name: fact.observed_at for name, fact in traits if fact.value_at(at) is not None}
        catalogue, rules = self._terms.catalogue, self._terms.rules
        parts = rate_profile(namespaces_at(self._sheet, at), values, self._sheet.claims, rules, catalogue, at)
        return decimal_of(score_of(parts))

    def sessions(self, at: Instant) -> _Value:
        """Count the visits."""
        return Decimal(sum(1 for began in self._sheet.sessions if began <= at))

    def channel(self, at: Instant) -> _Value:  # noqa: ARG002 - it is as it was derived
        """Give the preferred channel."""
        channel = self._sheet.preferred_channel
        return None if channel is None else channel.value

    def _days_since(self, spent: Spending, at: Instant) -> int | None:
        if spent.last_at is None:
            return None
        return max(0, day_of(at, self._terms.zone) - day_of(spent.last_at, self._terms.zone))


def worth_of_class(class_: int, rule: MetricRule, terms: Terms) -> Decimal | None:
    """Tell what a class of the cut is compared as: its number, or the percentage of the population below it."""
    if not rule.percentile:
        return Decimal(class_)
    shares = shares_of(terms)
    return Decimal(sum(shares[len(shares) - class_ + 1 :])) if len(shares) >= class_ else None


def shares_of(terms: Terms) -> tuple[int, ...]:
    """List how many percent of the population each class of the cut was to have, the best first; none for own boundaries."""
    method = terms.catalogue.rfm.method if terms.cut is None else terms.cut.method
    found = {RfmMethod.QUINTILES.value: QUINTILES, RfmMethod.PERCENTAGES.value: terms.catalogue.rfm.percentages}
    shares = found.get(method, ())
    return () if terms.cut is not None and len(terms.cut.boundaries.frequency) + 1 != len(shares) else shares


_VALUES: dict[Metric, Callable[[MetricLeaf, Instant], _Value]] = {
    Metric.ORDERS: lambda leaf, at: Decimal(leaf.spent(at).purchases),
    Metric.REVENUE: lambda leaf, at: leaf.spent(at).total.amount,
    Metric.AVERAGE_ORDER: MetricLeaf.average,
    Metric.RECENCY_DAYS: MetricLeaf.recency,
    Metric.SESSIONS: MetricLeaf.sessions,
    Metric.RFM_RECENCY: MetricLeaf.scored,
    Metric.RFM_FREQUENCY: MetricLeaf.scored,
    Metric.RFM_MONETARY: MetricLeaf.scored,
    Metric.LIFECYCLE: MetricLeaf.stage,
    Metric.PREFERRED_CHANNEL: MetricLeaf.channel,
    Metric.REFUNDED: MetricLeaf.refunded,
    Metric.QUALITY: MetricLeaf.quality,
}
