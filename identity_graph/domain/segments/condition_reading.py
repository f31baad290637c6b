"""Reading the single conditions of a rule."""

from identity_graph.domain.segments.fields import Fields
from identity_graph.domain.segments.rule_tree import (
    ALWAYS,
    LISTING,
    ChannelRule,
    ConsentRule,
    ConsentState,
    CountRule,
    EventRule,
    KnownRule,
    Measure,
    MeasureRule,
    Metric,
    MetricRule,
    Occurrence,
    Operand,
    Operator,
    OrderRule,
    PermittedRule,
    PropertyRule,
    SequenceRule,
    ShareRule,
    Timing,
    TraitRule,
)
from identity_graph.domain.values.observations import Channel

LONGEST_LIST = 1000
"""Values that IN and NOT_IN may have."""

MOST_STEPS = 10
MOST_PROPERTIES = 20
MOST_DAYS = 36_500
_MOST = 1_000_000_000
_COUNTING = {op.value: op for op in Operator if op.value in {"EQ", "NE", "LT", "LE", "GT", "GE"}}
_OPERATORS = {op.value: op for op in Operator}
_CHANNELS = {channel.value: channel for channel in Channel}
_TIMING = ("within", "between", "days", "from", "to")
_EVENT = ("event", "where", "channel", "count", "measure", "pick", *_TIMING)
_BOTH = 2


def read_trait(fields: Fields, key: str) -> TraitRule:
    """Read a condition on a trait."""
    own = _part(fields, key, ("name", "op", "value", "heldFor"))
    op, value = _comparison(own)
    return TraitRule(
        name=own.text("name", "the name of a trait"), op=op, value=value, held_for=own.find_span("heldFor")
    )


def read_metric(fields: Fields, key: str) -> MetricRule:
    """Read a condition on a metric."""
    own = _part(fields, key, ("name", "op", "value", "percentile"))
    metric = own.choice("name", {one.value: one for one in Metric}, Metric.ORDERS)
    op, value = _comparison(own)
    return MetricRule(name=metric, op=op, value=value, percentile=own.flag("percentile"))


def read_event(fields: Fields, key: str) -> EventRule:
    """Read a condition on events."""
    own = _part(fields, key, _EVENT)
    return EventRule(
        event=own.text("event", "the name of an event"),
        where=_where(own),
        channel=_channel(own),
        count=_count(own),
        measure=_measure(own),
        pick=own.choice("pick", {one.value: one for one in Occurrence}, Occurrence.ANY, needed=False),
        timing=_timing(own),
    )


def read_sequence(fields: Fields, key: str) -> SequenceRule:
    """Read a condition on events one after the other."""
    own = _part(fields, key, ("steps", "within", "without", "same"))
    places = list(own.items("steps", "a list of events, the first one first", MOST_STEPS))
    steps = tuple(read_event(_one(own, place, item), place) for place, item in places)
    same = [
        str(own.scalar(place, item))
        for place, item in (own.items("same", "a list of properties", MOST_PROPERTIES) if "same" in own else ())
    ]
    without = read_event(own, "without") if "without" in own else None
    return SequenceRule(steps=steps, within=own.span("within"), without=without, same=tuple(same))


def read_orders(fields: Fields, key: str) -> OrderRule:
    """Read a condition on orders."""
    own = _part(fields, key, ("where", "product", "category", "count", "within", "between"))
    return OrderRule(
        where=_where(own),
        product=own.find_text("product", "the id, SKU or name of a product"),
        category=own.find_text("category", "a category"),
        count=_count(own),
        timing=_timing(own),
    )


def read_channel(fields: Fields, key: str) -> ChannelRule:
    """Read a condition on a channel."""
    own = _part(fields, key, ("channel", "within"))
    return ChannelRule(own.choice("channel", _CHANNELS, Channel.OTHER), own.find_span("within"))


def read_consent(fields: Fields, key: str) -> ConsentRule:
    """Read a condition on a consent."""
    own = _part(fields, key, ("purpose", "channel", "state"))
    state = own.choice("state", {one.value: one for one in ConsentState}, ConsentState.GRANTED)
    return ConsentRule(own.text("purpose", "a purpose"), _channel(own), state)


def read_permitted(fields: Fields, key: str) -> PermittedRule:
    """Read a condition on what may be done."""
    own = _part(fields, key, ("purpose", "channel"))
    return PermittedRule(own.text("purpose", "a purpose"), _channel(own))


