"""The stage of life of a customer: from the anonymous first visit to the lost customer, and back.

Every change of stage follows from when somebody was first seen, known and bought something, from thresholds, and from now. What
counts as long since the last purchase depends on the customer's own rhythm, where there are enough purchases to tell it.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from identity_graph.domain.profiles.money import AmountError, read_amount
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.yaml_sections import Section, read_list, read_text


class LifecycleStage(StrEnum):
    """A stage of life."""

    ANONYMOUS = "ANONYMOUS"
    POTENTIAL = "POTENTIAL"
    NEW = "NEW"
    ACTIVE = "ACTIVE"
    LOYAL = "LOYAL"
    AT_RISK = "AT_RISK"
    CHURNED = "CHURNED"
    RETURNED = "RETURNED"


class Cause(StrEnum):
    """What brings a change of stage about."""

    SEEN = "SEEN"
    KNOWN = "KNOWN"
    PURCHASE = "PURCHASE"
    TIME = "TIME"


class RhythmSource(StrEnum):
    """Whose rhythm somebody is measured by."""

    OWN = "OWN"
    POPULATION = "POPULATION"
    RULES = "RULES"


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleRules:
    """The thresholds; durations in microseconds.

    Somebody is new, or has returned, for ``new_for``; is loyal from the purchase ``loyal_from`` on; and is measured by the own
    rhythm from the purchase ``own_rhythm_from`` on, before by that of the population, or by ``rhythm`` where it is unknown. At
    risk and churned are so many rhythms after the last purchase. No rhythm is shorter than ``shortest_rhythm``. Identifiers of ``anonymous`` namespaces, and of those
    that the rules mark ``visitor``, make nobody known.
    """

    new_for: Instant = 30 * DAY
    loyal_from: int = 4
    own_rhythm_from: int = 4
    at_risk_after: Decimal = Decimal("1.5")
    churned_after: Decimal = Decimal(3)
    rhythm: Instant = 90 * DAY
    shortest_rhythm: Instant = 7 * DAY
    anonymous: tuple[str, ...] = ("ad_id",)


DEFAULT_LIFECYCLE = LifecycleRules()
"""What holds where the catalogue says nothing."""


class LifeFacts(NamedTuple):
    """When somebody was first seen; first known by more than a cookie or a device, if ever; and bought something, in order."""

    first_seen: Instant
    known_since: Instant | None
    purchases: Sequence[Instant]


class StageChange(NamedTuple):
    """A change of stage: when, why, and the numbers behind it."""

    at: Instant
    stage: LifecycleStage
    cause: Cause
    purchases: int
    last_purchase: Instant | None = None
    rhythm: Instant | None = None
    rhythm_source: RhythmSource | None = None

    @property
    def reason(self) -> str:
        """Say it in a sentence."""
        if self.last_purchase is None or self.rhythm is None:
            return _BEFORE[self.cause]
        if self.cause is Cause.PURCHASE:
            what = f"The {_ordinal(self.purchases)} purchase"
        else:
            times = "1 purchase" if self.purchases == 1 else f"{self.purchases} purchases"
            what = f"{times}, the last one {_days((self.at - self.last_purchase) // DAY)} before"
        whose = _WHOSE[self.rhythm_source or RhythmSource.RULES]
        return f"{what}; {whose} is {_days(self.rhythm // DAY)}."


_BEFORE = {
    Cause.SEEN: "First seen, not known by more than a cookie or a device.",
    Cause.KNOWN: "Known by an identifier of a person, and no purchase yet.",
}
_WHOSE = {
    RhythmSource.OWN: "the customer's own rhythm (median gap between purchases)",
    RhythmSource.POPULATION: "the rhythm of all customers (median gap between purchases)",
    RhythmSource.RULES: "the rhythm that the catalogue assumes",
}


def derive_stages(
    facts: LifeFacts, rules: LifecycleRules, now: Instant, population_rhythm: Instant | None = None
) -> list[StageChange]:
    """Derive all changes of stage up to now, the first one first; there is at least one, and the last one holds.

    Who is seen in the future alone is anonymous until then.
    """
    life = _Life(rules, population_rhythm)
    for change in _before_purchases(facts):
        life.enter(change)
    for number, at in enumerate(facts.purchases):
        following = facts.purchases[number + 1] if number + 1 < len(facts.purchases) else None
        life.buy(at, following)
    known = [change for change in life.changes if change.at <= now]
    return known or [StageChange(facts.first_seen, LifecycleStage.ANONYMOUS, Cause.SEEN, 0)]


def find_known_since(seen: Iterable[tuple[str, Instant]], rules: LifecycleRules, identity: RuleSet) -> Instant | None:
    """Find since when somebody is known, of the namespaces of their identifiers and when these were first seen."""
    return min(
        (
            at
            for namespace, at in seen
            if namespace not in rules.anonymous
            and (rule := identity.find_namespace(namespace)) is not None
            and not rule.visitor
        ),
        default=None,
    )


def find_rhythm(purchases: Sequence[Instant]) -> Instant | None:
    """Find the median gap between purchases, which are in order; None with less than two."""
    gaps = sorted(later - earlier for earlier, later in pairwise(purchases))
    return median(gaps) if gaps else None


def median(values: Sequence[Instant]) -> Instant:
    """Give the median of some spans, which are in order."""
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) // 2


def _before_purchases(facts: LifeFacts) -> Iterator[StageChange]:
    first = facts.purchases[0] if facts.purchases else None
    known = facts.known_since
    if first is None or facts.first_seen < first:
        yield StageChange(facts.first_seen, LifecycleStage.ANONYMOUS, Cause.SEEN, 0)
    if known is not None and (first is None or known < first):
        yield StageChange(known, LifecycleStage.POTENTIAL, Cause.KNOWN, 0)


@dataclass(slots=True)
class _Life:
    """Goes through a life purchase by purchase."""

    rules: LifecycleRules
    population_rhythm: Instant | None
    changes: list[StageChange] = field(default_factory=list[StageChange])
    _gaps: list[Instant] = field(default_factory=list[Instant])
    _count: int = 0
    _last: Instant = 0

    def enter(self, change: StageChange) -> None:
        """Enter a stage. What was entered in the same moment is left at once."""
        if self.changes and self.changes[-1].at == change.at:
            self.changes.pop()
        if not self.changes or self.changes[-1].stage is not change.stage:
            self.changes.append(change)

    def buy(self, at: Instant, following: Instant | None) -> None:
        """Take a purchase, and what time brings until the following one."""
        if self._count:
            insort(self._gaps, at - self._last)
        self._count, self._last = self._count + 1, at
        rhythm, source = self._rhythm()
        settled = LifecycleStage.LOYAL if self._count >= self.rules.loyal_from else LifecycleStage.ACTIVE
        stage = self._stage_of_purchase(settled)
        steps = [(at, stage, Cause.PURCHASE)]
        at_risk = at + int(rhythm * self.rules.at_risk_after)
        if stage is not settled and at + self.rules.new_for < at_risk:
            steps.append((at + self.rules.new_for, settled, Cause.TIME))
        steps.append((at_risk, LifecycleStage.AT_RISK, Cause.TIME))
        steps.append((at + int(rhythm * self.rules.churned_after), LifecycleStage.CHURNED, Cause.TIME))
        for moment, entered, cause in steps:
            if following is None or moment < following or cause is Cause.PURCHASE:
                self.enter(StageChange(moment, entered, cause, self._count, at, rhythm, source))

    def _stage_of_purchase(self, settled: LifecycleStage) -> LifecycleStage:
        if self._count == 1:
            return LifecycleStage.NEW
        if self.changes[-1].stage is LifecycleStage.CHURNED:
            return LifecycleStage.RETURNED
        return settled

    def _rhythm(self) -> tuple[Instant, RhythmSource]:
        rules = self.rules
        if self._gaps and self._count >= rules.own_rhythm_from:
            rhythm, source = median(self._gaps), RhythmSource.OWN
        elif self.population_rhythm is not None:
            rhythm, source = self.population_rhythm, RhythmSource.POPULATION
        else:
            rhythm, source = rules.rhythm, RhythmSource.RULES
        return max(rhythm, rules.shortest_rhythm), source


def _ordinal(number: int) -> str:
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in {11, 12, 13} else ends.get(number % 10, 'th')}"


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


LIFECYCLE_KEYS = (
    "new_for",
    "loyal_from",
    "own_rhythm_from",
    "at_risk_after",
    "churned_after",
    "rhythm",
    "shortest_rhythm",
    "anonymous",
)
"""The keys of the part of a catalogue."""


def read_lifecycle_rules(section: Section) -> LifecycleRules:
    """Read the part of a catalogue about stages of life; what is wrong is noted with its line."""
    default = DEFAULT_LIFECYCLE
    rules = LifecycleRules(
        new_for=section.duration("new_for", default.new_for),
        loyal_from=section.whole_number("loyal_from", default.loyal_from),
        own_rhythm_from=section.whole_number("own_rhythm_from", default.own_rhythm_from),
        at_risk_after=_read_times(section, "at_risk_after", default.at_risk_after),
        churned_after=_read_times(section, "churned_after", default.churned_after),
        rhythm=section.duration("rhythm", default.rhythm),
        shortest_rhythm=section.duration("shortest_rhythm", default.shortest_rhythm),
        anonymous=_read_names(section, default.anonymous),
    )
    if rules.churned_after <= rules.at_risk_after:
        key = "churned_after" if "churned_after" in section else "at_risk_after"
        section.problems.add(section.line_of_key(key), section.path(key), "churned_after must be above at_risk_after")
    return rules


def _read_times(section: Section, key: str, default: Decimal) -> Decimal:
    expected = "a number above zero and below 1000, such as 1.5"
    text = section.text(key, expected)
    if text is None:
        return default
    try:
        number = read_amount(text)
    except AmountError:
        number = None
    if number is None or not 0 < number < 1000:
        section.reject(key, expected)
        return default
    return number


def _read_names(section: Section, default: tuple[str, ...]) -> tuple[str, ...]:
    if "anonymous" not in section:
        return default
    nodes = read_list(section["anonymous"])
    names = [read_text(node) for node in nodes or ()]
    if nodes is None or None in names:
        section.reject("anonymous", "a list of namespaces, such as [ad_id]")
    return tuple(name for name in names if name is not None)
