"""The parts of sentences about rules: values, spans, times and events, in the phrases of a language."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from identity_graph.domain.segments.fields import find_span
from identity_graph.domain.segments.rule_tree import (
    LISTING,
    RELATIVE,
    CountRule,
    EventRule,
    Operand,
    Operator,
    OrderRule,
    PropertyRule,
    Span,
    Timing,
)
from identity_graph.domain.values.observations import Channel

_UNITS = (("day", 86_400_000_000), ("hour", 3_600_000_000), ("minute", 60_000_000), ("second", 1_000_000))
_HOURS_OF_A_DAY = 24
Parts = dict[str, str]


class Wording:
    """Says parts of sentences in the phrases of a language."""

    def __init__(self, phrases: Mapping[str, str]) -> None:
        self._phrases = phrases

    def say(self, phrase: str, /, **parts: str) -> str:
        """Fill a phrase with parts."""
        return self._phrases[phrase].format(**parts)

    def word(self, word: str) -> str:
        """Say a word of the product, such as a channel or a stage of life."""
        return self._phrases.get(str(word), str(word))

    def quote(self, text: str) -> str:
        """Put a name or a text in quotes."""
        return self.say("quote", text=text)

    def join(self, name: str, clauses: Sequence[str]) -> str:
        """Join clauses by a phrase."""
        return self._phrases[name].join(clauses)

    def value(self, value: Any, *, is_word: bool = False) -> str:
        """Say a value."""
        if isinstance(value, bool):
            return self.say("true" if value else "false")
        if isinstance(value, str):
            return self.quote(self.word(value) if is_word else value)
        return self.say("number", number=f"{value}")

    def compare(self, what: str, op: Operator, operand: Operand, *, are_words: bool = False) -> str:
        """Say how something is compared."""
        if op in RELATIVE:
            span = find_span(operand)
            return self.say(op.value, what=what, value="" if span is None else self.span(span))
        values = [self.value(one, is_word=are_words) for one in (operand if isinstance(operand, tuple) else (operand,))]
        if op in LISTING and len(values) > 1:
            joined = self.join("list" if op is Operator.IN else "list_not", values)
            return self.say(op.value, what=what, value=joined)
        if op in LISTING:
            op = Operator.EQ if op is Operator.IN else Operator.NE
        return self.say(op.value, what=what, value=values[0], other=values[-1])

    def span(self, span: Span) -> str:
        """Say a duration; days with their hours, since a calendar day is another thing."""
        rest, said = span.micros, list[str]()
        for unit, size in _UNITS:
            number, rest = divmod(rest, size)
            if number == 1:
                said.append(self.say(unit))
            elif number:
                said.append(self.say(f"{unit}s", number=f"{number:,}", hours=f"{number * _HOURS_OF_A_DAY:,}"))
        return self.join("span_and", said)

    def times(self, count: CountRule | None) -> str:
        """Say how often."""
        if count is None or count == CountRule(Operator.GE, 1):
            return self.say("once")
        return self.say(f"times_{count.op}", number=f"{count.value:,}")

    def event(self, rule: EventRule) -> Parts:
        """Give the parts of a clause about events."""
        return {
            "event": self.quote(rule.event),
            "where": self.where(rule.where),
            "channel": self.on(rule.channel),
            "time": self.time(rule.timing),
        }

    def one(self, rule: EventRule) -> str:
        """Name an event of a sequence."""
        return self.say("did_one", **self.event(rule))

    def order(self, rule: OrderRule) -> Parts:
        """Give the parts of a clause about orders."""
        product = "" if rule.product is None else self.say("product", product=self.quote(rule.product))
        category = "" if rule.category is None else self.say("category", category=self.quote(rule.category))
        return {"product": product + category, "where": self.where(rule.where), "time": self.time(rule.timing)}

    def where(self, where: Iterable[PropertyRule]) -> str:
        """Say what properties are like."""
        said = [self.compare(self.quote(one.name), one.op, one.value) for one in where]
        return self.say("where", properties=self.join("where_and", said)) if said else ""

    def same(self, names: Sequence[str]) -> str:
        """Say which properties are the same."""
        if not names:
            return ""
        return self.say("same", properties=self.join("same_and", [self.quote(name) for name in names]))

    def on(self, channel: Channel | None) -> str:
        """Say on which channel."""
        return "" if channel is None else self.say("on", channel=self.word(channel))

    def within(self, span: Span | None) -> str:
        """Say within which time before now."""
        return "" if span is None else self.say("within", span=self.span(span))

    def is_relative(self, timing: Timing) -> bool:
        """Tell whether a time is counted from now."""
        return timing.within is not None or timing.between is not None or timing.days is not None

    def time(self, timing: Timing) -> str:
        """Say when something happened."""
        if timing.between is not None:
            longer, shorter = timing.between
            return self.say("between", longer=self.span(longer), shorter=self.span(shorter))
        if timing.days is not None:
            first, last = (self._day(number) for number in timing.days)
            return (
                self.say("calendar_day", day=first) if first == last else self.say("calendar", first=first, last=last)
            )
        if timing.start is None and timing.end is None:
            return self.within(timing.within)
        start, end = ("" if moment is None else moment.text for moment in (timing.start, timing.end))
        name = "from_until" if start and end else "from" if start else "until"
        return self.say(name, start=start, end=end)

    def _day(self, ago: int) -> str:
        if ago > 1:
            return self.say("days_ago", number=f"{ago:,}")
        return self.say("yesterday" if ago else "today")