def read_known(fields: Fields, key: str) -> KnownRule:
    """Read since when somebody must be known."""
    return KnownRule(fields.span(key))


def read_share(fields: Fields, key: str) -> ShareRule:
    """Read a share of all customers."""
    own = _part(fields, key, ("of", "salt"))
    share = own.get("of")
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 < share <= 1:
        own.reject("of", "a share above 0 and up to 1, such as 0.1 for a tenth")
        share = 1
    return ShareRule(float(share), own.text("salt", "a salt: any text, another one for each experiment"))


def read_text_condition(fields: Fields, key: str, expected: str) -> str:
    """Read a condition that is one text."""
    return fields.text(key, expected)


def _part(fields: Fields, key: str, known: tuple[str, ...]) -> Fields:
    return Fields(fields.found, fields[key], fields.at(key), known)


def _one(fields: Fields, place: str, item: object) -> Fields:
    """Make an item of a list a field of its own."""
    return Fields(fields.found, {place: item}, fields.path, (place,))


def _comparison(own: Fields) -> tuple[Operator, Operand]:
    op = own.choice("op", _OPERATORS, Operator.EQ)
    if op is Operator.EXISTS:
        if "value" in own:
            own.add("value", "EXISTS takes no value; to find those without one, write not around it")
        return op, None
    if "value" not in own:
        own.add("value", f"missing; what is it compared with? {op} needs a value")
        return op, ""
    if op in LISTING or op is Operator.BETWEEN:
        expected = "a list of values" if op in LISTING else "a list of two values, the smaller one first"
        values = tuple(own.scalar(place, item) for place, item in own.items("value", expected, LONGEST_LIST))
        if op is Operator.BETWEEN and len(values) not in {0, _BOTH}:
            own.add("value", f"expected {expected}, got {len(values)}")
        return op, values
    return op, own.scalar("value", own["value"])


def _where(own: Fields) -> tuple[PropertyRule, ...]:
    if "where" not in own:
        return ()
    found: list[PropertyRule] = []
    for place, item in own.items("where", "a list of conditions on properties", MOST_PROPERTIES):
        inner = Fields(own.found, item, own.at(place), ("name", "op", "value"))
        op, value = _comparison(inner)
        found.append(PropertyRule(name=inner.text("name", "the name of a property"), op=op, value=value))
    return tuple(found)


def _channel(own: Fields) -> Channel | None:
    return own.choice("channel", _CHANNELS, None, needed=False)


def _count(own: Fields) -> CountRule | None:
    if "count" not in own:
        return None
    inner = _part(own, "count", ("op", "value"))
    return CountRule(inner.choice("op", _COUNTING, Operator.GE), inner.whole_number("value", _MOST))


def _measure(own: Fields) -> MeasureRule | None:
    if "measure" not in own:
        return None
    inner = _part(own, "measure", ("of", "as", "op", "value"))
    kind = inner.choice("as", {one.value: one for one in Measure}, Measure.DAYS)
    op, value = _comparison(inner)
    of = inner.find_text("of", "the name of a property")
    if of is None and kind is not Measure.DAYS:
        inner.add("of", f"missing; the {kind} of which property?")
    if of is not None and kind is Measure.DAYS:
        inner.add("of", "DAYS counts the days with such an event and takes no property")
    return MeasureRule(of=of, kind=kind, op=op, value=value)


def _timing(own: Fields) -> Timing:
    fixed = "from" in own or "to" in own
    if sum([*(key in own for key in _TIMING[:3]), fixed]) > 1:
        own.add("", "say only one of within, between, days, and from or to")
        return ALWAYS
    if "between" in own:
        inner = _part(own, "between", ("from", "to"))
        longer, shorter = inner.span("from"), inner.span("to")
        if longer.micros <= shorter.micros and shorter.text and longer.text:
            inner.add("from", "must be the longer one: both are times before now")
        return Timing(between=(longer, shorter))
    if "days" in own:
        inner = _part(own, "days", ("from", "to"))
        first, last = inner.whole_number("from", MOST_DAYS), inner.whole_number("to", MOST_DAYS)
        if first < last:
            inner.add("from", "must be the day further back: 7 is seven days ago, 0 is today")
        return Timing(days=(first, last))
    start, end = (own.find_moment("from"), own.find_moment("to")) if fixed else (None, None)
    if start is not None and end is not None and start.at >= end.at:
        own.add("to", "must be after from")
    return Timing(within=own.find_span("within"), start=start, end=end)
