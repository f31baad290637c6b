"""Random rules of segments, and random customers whom they are asked of.

Times lie on a coarse grid around days that are long, short or leap, and durations are few, so that things meet on their edges.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.orders import Order, OrderState
from identity_graph.domain.profiles.quality import CheckedClaims
from identity_graph.domain.profiles.reports import Line
from identity_graph.domain.profiles.rfm import RfmBoundaries, RfmCut
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.segments.rule_tree import ConsentState
from identity_graph.domain.segments.sheet import ConsentFact, EventFact, FactSheet, Terms, TraitFact, TraitStep
from identity_graph.domain.values.observations import Channel

HOUR = 3_600_000_000
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
CATALOGUE = """
time_zone: ZONE
traits:
  city: {type: text}
  points: {type: integer}
  weight: {type: decimal}
  member: {type: boolean}
  birthday: {type: date}
  renewed: {type: moment}
  tags: {type: list}
  anything: {type: any}
computed:
  visits: {event: Seen, policy: count, within: P2D}
  spent: {event: Paid, policy: sum, of: total}
  last_amount: {event: Paid, policy: last, of: total, type: decimal}
  level: {event: Paid, policy: sum, of: total, named: [{name: Gold, above: 20}, {name: Silver, from: 5}]}
commerce:
  reporting_currency: CNY
  rates: {USD: {2000-01-01: 7}}
