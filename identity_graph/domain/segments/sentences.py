"""Saying what a rule means, in English and Chinese, for people who know customers and no rules.

A sentence says what counts as unknown, and by which zone days are counted wherever that makes a difference.
"""

from collections.abc import Mapping

from identity_graph.domain.profiles.trait_types import ValueType
from identity_graph.domain.segments.comparing import is_date, is_time
from identity_graph.domain.segments.phrases_en import PHRASES as ENGLISH
from identity_graph.domain.segments.phrases_zh import PHRASES as CHINESE
from identity_graph.domain.segments.rule_tree import (
    ALWAYS,
    RELATIVE,
    All,
    AnyOf,
    Audience,
    ChannelRule,
    ConsentRule,
    EventRule,
    IdentifierRule,
    JoinedRule,
    KnownRule,
    Leaf,
    Measure,
    Metric,
    MetricRule,
    Not,
    Occurrence,
    Operator,
    OrderRule,
    PermittedRule,
    Rule,
    SegmentRule,
    SequenceRule,
    TraitRule,
)
from identity_graph.domain.segments.sheet import Terms
from identity_graph.domain.segments.types import SCORES, type_of_trait
from identity_graph.domain.segments.walking import places_of
from identity_graph.domain.segments.wording import Wording

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "zh": CHINESE}
"""The languages of sentences; any other is answered in English."""


def say_rule(rule: Rule, terms: Terms, language: str = "en", audience: Audience = Audience.KNOWN) -> str:
    """Say in a sentence who belongs to a segment."""
    words = _wording(language)
    clause = _Speaker(words, terms).say(rule).strip()
    subject = "known" if audience is Audience.KNOWN else "all_customers"
    return words.say(subject, clause=clause) + _zone(rule, terms, words)


def say_condition(rule: Rule, terms: Terms, language: str = "en") -> str:
    """Say what one condition of a rule means."""
    words = _wording(language)
    return _Speaker(words, terms).say(rule).strip() + _zone(rule, terms, words, "zone_inside")


def _wording(language: str) -> Wording:
    return Wording(LANGUAGES.get(language.partition("-")[0].lower(), ENGLISH))


def _zone(rule: Rule, terms: Terms, words: Wording, phrase: str = "zone") -> str:
    needs = any(_counts_days(one, terms) for _, one in places_of(rule))
    return words.say(phrase, zone=terms.catalogue.time_zone) if needs else ""


def _counts_days(rule: Leaf, terms: Terms) -> bool:
    """Tell whether it depends on where a day begins."""
    match rule:
        case TraitRule():
            return _compares_days(rule, type_of_trait(rule.name, terms.catalogue))
        case MetricRule():
            return rule.name in {Metric.RECENCY_DAYS, Metric.RFM_RECENCY}
        case EventRule():
            has_days = rule.measure is not None and rule.measure.kind is Measure.DAYS
            return rule.timing.days is not None or has_days or _compares_times(rule)
        case SequenceRule():
            steps = rule.steps if rule.without is None else (*rule.steps, rule.without)
            return any(_counts_days(step, terms) for step in steps)
        case _:
            return False


def _compares_days(rule: TraitRule, type: ValueType) -> bool:
    """Tell whether a trait is compared with days, or holds one; hours before now are the same in every zone."""
    if rule.op in RELATIVE and (type is not ValueType.MOMENT or rule.op is Operator.ANNIVERSARY_WITHIN):
        return True
    values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    return type is ValueType.MOMENT and any(is_date(value) for value in values)


def _compares_times(rule: EventRule) -> bool:
    return any(one.op in RELATIVE or (isinstance(one.value, str) and is_time(one.value)) for one in rule.where)


