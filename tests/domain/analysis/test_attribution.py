"""Attribution: every model as it is known, and shares that add up to the whole."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.analysis import bounds
from identity_graph.domain.analysis.attribution import NO_VISIT, Attribution, AttributionQuery, AttributionRow
from identity_graph.domain.analysis.conversions import Conversion
from identity_graph.domain.analysis.journeys import DIRECT, EXPOSURE, NOT_SET, REST, Dimension, Visit
from identity_graph.domain.analysis.models import Model, credit, weigh
from identity_graph.domain.analysis.units import UNIT, amount_of, units_of
from identity_graph.domain.profiles.commerce import CommerceRules
from identity_graph.domain.profiles.money import Money, Rates, round_amount
from identity_graph.domain.values.observations import Channel
from identity_graph.errors import InvalidInputError
from tests.properties import examples
from tests.worlds.analysis import asked, conversion, visit
from tests.worlds.segment_facts import DAY, NOW

PATH = [visit(3), visit(2, "organic"), visit(1)]
CNY = CommerceRules(reporting_currency="CNY", rates=Rates({"USD": ((0, Decimal(7)),)}))


def rows_of(
    query: AttributionQuery, *customers: tuple[list[Conversion], list[Visit]], commerce: CommerceRules = CNY
) -> dict[str, AttributionRow]:
    attribution = Attribution(query, commerce)
    for conversions, visits in customers:
        attribution.add(conversions, visits)
    return {row.key: row for row in attribution.rows()}


def values(rows: dict[str, AttributionRow]) -> dict[str, list[str]]:
    return {key: [f"{one.value.amount}" for one in row.credits] for key, row in rows.items()}


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        (Model.FIRST, ["140.00", "0.00", "0.00"]),
        (Model.LAST, ["0.00", "0.00", "140.00"]),
        (Model.LINEAR, ["46.67", "46.67", "46.67"]),
        (Model.POSITION, ["56.00", "28.00", "56.00"]),
    ],
)
def test_direct_organic_direct_with_140(model: Model, shown: list[str]) -> None:
    shares = credit(units_of(Decimal("140.00")), model, PATH, 7 * DAY)
    assert [f"{round_amount(amount_of(share), 'USD')}" for share in shares] == shown
    assert sum(shares) == units_of(Decimal("140.00"))


def test_rows_add_up() -> None:
    rows = rows_of(asked(Model.FIRST, Model.LAST, Model.LINEAR, Model.POSITION), ([conversion()], PATH))
    assert values(rows) == {
        DIRECT: ["140.00", "140.00", "93.33", "112.00"],
        "organic": ["0.00", "0.00", "46.67", "28.00"],
    }
    assert [one.share for one in rows[DIRECT].credits] == [1, 1, pytest.approx(2 / 3), 0.8]
    assert rows[DIRECT].credits[3].conversions == Decimal("0.8")


@pytest.mark.parametrize(
    ("count", "weights"),
    [(1, [1]), (2, [1, 1]), (3, [2, 1, 2]), (4, [4, 1, 1, 4]), (6, [8, 1, 1, 1, 1, 8])],
)
def test_position_gives_40_20_40(count: int, weights: list[int]) -> None:
    visits = [visit(count - number) for number in range(count)]
    assert weigh(Model.POSITION, visits, DAY) == weights
    if count > 2:
        assert Fraction(weights[0], sum(weights)) == Fraction(weights[-1], sum(weights)) == Fraction(2, 5)


def test_with_time_decay_a_visit_weighs_half_after_a_half_life() -> None:
    rows = rows_of(asked(Model.TIME_DECAY), ([conversion()], [visit(15, "a"), visit(8, "b"), visit(1, "c")]))
    assert values(rows) == {"c": ["80.00"], "b": ["40.00"], "a": ["20.00"]}


def test_a_very_old_visit_weighs_nothing_and_the_last_one_still_counts() -> None:
    query = asked(Model.TIME_DECAY)
    shares = credit(UNIT, Model.TIME_DECAY, [visit(30_000), visit(20_000)], query.half_life.micros)
    assert shares == [0, UNIT]


def test_only_visits_that_are_looked_back_to_count() -> None:
    visits = [visit(31, "old"), visit(30, "just"), visit(-1, "later")]
    rows = rows_of(asked(Model.LINEAR), ([conversion()], visits))
    assert values(rows) == {"just": ["140.00"]}


def test_without_a_visit_a_conversion_is_listed_all_the_same() -> None:
    rows = rows_of(asked(Model.LAST), ([conversion()], [visit(40, "ads")]), ([conversion()], [visit(2, "ads")]))
    assert values(rows) == {NO_VISIT: ["140.00"], "ads": ["140.00"]}
    assert (rows[NO_VISIT].visits, rows[NO_VISIT].assisted) == (0, 1)


def test_direct_visits_get_nothing_where_there_is_another() -> None:
    query = asked(Model.LAST, skip_direct=True)
    assert values(rows_of(query, ([conversion()], PATH))) == {"organic": ["140.00"], DIRECT: ["0.00"]}
    assert values(rows_of(query, ([conversion()], [visit(1)]))) == {DIRECT: ["140.00"]}


def test_a_visit_that_begins_with_an_order_or_an_exposure_is_none() -> None:
    own = Conversion(NOW, Money(Decimal(1), "CNY"), event=visit(0.5, "sms").begun)
    visits = [visit(2, "ads"), visit(1, name="Order Updated"), visit(0.7, name=EXPOSURE), visit(0.5, "sms")]
    assert values(rows_of(asked(Model.LAST), ([own], visits))) == {"ads": ["1.00"]}


def test_visits_of_some_channels_and_conversions_of_a_time() -> None:
    query = asked(Model.LAST, channels=frozenset({Channel.APP}), start=NOW - DAY, end=NOW, by=Dimension.CHANNEL)
    visits = [visit(3, channel="APP"), visit(2)]
    found = rows_of(query, ([conversion(0), conversion(0.5, "5"), conversion(1, "7"), conversion(1.1)], visits))
    assert values(found) == {"APP": ["12.00"]}


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        (Dimension.SOURCE, {"bing", NOT_SET, DIRECT}),
        (Dimension.MEDIUM, {"cpc", NOT_SET, DIRECT}),
        (Dimension.CAMPAIGN, {NOT_SET, "spring", DIRECT}),
        (Dimension.CHANNEL, {"WEB"}),
    ],
)
def test_visits_are_told_apart_by_a_dimension(by: Dimension, keys: set[str]) -> None:
    visits = [visit(3, "cpc", source="bing"), visit(2, campaign="spring"), visit(1)]
    assert rows_of(asked(by=by), ([conversion()], visits)).keys() == keys


def test_amounts_are_given_in_the_reporting_currency() -> None:
    conversions = [conversion(0, "10", "USD"), conversion(0, "1", "CNY"), conversion(0, "9", "EUR")]
    (row,) = rows_of(asked(Model.LAST), (conversions, [visit(1, "ads")])).values()
    assert (row.credits[0].value, row.credits[0].conversions) == (Money(Decimal("71.00"), "CNY"), 3)
    assert row.unconverted == 1


def test_without_a_reporting_currency_that_of_most_conversions_is_taken() -> None:
    conversions = [
        conversion(0, "1", "???"),
        conversion(0, "1", "???"),
        conversion(0, "5", "EUR"),
        conversion(0, "3", "USD"),
    ]
    (row,) = rows_of(asked(Model.LAST), (conversions, [visit(1)]), commerce=CommerceRules()).values()
    assert (row.credits[0].value, row.unconverted) == (Money(Decimal("5.00"), "EUR"), 3)
    assert Attribution(asked(), CommerceRules()).rows() == []


def test_what_is_not_listed_is_summed_up() -> None:
    customers = [([conversion(0, f"{number}")], [visit(1, f"m{number}")]) for number in range(1, 5)]
    rows = rows_of(asked(Model.LAST, first=2), *customers)
    assert values(rows) == {"m4": ["4.00"], "m3": ["3.00"], REST: ["3.00"]}
    assert (rows[REST].visits, rows[REST].assisted, rows[REST].credits[0].conversions) == (2, 2, 2)


def test_conversions_without_a_value_have_shares_of_conversions() -> None:
    (a, b) = rows_of(asked(Model.LINEAR), ([conversion(0, "0")], [visit(2, "a"), visit(1, "b")])).values()
    assert [one.credits[0].share for one in (a, b)] == [0.5, 0.5]


def test_there_is_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_KINDS", 1)
    with pytest.raises(InvalidInputError, match="more than 1 kinds of visits"):
        rows_of(asked(), ([conversion()], [visit(1, "a"), visit(2, "b")]))


VISITS = st.lists(
    st.builds(visit, st.sampled_from([0.5, 1, 2, 5, 8, 29, 31]), st.sampled_from([None, "ads", "mail", "organic"])),
    max_size=6,
    unique_by=lambda one: one.at,
).map(lambda visits: sorted(visits, key=lambda one: one.begun))
CONVERSIONS = st.lists(
    st.builds(
        conversion,
        st.sampled_from([0, 0.75, 3]),
        st.decimals(0, 1000, places=2).map(str),
        st.just("CNY"),
    ),
    max_size=3,
)


def naive_shares(model: Model, visits: list[Visit]) -> list[Fraction]:
    """Read the models as they are described, with fractions."""
    count = len(visits)
    if model is Model.FIRST:
        return [Fraction(number == 0) for number in range(count)]
    if model is Model.LAST:
        return [Fraction(number == count - 1) for number in range(count)]
    if model is Model.LINEAR or (model is Model.POSITION and count < 3):
        return [Fraction(1, count)] * count
    if model is Model.POSITION:
        return [Fraction(2, 5) if number in {0, count - 1} else Fraction(1, 5) / (count - 2) for number in range(count)]
    weights = [Fraction(2.0 ** ((visit.at - NOW) / (7 * DAY))) for visit in visits]
    return [weight / sum(weights) for weight in weights]


@examples(60)
@given(st.lists(st.tuples(CONVERSIONS, VISITS), max_size=4), st.booleans())
def test_rows_are_what_a_plain_reading_gives(
    customers: list[tuple[list[Conversion], list[Visit]]], skip_direct: bool
) -> None:
    for model in Model:
        rows = rows_of(asked(model, skip_direct=skip_direct), *customers)
        expected: defaultdict[str, Fraction] = defaultdict(Fraction)
        for conversions, visits in customers:
            for one in conversions:
                before = [visit for visit in visits if one.at - 30 * DAY <= visit.at <= one.at]
                if skip_direct and any(not visit.is_direct for visit in before):
                    before = [visit for visit in before if not visit.is_direct]
                keys = [visit.medium or DIRECT for visit in before] or [NO_VISIT]
                for key, share in zip(keys, naive_shares(model, before) if before else [Fraction(1)], strict=True):
                    expected[key] += share * Fraction(one.worth.amount)
        whole = sum((one.worth.amount for conversions, _ in customers for one in conversions), Decimal(0))
        assert sum(row.credits[0].value.amount for row in rows.values()) == round_amount(whole, "CNY")
        assert sum(row.credits[0].conversions for row in rows.values()) == sum(len(own) for own, _ in customers)
        for key, row in rows.items():
            assert abs(Fraction(row.credits[0].value.amount) - expected[key]) < Fraction(1, 50)
