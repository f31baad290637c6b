"""Experiments: who is given what, who was exposed to what, and what that comes to."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.analysis.assessment import CAUSES, Outcomes, Results, assess
from identity_graph.domain.analysis.experiments import HELD_OUT, ExperimentDraft, read_experiment
from identity_graph.domain.analysis.exposures import Exposed, Exposure, ExposureLog
from identity_graph.domain.analysis.statistics import Tally, check_ratio, newcombe
from identity_graph.domain.analysis.writing import write_experiment
from identity_graph.domain.values.instants import format_instant
from identity_graph.errors import InvalidInputError
from tests.properties import examples
from tests.worlds.segment_facts import DAY, NOW, TERMS

START, END = NOW - 20 * DAY, NOW - 10 * DAY
WRITTEN: dict[str, Any] = {
    "name": "Red button",
    "description": "Red or blue?",
    "variants": [{"name": "blue"}, {"name": "red"}],
    "from": format_instant(START),
    "to": format_instant(END),
    "window": "P7D",
    "conversion": {"did": {"event": "Paid"}},
}


def draft(**more: Any) -> ExperimentDraft:
    return read_experiment(WRITTEN | more, TERMS)


def problems_of(**more: Any) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        draft(**more)
    return caught.value.facts["problems"]


def test_an_experiment_is_written_as_it_is_read() -> None:
    for more in ({}, {"holdOut": 0.1, "salt": "s"}, {"conversion": {"did": {"event": "Paid"}, "value": "total"}}):
        one = draft(**more)
        assert read_experiment(write_experiment(one), TERMS) == one


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"variants": [{"name": "blue"}]}, "variants: one variant is no experiment; give at least two"),
        ({"variants": [{"name": "a"}, {"name": "a"}]}, "variants: each has a name of its own"),
        (
            {"variants": [{"name": "a"}, {"name": "b", "weight": 0}]},
            "at least one beside the first has a weight above 0",
        ),
        (
            {"variants": [{"name": HELD_OUT}, {"name": "b"}]},
            "variants[0].name: is what those are called who get no variant",
        ),
        ({"variants": []}, "variants: expected a list of variants"),
        ({"variants": ["a", "b"]}, "variants[0]: expected the fields name, weight"),
        ({"holdOut": 1}, "holdOut: expected a share from 0 on and below 1"),
        ({"holdOut": True}, "holdOut: expected a share from 0 on and below 1"),
        ({"to": format_instant(START)}, "to: must be after from"),
        ({"to": None}, "to: expected a moment"),
        ({"from": None}, "from: expected a moment"),
        ({"from": "soon"}, "from: must be ISO 8601"),
        ({"window": "P1M"}, "window: expected an ISO 8601 duration"),
        ({"conversion": None}, "conversion: expected"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(more: dict[str, Any], problem: str) -> None:
    assert any(problem in one for one in problems_of(**more)), problems_of(**more)


def test_variants_are_given_by_their_weights() -> None:
    one = draft(variants=[{"name": "blue", "weight": 3}, {"name": "red", "weight": 1}], holdOut=0.2)
    given = Counter(one.assign(f"user_id:{number}") for number in range(20_000))
    counts = [given[None], given["blue"], given["red"]]
    p = check_ratio(counts, [20, 60, 20])
    assert p is not None
    assert p > 0.001
    assert one.assign("user_id:1") == one.assign("user_id:1")
    assert draft(variants=[{"name": "blue", "weight": 0}, {"name": "red"}]).assign("user_id:1") == "red"


def test_another_salt_gives_others_independently() -> None:
    one, other = draft(), draft(salt="another")
    both = Counter((one.assign(f"user_id:{n}"), other.assign(f"user_id:{n}")) for n in range(20_000))
    assert min(both.values()) > 4_600
    assert one.salt == "Red button"


def test_another_name_or_end_gives_no_other_variants() -> None:
    assert draft(description="?", to=format_instant(NOW)).fixed == draft().fixed
    assert draft(holdOut=0.5).fixed != draft().fixed != draft(salt="x").fixed
    assert draft().decided_at == END + 7 * DAY


def exposure(customer: str | None, variant: object = "blue", *, ago: float = 15, **said: Any) -> Exposure:
    properties = {"experiment_id": "exp_1", "variation_id": variant} | said
    return Exposure(NOW - int(ago * DAY), customer, properties)


def logged(*exposures: Exposure) -> ExposureLog:
    log = ExposureLog(
        names=frozenset({"exp_1", "Red button"}), variants=frozenset({"blue", "red", "1"}), start=START, end=END
    )
    for one in exposures:
        log.add(one)
    return log


@pytest.mark.parametrize(
    "properties",
    [
        {"experiment_id": "exp_1", "variation_id": "red"},
        {"experiment_name": "Red button", "variation_name": "red"},
        {"experiment_id": 7, "experiment_name": "Red button", "variation_id": "17", "variation_name": "red"},
        {"experimentId": "exp_1", "variationId": "red"},
        {"experimentName": "Red button", "variationName": "red"},
    ],
)
def test_exposures_are_read_as_sdks_send_them(properties: dict[str, Any]) -> None:
    log = logged(Exposure(START, "cus_1", properties))
    assert log.customers == {"cus_1": Exposed("red", START)}


def test_ids_of_variations_may_be_numbers() -> None:
    assert logged(exposure("cus_1", 1)).customers["cus_1"].variant == "1"
    assert logged(exposure("cus_1", True)).unknown == logged(exposure("cus_1", "")).unknown == 1


def test_the_first_exposure_counts_and_two_variants_exclude() -> None:
    log = logged(exposure("a", ago=16), exposure("a", ago=15), exposure("b", "red"), exposure("b", "blue", ago=12))
    assert log.customers == {
        "a": Exposed("blue", NOW - 16 * DAY, times=2),
        "b": Exposed("red", NOW - 15 * DAY, times=2, in_two=True),
    }


def test_what_does_not_count_is_counted() -> None:
    log = logged(
        exposure("a", ago=20.1), exposure("a", ago=10), exposure("a", "green"), exposure(None),
        exposure("a", experiment_id="exp_2"), Exposure(START, "a", {}),
    )  # fmt: skip
    assert (log.early, log.late, log.unknown, log.nobody, log.customers) == (1, 1, 1, 1, {})


def run(*customers: tuple[str, int, list[int]], now: int = NOW, log: ExposureLog | None = None, **more: Any) -> Results:
    """Assess customers: each the variant, since when, and when they converted, in days before now."""
    outcomes = Outcomes(draft(**more), now)
    for variant, since, conversions in customers:
        outcomes.add(Exposed(variant, NOW - since * DAY), [NOW - ago * DAY for ago in conversions])
    return assess(draft(**more), log or logged(), outcomes, now)


def test_conversions_count_within_the_window_after_the_exposure() -> None:
    before, at_once, last, over = ("blue", 15, [16]), ("blue", 15, [15, 14]), ("blue", 15, [9]), ("blue", 15, [8])
    blue, red = run(before, at_once, last, over, ("red", 15, [])).variants
    assert (blue.customers, blue.conversions, blue.rate) == (4, 2, 0.5)
    assert (red.customers, red.conversions, red.open) == (1, 0, 0)


def test_variants_are_compared_with_the_first() -> None:
    results = run(
        *[("blue", 15, [14])] * 48, *[("blue", 15, [])] * 32, *[("red", 15, [14])] * 56, *[("red", 15, [])] * 14
    )
    blue, red = results.variants
    assert (blue.difference, blue.difference_interval, blue.p_value) == (None, None, None)
    assert red.difference == pytest.approx(0.2)
    assert red.difference_interval == newcombe(Tally(70, 56), Tally(80, 48))
    assert red.p_value == pytest.approx(0.0081, abs=2e-4)
    assert results.held_out is None


def test_who_is_held_out_is_shown_beside_the_variants() -> None:
    results = run(("blue", 15, [14]), (HELD_OUT, 15, []))
    assert results.held_out is not None
    assert (results.held_out.customers, results.held_out.rate, results.held_out.difference) == (1, 0, -1)
    assert results.variants[1].difference is None
    assert logged(exposure("a", HELD_OUT)).customers["a"].variant == HELD_OUT


def test_before_the_horizon_the_answer_says_that_looking_early_misleads() -> None:
    results = run(("blue", 15, []), now=NOW - 9 * DAY)
    assert not results.is_final
    assert any("Who looks early" in warning for warning in results.warnings)
    assert results.variants[0].open == 1
    late = run(("blue", 15, []), now=END + 7 * DAY)
    assert late.is_final
    assert late.warnings == ()


def test_another_split_than_the_weights_say_is_no_result_to_trust() -> None:
    results = run(*[("blue", 15, [])] * 100, *[("red", 15, [])] * 40)
    assert results.sample_ratio.is_mismatch
    assert results.sample_ratio.causes == CAUSES
    assert results.sample_ratio.causes[0].startswith("Lost exposures")
    assert "'red' has 40 where 70 were to be expected" in results.warnings[0]
    fine = run(*[("blue", 15, [])] * 100, *[("red", 15, [])] * 90)
    assert (fine.sample_ratio.is_mismatch, fine.sample_ratio.causes) == (False, ())


def test_what_is_left_out_is_said() -> None:
    log = logged(exposure("a"), exposure("a", "red"), exposure("b"), exposure("b"), exposure("c", "green"))
    results = run(log=log)
    assert (results.in_two, results.repeated, results.unknown) == (1, 2, 1)
    assert len(results.warnings) == 2


@examples(60)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["blue", "red"]), st.integers(8, 22)), max_size=8))
def test_exposures_are_what_a_plain_reading_gives(exposures: list[tuple[str, str, int]]) -> None:
    in_order = sorted(exposures, key=lambda one: -one[2])
    log = logged(*(exposure(customer, variant, ago=ago) for customer, variant, ago in in_order))
    counted = [one for one in in_order if START <= NOW - one[2] * DAY < END]
    assert log.customers.keys() == {customer for customer, _, _ in counted}
    for customer, known in log.customers.items():
        own = [one for one in counted if one[0] == customer]
        assert (known.variant, known.since, known.times) == (own[0][1], NOW - own[0][2] * DAY, len(own))
        assert known.in_two == (len({variant for _, variant, _ in own}) > 1)