class _Speaker:
    """Puts clauses together."""

    def __init__(self, words: Wording, terms: Terms) -> None:
        self._words = words
        self._terms = terms

    def say(self, rule: Rule, *, inside: bool = False) -> str:
        match rule:
            case All() | AnyOf():
                clauses = [self.say(one, inside=len(rule.rules) > 1) for one in rule.rules]
                clause = self._words.join("and" if isinstance(rule, All) else "or", clauses)
                return self._words.say("group", clause=clause) if inside and len(clauses) > 1 else clause
            case Not():
                return self._say_not(rule.rule)
            case _:
                return self._say_leaf(rule)

    def _say_not(self, rule: Rule) -> str:
        words = self._words
        match rule:
            case TraitRule(held_for=None, op=Operator.EXISTS):
                return words.say("NOT_EXISTS", what=words.quote(rule.name))
            case TraitRule(held_for=None, op=Operator.EQ, value=True):
                return words.say("not_true", what=words.quote(rule.name))
            case TraitRule() | MetricRule() | ConsentRule():
                return words.say("not_unknown", clause=self.say(rule))
            case EventRule(count=None, measure=None, pick=Occurrence.ANY):
                said = words.say("did_not", **words.event(rule))
                return said + (words.say("also_new") if words.is_relative(rule.timing) else "")
            case OrderRule(count=None):
                return words.say("ordered_not", **words.order(rule))
            case IdentifierRule():
                return words.say("no_identifier", name=words.quote(rule.namespace))
            case SegmentRule():
                return words.say("not_in_segment", name=words.quote(rule.segment))
            case ChannelRule():
                said = words.say("not_seen_on", channel=words.word(rule.channel), time=words.within(rule.within))
                return said + (words.say("also_new") if rule.within is not None else "")
            case PermittedRule():
                return words.say("not_permitted", purpose=words.quote(rule.purpose), channel=words.on(rule.channel))
            case KnownRule():
                return words.say("not_known_for", span=words.span(rule.span))
            case AnyOf():
                return words.say("none", clause=self.say(rule, inside=True))
            case _:
                return words.say("not", clause=self.say(rule, inside=True))

    def _say_leaf(self, rule: Leaf) -> str:
        words = self._words
        match rule:
            case TraitRule():
                clause = words.compare(words.quote(rule.name), rule.op, rule.value)
                held = rule.held_for
                return clause if held is None else words.say("held", clause=clause, span=words.span(held))
            case MetricRule():
                return words.compare(self._metric(rule), rule.op, rule.value, are_words=rule.name in _WORDS)
            case EventRule():
                return self._say_event(rule)
            case SequenceRule():
                return self._say_sequence(rule)
            case OrderRule():
                return words.say("ordered", **words.order(rule), times=words.times(rule.count))
            case IdentifierRule():
                return words.say("has_identifier", name=words.quote(rule.namespace))
            case JoinedRule():
                return words.say("joined", name=words.quote(rule.namespace))
            case SegmentRule():
                return words.say("in_segment", name=words.quote(rule.segment))
            case ChannelRule():
                return words.say("seen_on", channel=words.word(rule.channel), time=words.within(rule.within))
            case ConsentRule():
                purpose, state = words.quote(rule.purpose), words.word(rule.state)
                return words.say("consent", purpose=purpose, channel=words.on(rule.channel), state=state)
            case PermittedRule():
                return words.say("permitted", purpose=words.quote(rule.purpose), channel=words.on(rule.channel))
            case KnownRule():
                return words.say("known_for", span=words.span(rule.span))
            case _:
                return words.say("share", percent=f"{rule.of * 100:g}", salt=words.quote(rule.salt))

    def _metric(self, rule: MetricRule) -> str:
        name = f"percentile_{rule.name}" if rule.percentile and rule.name in SCORES else rule.name.value
        currency = self._terms.currency
        return self._words.say(
            name, currency="" if currency is None else self._words.say("currency", currency=currency)
        )

    def _say_event(self, rule: EventRule) -> str:
        words = self._words
        parts = words.event(rule)
        if rule.pick is not Occurrence.ANY and (rule.where or rule.channel is not None or rule.timing != ALWAYS):
            return words.say(rule.pick.value, **parts)
        if rule.measure is None:
            return words.say("did", **parts, times=words.times(rule.count))
        measure = words.say(rule.measure.kind.value, of=words.quote(rule.measure.of or ""))
        clause = words.compare(words.say("measured", **parts, measure=measure), rule.measure.op, rule.measure.value)
        return clause if rule.count is None else words.say("also_times", clause=clause, times=words.times(rule.count))

    def _say_sequence(self, rule: SequenceRule) -> str:
        words = self._words
        steps = words.join("then", [words.one(step) for step in rule.steps])
        same = words.same(rule.same)
        if rule.without is None:
            return words.say("sequence", steps=steps, same=same, span=words.span(rule.within))
        name = "single_without" if len(rule.steps) == 1 else "sequence_without"
        barred = words.one(rule.without)
        return words.say(name, steps=steps, same=same, span=words.span(rule.within), barred=barred)


_WORDS = frozenset({Metric.LIFECYCLE, Metric.PREFERRED_CHANNEL})