lifecycle: {new_for: P1D, loyal_from: 3, own_rhythm_from: 3, rhythm: P2D, shortest_rhythm: P1D}
"""
BASES = (
    datetime(2026, 3, 29, tzinfo=UTC),  # 23 hours in Berlin
    datetime(2026, 10, 25, tzinfo=UTC),  # 25 hours in Berlin
    datetime(2027, 12, 31, tzinfo=UTC),
    datetime(2028, 2, 29, tzinfo=UTC),
)
SPANS = ("PT12H", "P1D", "PT36H", "P2D", "P3D", "P7D")
NAMES = ("Seen", "Paid", "Cart", "Done")
NAMESPACES = ("crm_id", "user_id", "phone", "openid", "device_id", "ad_id", "anonymous_id")
CHANNELS = (Channel.WEB, Channel.APP, Channel.MINI_PROGRAM)
CUT = RfmCut(
    1, 0, "quintiles", 100, "CNY",
    RfmBoundaries((0, 1, 3, 5), (4, 3, 2, 1), (Decimal(100), Decimal(50), Decimal(20), Decimal(10)), 5, 5, 5),
    2 * DAY,
)  # fmt: skip
"""A cut whose boundaries a few days and orders cross."""


@cache
def terms_of(zone: str, *, has_cut: bool = True) -> Terms:
    """Give the terms of a zone."""
    return Terms(parse_catalogue(CATALOGUE.replace("ZONE", zone)), load_preset("default"), CUT if has_cut else None)


any_terms = st.builds(terms_of, st.sampled_from(ZONES), has_cut=st.booleans())


@st.composite
def times(draw: DrawFn) -> int:
    """Draw a moment: on the grid, or right beside it."""
    base = (draw(st.sampled_from(BASES)) - EPOCH) // timedelta(microseconds=1)
    return base + draw(st.integers(-16, 16)) * 6 * HOUR + draw(st.sampled_from([0, 0, 0, -1, 1, HOUR, 7 * HOUR // 2]))


def near(base: int) -> SearchStrategy[int]:
    """Draw a moment near another one."""
    grid = st.integers(-20, 20).map(lambda steps: base + steps * 6 * HOUR)
    return st.one_of(grid, grid, st.tuples(grid, st.sampled_from([-1, 1, HOUR])).map(sum))


def _write_moment(at: int) -> str:
    return (EPOCH + timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")


def _write_date(at: int) -> str:
    return (EPOCH + timedelta(microseconds=at)).date().isoformat()


def _values(base: int) -> dict[str, SearchStrategy[Any]]:
    """Give the values that each trait may have, some of them of another type."""
    dates = st.one_of(
        near(base).map(_write_date),
        st.sampled_from(["1990-02-28", "1992-02-29", "1990-03-01", "1991-12-31", "1991-01-02"]),
    )
    moments = near(base).map(_write_moment)
    numbers = st.sampled_from([0, 1, 2, 3, 2.5, "2"])
    texts = st.sampled_from(["a", "b", "ab", "A", "2", " "])
    return {
        "city": texts,
        "points": st.sampled_from([0, 1, 2, 3, "x"]),
        "weight": numbers,
        "member": st.booleans(),
        "birthday": dates,
        "renewed": moments,
        "tags": st.lists(st.sampled_from(["a", "b", 2]), max_size=2),
        "anything": st.one_of(dates, moments, numbers, texts, st.booleans(), st.just({})),
        "extra": st.one_of(texts, numbers),
    }


@st.composite
def sheets(draw: DrawFn, base: int) -> FactSheet:
    """Draw the facts of a customer."""
    at = near(base)
    keys = st.sampled_from([f"{namespace}:{number}" for namespace in NAMESPACES for number in (1, 2)])
    return FactSheet(
        customer_id="cus_1",
        first_seen=draw(at),
        identifiers=draw(st.dictionaries(keys, at, max_size=3)),
        links=draw(st.frozensets(st.sampled_from(NAMESPACES), max_size=2)),
        traits={
            name: draw(_traits(values, base)) for name, values in _values(base).items() if draw(st.integers(0, 2)) != 0
        },
        claims=draw(st.sampled_from([CheckedClaims(), CheckedClaims(2, 1)])),
        orders=draw(
            st.dictionaries(
                st.sampled_from(["ord_1", "ord_2", "ord_3", "ord_4"]),
                orders(base),
                min_size=draw(st.sampled_from([0, 2, 3])),
            )
        ),
        events=tuple(draw(st.lists(events(base), min_size=draw(st.sampled_from([0, 4, 6])), max_size=9))),
        sessions=tuple(draw(st.lists(at, max_size=3))),
        preferred_channel=draw(st.sampled_from([None, *CHANNELS])),
        segments=draw(st.frozensets(st.sampled_from(["seg_1", "seg_2"]))),
        consents=draw(
            st.dictionaries(
                st.tuples(st.sampled_from(["ads", "news"]), st.sampled_from([None, Channel.WEB])),
                st.builds(ConsentFact, st.sampled_from(ConsentState), at),
                max_size=2,
            )
        ),
    )


@st.composite
def _traits(draw: DrawFn, values: SearchStrategy[Any], base: int) -> TraitFact:
    since = sorted(draw(st.sets(near(base), min_size=1, max_size=3)))
    steps = tuple(TraitStep(moment, draw(st.one_of(st.none(), values, values, values))) for moment in since)
    return TraitFact(steps, since[-1] - draw(st.sampled_from([0, 0, 365 * DAY])))


@st.composite
def orders(draw: DrawFn, base: int) -> Order:
    """Draw an order."""
    state = draw(st.sampled_from(OrderState))
    at = draw(near(base))
    amounts = st.sampled_from([Decimal(0), Decimal(5), Decimal("7.5"), Decimal(20), Decimal(100)])
    revenue = draw(amounts)
    line = st.builds(
        Line,
        st.sampled_from([None, "p1"]), st.sampled_from([None, "s1"]), st.sampled_from([None, "tea"]), st.none(),
        st.sampled_from([None, "drinks", "food"]), st.none(), st.just(Decimal(1)),
    )  # fmt: skip
    return Order(
        state=state,
        placed_at=None if state is OrderState.UNKNOWN else at,
        at=at,
        currency=draw(st.sampled_from(["CNY", "CNY", "USD", "JPY"])),
        total=revenue,
        revenue=revenue,
        refunded=draw(amounts),
        shipping=draw(st.none() | amounts),
        tax=None,
        discount=None,
        lines=tuple(draw(st.lists(line, max_size=2))),
        problems=(),
    )


@st.composite
def events(draw: DrawFn, base: int) -> EventFact:
    """Draw an event; some are told twice."""
    properties = {
        "total": st.sampled_from([1, 2, 5, 7.5, 20, "5", "much", " "]),
        "cart_id": st.sampled_from(["c1", "c2", ""]),
        "when": st.one_of(near(base).map(_write_date), near(base).map(_write_moment)),
        "flag": st.booleans(),
        "tags": st.lists(st.sampled_from(["a", 2]), max_size=2),
    }
    said = {name: draw(values) for name, values in properties.items() if draw(st.booleans())}
    order = (draw(near(base)), draw(st.sampled_from(["s", "t"])), draw(st.sampled_from("123456789")))
    return EventFact(order, draw(st.sampled_from(NAMES)), draw(st.sampled_from(CHANNELS)), said)


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
    dates = st.one_of(near(base).map(_write_date), st.sampled_from(["1990-02-28", "1991-01-01"]))
    moments = near(base).map(_write_moment)
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
    dates, moments = near(base).map(_write_date), near(base).map(_write_moment)
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
        end = {"to": _write_moment(start + draw(st.integers(1, 8)) * 12 * HOUR)} if draw(st.booleans()) else {}
        return {"from": _write_moment(start), **end}
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
    who = st.one_of(
        namespaces.map(lambda name: {"hasIdentifier": name}),
        namespaces.map(lambda name: {"joinedBy": name}),
        st.sampled_from(["seg_1", "seg_2"]).map(lambda segment: {"inSegment": segment}),
        _SPAN.map(lambda span: {"knownFor": span}),
        st.sampled_from([0.1, 0.5, 1]).map(lambda share: {"share": {"of": share, "salt": "s"}}),
        consents,
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
