"""Random rules of segments, as they are written: about what the customers of ``segment_sheets`` have."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from identity_graph.domain.segments.rule_tree import ConsentState
from tests.worlds.segment_sheets import CHANNELS, HOUR, NAMES, NAMESPACES, SPANS, near, write_date, write_moment

Written = dict[str, Any]
_SPAN = st.sampled_from(SPANS)
_LONG = ("P2D", "P3D", "P7D")
_SHORT = ("PT6H", "PT12H", "P1D")
_EQUAL, _LISTED, _ORDERED = ("EQ", "NE"), ("IN", "NOT_IN"), ("LT", "LE", "GT", "GE")
_NEAR = ("WITHIN_LAST", "LONGER_AGO_THAN", "WITHIN_NEXT", "ANNIVERSARY_WITHIN")


@st.composite
def _comparison(
    draw: DrawFn, values: SearchStrategy[Any], *families: tuple[str, ...], numbers: bool = False
) -> Written:
    op = draw(st.sampled_from([op for family in families for op in family]))
    if op == "EXISTS":
        return {"op": op}
    if op in _LISTED:
        return {"op": op, "value": draw(st.lists(values, min_size=1, max_size=2))}
    if op == "BETWEEN":
        return {"op": op, "value": sorted([draw(values), draw(values)])}
    if op in _NEAR:
        return {"op": op, "value": draw(_SPAN)}
    if op == "STARTS_WITH":
        return {"op": op, "value": draw(st.sampled_from(["a", "A", "2"]))}
    return {"op": op, "value": draw(values)}


_BETWEEN, _EXISTS, _PARTS = ("BETWEEN",), ("EXISTS",), ("CONTAINS", "STARTS_WITH")
_NUMBER = st.sampled_from([0, 1, 2, 2.5, 5, 20])


def _on_traits(base: int) -> SearchStrategy[Written]:
    texts = st.sampled_from(["a", "ab", "2", "Gold"])
    dates = st.one_of(near(base).map(write_date), st.sampled_from(["1990-02-28", "1991-01-01"]))
    moments = near(base).map(write_moment)
    number_ops = (_EQUAL, _LISTED, _ORDERED, _BETWEEN, _EXISTS)
    options = [
        (("city", "level"), _comparison(texts, _EQUAL, _LISTED, _PARTS, _EXISTS)),
        (("points", "weight", "visits", "spent", "last_amount"), _comparison(_NUMBER, *number_ops)),
        (("member",), _comparison(st.booleans(), _EQUAL, _EXISTS)),
        (("birthday",), _comparison(dates, *number_ops, _NEAR, _NEAR)),
        (("renewed",), _comparison(dates, *number_ops, _NEAR, _NEAR)),
        (("renewed",), _comparison(moments, *number_ops)),
        (("tags",), _comparison(st.sampled_from(["a", 2]), ("CONTAINS",), _EXISTS)),
        (("anything", "extra"), any_comparison(base)),
    ]
    return st.one_of([_trait(names, compared) for names, compared in options])


def any_comparison(base: int) -> SearchStrategy[Written]:
    """Compare a value of no declared type."""
    dates, moments = near(base).map(write_date), near(base).map(write_moment)
    texts = st.sampled_from(["a", "ab", "2", "c1"])
    return st.one_of(
        _comparison(texts, _EQUAL, _LISTED, _PARTS, _EXISTS, _NEAR),
        _comparison(_NUMBER, _EQUAL, _LISTED, _ORDERED, _BETWEEN, ("CONTAINS",)),
        _comparison(dates, _ORDERED, _BETWEEN),
        _comparison(moments, _ORDERED),
        _comparison(st.booleans(), _EQUAL),
    )


@st.composite
def _trait(draw: DrawFn, names: tuple[str, ...], compared: SearchStrategy[Written]) -> Written:
    said = {"name": draw(st.sampled_from(names)), **draw(compared)}
    if said["op"] not in _NEAR and draw(st.integers(0, 2)) == 0:
        said["heldFor"] = draw(_SPAN)
    return {"trait": said}


@st.composite
def _on_metrics(draw: DrawFn) -> Written:
    amounts = _comparison(st.sampled_from([0, 5, 7.5, 20, 70]), _EQUAL, _ORDERED, _BETWEEN, _LISTED)
    counts = _comparison(st.integers(0, 4), _EQUAL, _ORDERED, _BETWEEN, _LISTED)
    stages = st.sampled_from(["ANONYMOUS", "POTENTIAL", "NEW", "ACTIVE", "LOYAL", "AT_RISK", "CHURNED", "RETURNED"])
    scores = ("RFM_RECENCY", "RFM_FREQUENCY", "RFM_MONETARY")
    names, compared = draw(
        st.sampled_from(
            [
                (("ORDERS", "SESSIONS"), counts),
                (("RECENCY_DAYS",), counts),
                (("REVENUE", "AVERAGE_ORDER", "REFUNDED"), amounts),
                (scores, _comparison(st.integers(1, 5), _EQUAL, _ORDERED, _BETWEEN)),
                (scores, _comparison(st.sampled_from([0, 20, 40, 60, 80]), _EQUAL, _ORDERED)),
                (("LIFECYCLE",), _comparison(stages, _EQUAL, _LISTED)),
                (("PREFERRED_CHANNEL",), _comparison(st.sampled_from(["WEB", "APP"]), _EQUAL, _LISTED)),
                (("QUALITY",), _comparison(st.sampled_from([0.5, 0.75, 1]), _ORDERED)),
            ]
        )
    )
    said = {"name": draw(st.sampled_from(names)), **draw(compared)}
    operand: Any = said["value"]
    if said["name"] in scores and not all(
        1 <= one <= 5 for one in (operand if isinstance(operand, list) else [operand])
    ):
        said["percentile"] = True
    return {"metric": said}


@st.composite
def _timings(draw: DrawFn, base: int, *, plain: bool = False) -> Written:
    kind = draw(st.sampled_from(["none", "within", "between"] + ([] if plain else ["days", "fixed"])))
    if kind == "within":
        return {"within": draw(_SPAN)}
    if kind == "between":
        return {"between": {"from": draw(st.sampled_from(_LONG)), "to": draw(st.sampled_from(_SHORT))}}
    if kind == "days":
        last = draw(st.integers(0, 2))
        return {"days": {"from": last + draw(st.integers(0, 3)), "to": last}}
    if kind == "fixed":
        start = draw(near(base))
        end = {"to": write_moment(start + draw(st.integers(1, 8)) * 12 * HOUR)} if draw(st.booleans()) else {}
        return {"from": write_moment(start), **end}
    return {}


@st.composite
def event_conditions(draw: DrawFn, base: int) -> Written:
    """Draw what one event must be."""
    said: Written = {"event": draw(st.sampled_from(NAMES))}
    if draw(st.integers(0, 2)) == 0:
        names = st.sampled_from(["total", "cart_id", "when", "flag", "tags"])
        where = st.builds(lambda name, compared: {"name": name, **compared}, names, any_comparison(base))
        said["where"] = draw(st.lists(where, min_size=1, max_size=2))
    if draw(st.integers(0, 3)) == 0:
        said["channel"] = draw(st.sampled_from(CHANNELS)).value
    return said


@st.composite
def _on_events(draw: DrawFn, base: int) -> Written:
    said = {**draw(event_conditions(base)), **draw(_timings(base))}
    more = draw(st.sampled_from(["none", "none", "count", "measure", "pick", "both"]))
    if more in {"count", "both"}:
        said["count"] = draw(_comparison(st.integers(0, 3), _EQUAL, _ORDERED))
    if more in {"measure", "both"}:
        kind = draw(st.sampled_from(["SUM", "MEAN", "MIN", "MAX", "DISTINCT", "DAYS"]))
        of = {} if kind == "DAYS" else {"of": draw(st.sampled_from(["total", "cart_id"]))}
        said["measure"] = {"as": kind, **of, **draw(_comparison(_NUMBER, _EQUAL, _ORDERED, _BETWEEN))}
    if more == "pick":
        said["pick"] = draw(st.sampled_from(["FIRST", "LAST"]))
    return {"did": said}


@st.composite
def _sequences(draw: DrawFn, base: int) -> Written:
    said: Written = {"within": draw(_SPAN)}
    said["steps"] = draw(st.lists(event_conditions(base), min_size=1, max_size=3))
    if draw(st.integers(0, 3)) == 0:
        said["steps"][0] |= draw(_timings(base))
    if len(said["steps"]) == 1 or draw(st.booleans()):
        said["without"] = draw(event_conditions(base))
    if draw(st.integers(0, 2)) == 0:
        said["same"] = ["cart_id"]
    return {"sequence": said}


@st.composite
def _on_orders(draw: DrawFn, base: int) -> Written:
    said = draw(_timings(base, plain=True))
    if draw(st.booleans()):
        amounts = st.sampled_from([0, 5, 7.5, 35, 140])
        where = st.one_of(
            st.builds(
                lambda name, compared: {"name": name, **compared},
                st.sampled_from(["total", "revenue", "net", "refunded", "shipping"]),
                _comparison(amounts, _EQUAL, _ORDERED, _BETWEEN, _EXISTS),
            ),
            st.builds(
                lambda compared: {"name": "state", **compared},
                _comparison(st.sampled_from(["PLACED", "REFUNDED"]), _EQUAL, _LISTED),
            ),
        )
        said["where"] = draw(st.lists(where, min_size=1, max_size=2))
    if draw(st.integers(0, 2)) == 0:
        said["product"] = draw(st.sampled_from(["p1", "s1", "tea"]))
    if draw(st.integers(0, 2)) == 0:
        said["category"] = draw(st.sampled_from(["drinks", "food"]))
    if draw(st.integers(0, 2)) == 0:
        said["count"] = draw(_comparison(st.integers(0, 2), _EQUAL, _ORDERED))
    return {"ordered": said}


def leaves(base: int) -> SearchStrategy[Written]:
    """Draw a single condition."""
    namespaces = st.sampled_from(NAMESPACES)
    channels = st.sampled_from([channel.value for channel in CHANNELS])
    within = st.one_of(st.just({}), _SPAN.map(lambda span: {"within": span}))
    consents = st.builds(
        lambda purpose, channel, state: {"consent": {"purpose": purpose, **channel, "state": state}},
        st.sampled_from(["ads", "news"]),
        st.sampled_from([{}, {"channel": "WEB"}]),
        st.sampled_from([state.value for state in ConsentState]),
    )
    permitted = st.builds(
        lambda purpose, channel: {"permitted": {"purpose": purpose, **channel}},
        st.sampled_from(["ads", "marketing", "sharing"]),
        st.just({}),
    )
    contacted = st.sampled_from(["EMAIL", "SMS"]).map(
        lambda channel: {"permitted": {"purpose": "marketing", "channel": channel}}
    )
    who = st.one_of(
        namespaces.map(lambda name: {"hasIdentifier": name}),
        namespaces.map(lambda name: {"joinedBy": name}),
        st.sampled_from(["seg_1", "seg_2"]).map(lambda segment: {"inSegment": segment}),
        _SPAN.map(lambda span: {"knownFor": span}),
        st.sampled_from([0.1, 0.5, 1]).map(lambda share: {"share": {"of": share, "salt": "s"}}),
        consents,
        permitted,
        contacted,
    )
    seen = st.builds(lambda channel, when: {"seenOn": {"channel": channel, **when}}, channels, within)
    often = [_on_events(base), _sequences(base), _on_traits(base), _on_metrics()]
    return st.sampled_from([*often, *often, _on_orders(base), _on_orders(base), seen, who]).flatmap(lambda kind: kind)


def written_rules(base: int) -> SearchStrategy[Written]:
    """Draw a rule as it is written."""

    def inside(children: SearchStrategy[Written]) -> SearchStrategy[Written]:
        several = st.lists(children, min_size=1, max_size=3)
        return st.one_of(
            several.map(lambda rules: {"all": rules}),
            several.map(lambda rules: {"any": rules}),
            children.map(lambda rule: {"not": rule}),
        )

    return st.recursive(leaves(base), inside, max_leaves=4)
