"""Stages of life: what each change follows from, and when."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.profiles.lifecycle import (
    DEFAULT_LIFECYCLE,
    LIFECYCLE_KEYS,
    Cause,
    LifecycleRules,
    LifecycleStage,
    LifeFacts,
    RhythmSource,
    StageChange,
    derive_stages,
    find_known_since,
    find_rhythm,
    read_lifecycle_rules,
)
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.yaml_sections import Problems, Section, compose
from identity_graph.errors import RulesError
from tests.properties import examples

DAY = 86_400_000_000
RULES = LifecycleRules(rhythm=20 * DAY, new_for=10 * DAY)
"""At risk 30 days after the last purchase, and churned 60 days after it, where the rhythm is that of the rules."""


def facts(*purchases: int, first_seen: int = 0, known_since: int | None = None) -> LifeFacts:
    return LifeFacts(
        first_seen * DAY, None if known_since is None else known_since * DAY, [day * DAY for day in purchases]
    )


def stages(
    life: LifeFacts, now: int, rules: LifecycleRules = RULES, rhythm: int | None = None
) -> list[tuple[int, str]]:
    changes = derive_stages(life, rules, now * DAY, None if rhythm is None else rhythm * DAY)
    return [(change.at // DAY, str(change.stage)) for change in changes]


def test_a_life_from_the_first_visit_to_the_loss_and_back() -> None:
    life = facts(10, 25, 90, 95, first_seen=1, known_since=5)
    assert stages(life, 1000, replace(RULES, own_rhythm_from=9)) == [
        (1, "ANONYMOUS"),
        (5, "POTENTIAL"),
        (10, "NEW"),
        (20, "ACTIVE"),
        (55, "AT_RISK"),
        (85, "CHURNED"),
        (90, "RETURNED"),
        (95, "LOYAL"),
        (125, "AT_RISK"),
        (155, "CHURNED"),
    ]
    assert stages(life, 19)[-1] == (10, "NEW")
    assert stages(life, 20)[-1] == (20, "ACTIVE")


def test_somebody_may_be_known_or_buy_at_once() -> None:
    assert stages(facts(known_since=0), 9) == [(0, "POTENTIAL")]
    assert stages(facts(0, known_since=0), 9) == [(0, "NEW")]
    assert stages(facts(3, first_seen=3, known_since=7), 9) == [(3, "NEW")]
    assert stages(facts(first_seen=5), 9) == [(5, "ANONYMOUS")]
    assert stages(facts(first_seen=5), 1) == [(5, "ANONYMOUS")], "a clock that is behind"


def test_what_is_long_ago_depends_on_the_own_rhythm() -> None:
    often = facts(0, 10, 20, 30)
    assert stages(often, 99)[-3:] == [(30, "LOYAL"), (45, "AT_RISK"), (60, "CHURNED")]
    (*_, last) = derive_stages(often, RULES, 99 * DAY)
    assert (last.rhythm, last.rhythm_source, last.purchases, last.last_purchase) == (
        10 * DAY,
        RhythmSource.OWN,
        4,
        30 * DAY,
    )
    assert stages(facts(0, 1, 2, 3), 99)[-1] == (24, "CHURNED"), "no rhythm is shorter than seven days"


def test_before_there_is_an_own_rhythm_that_of_the_population_counts() -> None:
    assert stages(facts(0), 999, rhythm=40)[-2:] == [(60, "AT_RISK"), (120, "CHURNED")]
    assert derive_stages(facts(0), RULES, 0, 40 * DAY)[-1].rhythm_source is RhythmSource.POPULATION
    assert derive_stages(facts(0), RULES, 0)[-1].rhythm_source is RhythmSource.RULES


def test_who_is_new_for_longer_than_the_rhythm_is_never_active() -> None:
    assert stages(facts(0), 999, replace(RULES, new_for=30 * DAY)) == [(0, "NEW"), (30, "AT_RISK"), (60, "CHURNED")]


def test_who_buys_at_once_again_is_active() -> None:
    assert stages(facts(0, 0), 5) == [(0, "ACTIVE")]


def test_a_change_says_why() -> None:
    changes = derive_stages(facts(10, first_seen=1, known_since=5), RULES, 999 * DAY)
    assert [change.reason for change in changes] == [
        "First seen, not known by more than a cookie or a device.",
        "Known by an identifier of a person, and no purchase yet.",
        "The 1st purchase; the rhythm that the catalogue assumes is 20 days.",
        "1 purchase, the last one 10 days before; the rhythm that the catalogue assumes is 20 days.",
        "1 purchase, the last one 30 days before; the rhythm that the catalogue assumes is 20 days.",
        "1 purchase, the last one 60 days before; the rhythm that the catalogue assumes is 20 days.",
    ]
    for number, said in ((2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (101, "101st")):
        bought = StageChange(DAY, LifecycleStage.LOYAL, Cause.PURCHASE, number, DAY, DAY, RhythmSource.OWN)
        assert bought.reason.startswith(f"The {said} purchase; the customer's own rhythm")
    own = StageChange(DAY, LifecycleStage.AT_RISK, Cause.TIME, 4, 0, DAY, RhythmSource.OWN)
    assert own.reason == (
        "4 purchases, the last one 1 day before; the customer's own rhythm (median gap between purchases) is 1 day."
    )


@pytest.mark.parametrize(("days", "rhythm"), [((), None), ((5,), None), ((0, 10), 10), ((0, 10, 14), 7)])
def test_a_rhythm_is_the_median_gap(days: Sequence[int], rhythm: int | None) -> None:
    assert find_rhythm([day * DAY for day in days]) == (None if rhythm is None else rhythm * DAY)


@examples(100)
@given(
    purchases=st.lists(st.integers(0, 300), max_size=8).map(sorted),
    first_seen=st.integers(0, 100),
    known_since=st.none() | st.integers(0, 300),
    now=st.integers(0, 600),
    rhythm=st.none() | st.integers(1, 90),
)
def test_a_life_goes_on_as_it_was_told_before(
    purchases: list[int], first_seen: int, known_since: int | None, now: int, rhythm: int | None
) -> None:
    first_seen = min([first_seen, *purchases[:1], *([] if known_since is None else [known_since])])
    life = facts(*purchases, first_seen=first_seen, known_since=known_since)
    population = None if rhythm is None else rhythm * DAY
    told = derive_stages(life, RULES, 10_000 * DAY, population)
    assert [change.at for change in told] == sorted({change.at for change in told})
    assert all(before.stage != after.stage for before, after in pairwise(told))
    known = [change for change in told if change.at <= now * DAY]
    assert derive_stages(life, RULES, now * DAY, population) == (
        known or [StageChange(first_seen * DAY, LifecycleStage.ANONYMOUS, Cause.SEEN, 0)]
    )
    if purchases:
        assert told[-1].stage is LifecycleStage.CHURNED


def read(text: str) -> LifecycleRules:
    problems = Problems("catalogue.yaml")
    rules = read_lifecycle_rules(Section(problems, compose(text, problems), "lifecycle", LIFECYCLE_KEYS))
    problems.raise_if_any()
    return rules


def test_a_cookie_a_device_and_an_advertising_id_make_nobody_known() -> None:
    seen = [("anonymous_id", 1), ("device_id", 2), ("ad_id", 3), ("coat_size", 4), ("phone", 6), ("user_id", 5)]
    identity = load_preset()
    assert find_known_since(seen, RULES, identity) == 5
    assert find_known_since(seen[:4], RULES, identity) is None
    assert find_known_since(seen, replace(RULES, anonymous=("user_id",)), identity) == 3


def test_thresholds_are_read() -> None:
    assert read("anonymous: [ad_id, phone]").anonymous == ("ad_id", "phone")
    assert read("anonymous: []").anonymous == ()
    assert read("{}") == DEFAULT_LIFECYCLE
    assert read("{new_for: P10D, loyal_from: 3, at_risk_after: 2, churned_after: '4.5'}") == LifecycleRules(
        new_for=10 * DAY, loyal_from=3, at_risk_after=Decimal(2), churned_after=Decimal("4.5")
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("at_risk_after: often", "lifecycle.at_risk_after: expected a number above zero"),
        ("at_risk_after: 0", "lifecycle.at_risk_after: expected a number above zero"),
        ("at_risk_after: 4", "lifecycle.at_risk_after: churned_after must be above at_risk_after"),
        ("churned_after: 1", "lifecycle.churned_after: churned_after must be above at_risk_after"),
        ("anonymous: ad_id", "lifecycle.anonymous: expected a list of namespaces"),
        ("anonymous: [{}]", "lifecycle.anonymous: expected a list of namespaces"),
        ("rhythm: soon", "lifecycle.rhythm: expected an ISO 8601 duration"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(RulesError) as raised:
        read(text)
    assert problem in str(raised.value)
    assert len(raised.value.facts["problems"]) == 1
