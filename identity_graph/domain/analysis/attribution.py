"""Attribution: to what conversions are owed, among all that visits say of what brought the person."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from identity_graph.domain.analysis.bounds import check_kinds
from identity_graph.domain.analysis.conversions import Conversion, ConversionRule
from identity_graph.domain.analysis.journeys import EXPOSURE, REST, Dimension, Visit
from identity_graph.domain.analysis.models import Model, credit
from identity_graph.domain.analysis.units import UNIT, amount_of, round_rows, units_of
from identity_graph.domain.profiles.commerce import CommerceRules
from identity_graph.domain.profiles.money import CURRENCIES, NO_CURRENCY, Money
from identity_graph.domain.segments.rule_tree import Span
from identity_graph.domain.values.observations import Channel, Instant

NO_VISIT = "(no visit)"
"""What conversions are owed to before which no visit began in the time that is looked back."""


@dataclass(frozen=True, kw_only=True)
class AttributionQuery:
    """What is asked: which conversions, by which models, and how far back visits count.

    ``start`` and ``end`` bound the conversions. ``channels`` are those of the visits that count, None for all. With
    ``skip_direct``, a direct visit gets something only where there is no other.
    """

    conversion: ConversionRule
    models: tuple[Model, ...]
    by: Dimension
    look_back: Span
    half_life: Span
    skip_direct: bool = False
    channels: frozenset[Channel] | None = None
    start: Instant | None = None
    end: Instant | None = None
    first: int = 100
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """What visits of one kind get by a model: conversions in billionths of one, and money."""

    model: Model
    conversions: Decimal
    value: Money
    share: float


@dataclass(frozen=True, slots=True)
class AttributionRow:
    """Visits of one kind: how many began before conversions, how many conversions they came before, and what they get.

    ``unconverted`` are those of these conversions whose amount has no rate: they count, and their amounts do not.
    """

    key: str
    visits: int
    assisted: int
    unconverted: int
    credits: tuple[Credit, ...]


@dataclass(slots=True)
class _Kind:
    """What is known of visits of one kind, in units: by model, and by model and currency."""

    visits: int = 0
    assisted: int = 0
    currencies: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    conversions: defaultdict[Model, int] = field(default_factory=lambda: defaultdict(int))
    values: defaultdict[tuple[Model, str], int] = field(default_factory=lambda: defaultdict(int))

    def add(self, other: "_Kind") -> None:
        """Add what is known of visits of another kind."""
        self.visits += other.visits
        self.assisted += other.assisted
        for own, more in (
            (self.currencies, other.currencies),
            (self.conversions, other.conversions),
            (self.values, other.values),
        ):
            for key, count in more.items():
                own[key] += count  # pyright: ignore[reportArgumentType] - the three have keys of their own


class Attribution:
    """Takes conversions one by one, in any order, and keeps what each kind of visit gets."""

    def __init__(self, query: AttributionQuery, commerce: CommerceRules) -> None:
        self._query = query
        self._commerce = commerce
        self._kinds: dict[str, _Kind] = {}
        self._currencies: defaultdict[str, int] = defaultdict(int)

    def add(self, conversions: Iterable[Conversion], visits: Sequence[Visit]) -> None:
        """Take the conversions of a customer, and all visits of the customer in their order."""
        query = self._query
        found = list(conversions)
        own = {conversion.event for conversion in found}
        eligible = [
            visit
            for visit in visits
            if visit.begun not in own
            and visit.name != EXPOSURE
            and visit.name not in self._commerce.events
            and (query.channels is None or visit.channel in query.channels)
        ]
        for conversion in found:
            if (query.start is None or conversion.at >= query.start) and (
                query.end is None or conversion.at < query.end
            ):
                since = conversion.at - query.look_back.micros
                before = [visit for visit in eligible if since <= visit.at <= conversion.at]
                self._share_out(conversion, before)

    def _share_out(self, conversion: Conversion, before: Sequence[Visit]) -> None:
        query = self._query
        worth = self._in_reporting(conversion)
        self._currencies[worth.currency] += 1
        keys = [visit.label(query.by) for visit in before] or [NO_VISIT]
        for key in keys:
            self._kind(key).visits += bool(before)
        for key in dict.fromkeys(keys):
            kind = self._kind(key)
            kind.assisted += 1
            kind.currencies[worth.currency] += 1
        brought = [visit for visit in before if not visit.is_direct] if query.skip_direct else before
        credited = brought or before
        keys = [visit.label(query.by) for visit in credited] or [NO_VISIT]
        value = units_of(worth.amount)
        for model in query.models:
            counts = credit(UNIT, model, credited, query.half_life.micros) if credited else [UNIT]
            amounts = credit(value, model, credited, query.half_life.micros) if credited else [value]
            for key, count, amount in zip(keys, counts, amounts, strict=True):
                self._kinds[key].conversions[model] += count
                self._kinds[key].values[model, worth.currency] += amount

    def _in_reporting(self, conversion: Conversion) -> Money:
        to = self._commerce.reporting_currency
        if to is None:
            return conversion.worth
        amount = self._commerce.rates.convert(conversion.worth, to, conversion.at)
        return conversion.worth if amount is None else Money(amount, to)

    def _kind(self, key: str) -> _Kind:
        if key not in self._kinds:
            self._kinds[key] = _Kind()
            check_kinds(len(self._kinds), "kinds of visits")
        return self._kinds[key]

    def rows(self) -> list[AttributionRow]:
        """List what each kind gets: most by the first model first, and the rest as one row at the end.

        Money is in the reporting currency, without one in that of most conversions. The rows add up to the whole.
        """
        currency = self._commerce.reporting_currency or _find_main(self._currencies)
        model = self._query.models[0]

        def rank(key: str) -> tuple[int, int, str]:
            kind = self._kinds[key]
            return -kind.values[model, currency], -kind.conversions[model], key

        ranked = sorted(self._kinds, key=rank)
        shown = [(key, self._kinds[key]) for key in ranked[: self._query.first]]
        if len(ranked) > len(shown):
            rest = _Kind()
            for key in ranked[len(shown) :]:
                rest.add(self._kinds[key])
            shown.append((REST, rest))
        credits = [self._credits(one, [kind for _, kind in shown], currency) for one in self._query.models]
        return [
            AttributionRow(
                key,
                kind.visits,
                kind.assisted,
                sum(count for named, count in kind.currencies.items() if named != currency),
                tuple(column[number] for column in credits),
            )
            for number, (key, kind) in enumerate(shown)
        ]

    def _credits(self, model: Model, kinds: Sequence[_Kind], currency: str) -> list[Credit]:
        values = [kind.values[model, currency] for kind in kinds]
        counts = [kind.conversions[model] for kind in kinds]
        whole = sum(values) or 0
        parts, total = (values, whole) if whole > 0 else (counts, sum(counts))
        return [
            Credit(model, Decimal(f"{amount_of(count).normalize():f}"), Money(rounded, currency), part / total)
            for count, rounded, part in zip(counts, round_rows(values, currency), parts, strict=True)
        ]


def _find_main(currencies: dict[str, int]) -> str:
    """Find the currency of most conversions, one of ISO 4217 if there is any; of several the first by name."""
    ranked = sorted(currencies, key=lambda one: (one not in CURRENCIES, -currencies[one], one))
    return ranked[0] if ranked else NO_CURRENCY
