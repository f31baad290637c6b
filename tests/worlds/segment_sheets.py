"""Random customers whom rules of segments are asked of.

Times lie on a coarse grid around days that are long, short or leap, and durations are few, so that things meet on their edges.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from identity_graph.domain.consent.bars import Bar, Barred
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


BARS = [(Bar.RESTRICTED,), (Bar.NOT_PERSONALISED,), (Bar.DECEASED, Bar.NOT_PERSONALISED)]


@st.composite
def times(draw: DrawFn) -> int:
    """Draw a moment: on the grid, or right beside it."""
    base = (draw(st.sampled_from(BASES)) - EPOCH) // timedelta(microseconds=1)
    return base + draw(st.integers(-16, 16)) * 6 * HOUR + draw(st.sampled_from([0, 0, 0, -1, 1, HOUR, 7 * HOUR // 2]))


def near(base: int) -> SearchStrategy[int]:
    """Draw a moment near another one."""
    grid = st.integers(-20, 20).map(lambda steps: base + steps * 6 * HOUR)
    return st.one_of(grid, grid, st.tuples(grid, st.sampled_from([-1, 1, HOUR])).map(sum))


def write_moment(at: int) -> str:
    return (EPOCH + timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")


def write_date(at: int) -> str:
    return (EPOCH + timedelta(microseconds=at)).date().isoformat()


def values_of(base: int) -> dict[str, SearchStrategy[Any]]:
    """Give the values that each trait may have, some of them of another type."""
    dates = st.one_of(
        near(base).map(write_date),
        st.sampled_from(["1990-02-28", "1992-02-29", "1990-03-01", "1991-12-31", "1991-01-02"]),
    )
    moments = near(base).map(write_moment)
    numbers = st.sampled_from([0, 1, 2, 3, 2.5, "2"])
    texts = st.sampled_from(["a", "b", "ab", "A", "2", " "])
    return {
        "city": texts,
        "points": st.sampled_from([0, 1, 2, 3, "x"]),
        "weight": numbers,
        "member": st.booleans(),
        "birthday": dates,
        "country": st.sampled_from(["US", "US", "CN", "America"]),
        "renewed": moments,
        "tags": st.lists(st.sampled_from(["a", "b", 2]), max_size=2),
        "anything": st.one_of(dates, moments, numbers, texts, st.booleans(), st.just({})),
        "extra": st.one_of(texts, numbers),
    }


CONSENTS: list[tuple[str, Channel | None]] = [
    ("ads", None),
    ("ads", Channel.WEB),
    ("news", None),
    ("marketing", None),
    ("marketing", Channel.EMAIL),
    ("marketing", Channel.SMS),
    ("sharing", None),
]


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
            name: draw(_traits(values, base))
            for name, values in values_of(base).items()
            if draw(st.integers(0, 2)) != 0
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
                st.sampled_from(CONSENTS),
                st.builds(ConsentFact, st.sampled_from(ConsentState), at),
                max_size=3,
            )
        ),
        bars=tuple(Barred(bar, draw(at)) for bar in draw(st.sampled_from([(), (), *BARS]))),
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
        "when": st.one_of(near(base).map(write_date), near(base).map(write_moment)),
        "flag": st.booleans(),
        "tags": st.lists(st.sampled_from(["a", 2]), max_size=2),
    }
    said = {name: draw(values) for name, values in properties.items() if draw(st.booleans())}
    order = (draw(near(base)), draw(st.sampled_from(["s", "t"])), draw(st.sampled_from("123456789")))
    return EventFact(order, draw(st.sampled_from(NAMES)), draw(st.sampled_from(CHANNELS)), said)
