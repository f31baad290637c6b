"""Data quality: numbers put together, and what stands out in them."""

from typing import Any

import pytest

from identity_graph.domain.health.event_names import Likeness, SimilarNames
from identity_graph.domain.health.findings import Level
from identity_graph.domain.health.quality import (
    DataQuality,
    Sample,
    SampledCustomer,
    SampledValue,
    SourceVolume,
    TraitClaims,
    TraitQuality,
    TraitSample,
    join_traits,
    sum_up_sample,
)
from identity_graph.domain.health.quality_findings import SHOWN, find_quality_findings
from identity_graph.domain.health.volumes import Volume
from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.quality import STALE_DAYS
from identity_graph.domain.values.instants import DAY

NOW = 20_000 * DAY
OLD = NOW - (STALE_DAYS + 1) * DAY
CATALOGUE: Catalogue = parse_catalogue(
    "traits: {age: {type: integer}, size: {type: text, values: [s, m]}, n: {policy: sum, type: integer}}"
)
NOT_SAMPLED = TraitSample()
EMPTY = Sample(NOW, 0, True, {}, {})
USUAL = Volume(19_999, 100, 100.0, 4)


def claims(name: str = "age", **numbers: Any) -> TraitClaims:
    given: dict[str, Any] = {
        "claims": 0,
        "deletions": 0,
        "misfits": 0,
        "unsuited": 0,
        "too_large": 0,
        "newest": NOW,
        "misfit": None,
    }
    return TraitClaims("crm", name, **{**given, **numbers})


def trait(name: str = "age", sampled: TraitSample = NOT_SAMPLED, **numbers: Any) -> TraitQuality:
    return TraitQuality(CATALOGUE.trait(name), claims(name, **numbers), sampled)


def found(**parts: Any) -> list[tuple[Level, str, str]]:
    quality = DataQuality(counted_at=NOW, first_day=1, sample=EMPTY, **parts)
    return [(one.level, one.code, one.title) for one in find_quality_findings(quality)]


def source(volume: Volume = USUAL, accepted: int = 100, repeated: int = 0) -> SourceVolume:
    return SourceVolume("web", accepted, repeated, 19_999, volume)


def test_the_share_of_values_that_count_leaves_deletions_out() -> None:
    one = claims(claims=10, deletions=2, misfits=1, unsuited=1, too_large=2)
    assert (one.values, one.fitting, one.validity) == (8, 4, 0.5)
    assert claims(claims=2, deletions=2).validity is None


def test_a_sample_counts_for_each_source_the_customers_that_it_told_of() -> None:
    ann = SampledCustomer(
        frozenset({"web", "till"}), [SampledValue("age", "crm", NOW), SampledValue("city", "web", OLD)]
    )
    bob = SampledCustomer(frozenset({"web"}), [])
    cleo = SampledCustomer(frozenset({"web"}), [SampledValue("city", "web", NOW - DAY)])
    sample = sum_up_sample([ann, bob, cleo], NOW, is_all=True)
    assert (sample.customers, sample.is_all, sample.told) == (3, True, {"web": 3, "till": 1, "crm": 1})
    assert sample.trait("crm", "age") == TraitSample(1, 1, 1, 0, NOW)
    assert sample.trait("web", "age") == TraitSample(3, 1, 0, 0, None)
    assert sample.trait("web", "city") == TraitSample(3, 2, 2, 1, NOW - DAY)
    assert sample.trait("web", "coat") == TraitSample(customers=3)
    assert sample.trait("fax", "coat") == TraitSample()
    assert (sample.trait("web", "city").completeness, sample.trait("web", "city").stale_share) == (2 / 3, 0.5)
    assert (TraitSample().completeness, TraitSample().stale_share) == (None, None)


def test_traits_are_those_that_a_source_told_of_lately_or_gave_the_value_of() -> None:
    sample = sum_up_sample([SampledCustomer(frozenset({"web"}), [SampledValue("city", "till", OLD)])], NOW, is_all=True)
    joined = join_traits([claims(claims=1)], sample, CATALOGUE)
    assert [(one.counted.source, one.counted.name, one.counted.claims, one.sampled.own) for one in joined] == [
        ("crm", "age", 1, 0),
        ("till", "city", 0, 1),
    ]
    assert joined[1].counted.newest is None


@pytest.mark.parametrize(
    ("one", "level", "title"),
    [
        (
            trait(claims=21, deletions=1, misfits=5, misfit="evt_1"),
            Level.ACT,
            '5 of 20 values of the trait "age" from "crm" do not count: most of them do not fit the type integer.',
        ),
        (
            trait("size", claims=40, misfits=3),
            Level.LOOK,
            '3 of 40 values of the trait "size" from "crm" do not count: most of them do not fit the type text and the allowed values.',
        ),
        (
            trait("n", claims=40, unsuited=40),
            Level.ACT,
            '40 of 40 values of the trait "n" from "crm" do not count: most of them cannot be used with the policy sum.',
        ),
        (
            trait("note", claims=40, too_large=3),
            Level.LOOK,
            '3 of 40 values of the trait "note" from "crm" do not count: most of them are too large.',
        ),
    ],
)
def test_values_that_do_not_count_ask_for_a_look_and_many_for_an_act(
    one: TraitQuality, level: Level, title: str
) -> None:
    assert found(traits=[one]) == [(level, "values_do_not_fit", title)]


@pytest.mark.parametrize(
    "one", [trait(claims=19, misfits=19), trait(claims=40, misfits=2), trait(claims=0), trait(claims=40, deletions=40)]
)
def test_few_values_and_few_that_do_not_count_are_no_finding(one: TraitQuality) -> None:
    assert found(traits=[one]) == []


def test_the_event_of_a_value_that_does_not_fit_is_named() -> None:
    quality = DataQuality(
        counted_at=NOW, first_day=1, sample=EMPTY, traits=[trait(claims=20, misfits=20, misfit="evt_1")]
    )
    (finding,) = find_quality_findings(quality)
    assert finding.advice.endswith("One is in the event evt_1.")


def test_a_source_that_is_silent_or_sends_more_than_usual_asks_for_a_look() -> None:
    assert found(sources=[source(Volume(19_999, 0, 100.0, 4))]) == [
        (Level.LOOK, "source_silent", '"web" sent nothing on 2024-10-03; 100 messages are usual on that weekday.')
    ]
    assert found(sources=[source(Volume(19_999, 1500, 100.0, 4)), source()]) == [
        (
            Level.LOOK,
            "volume_unusual",
            '"web" sent 1,500 new messages on 2024-10-03; 100 are usual on that weekday.',
        )
    ]
    assert found(sources=[source(Volume(19_999, 30, None, 1)), source(Volume(19_999, 0, 0.0, 4))]) == []


def test_many_repeats_ask_for_a_look() -> None:
    assert found(sources=[source(repeated=300)]) == [
        (Level.LOOK, "many_repeats", '75% of the messages of "web" in the last 35 days repeat one that is known.')
    ]
    assert found(sources=[source(accepted=80, repeated=20), source(accepted=1, repeated=18)]) == []


def test_names_that_may_be_one_ask_for_a_look_and_the_last_that_is_told_says_how_many_more_there_are() -> None:
    alike = [SimilarNames((f"A{n}", f"a{n}"), Likeness.SPELLING) for n in range(SHOWN + 2)]
    quality = DataQuality(counted_at=NOW, first_day=1, sample=EMPTY, similar_names=alike)
    findings = find_quality_findings(quality)
    assert findings[0].title == 'These names of events may be one: "A0", "a0".'
    assert len(findings) == SHOWN
    assert ["more of this kind" in one.advice for one in findings] == [False] * (SHOWN - 1) + [True]
    assert "There are 2 more of this kind: see `dataQuality`." in findings[-1].advice


def test_values_of_a_source_that_are_old_ask_for_a_look() -> None:
    old = trait(sampled=TraitSample(30, 30, 20, 11, NOW))
    assert found(traits=[old]) == [
        (
            Level.LOOK,
            "stale_values",
            '55% of the values of the trait "age" from "crm" were told more than 365 days ago.',
        )
    ]
    assert (
        found(traits=[trait(sampled=TraitSample(30, 30, 20, 10, NOW)), trait(sampled=TraitSample(19, 19, 19, 19, OLD))])
        == []
    )


def test_what_asks_for_an_act_comes_first() -> None:
    levels = [
        level
        for level, _, _ in found(
            sources=[source(repeated=300)], traits=[trait(claims=20, misfits=2), trait(claims=20, misfits=20)]
        )
    ]
    assert levels == [Level.ACT, Level.LOOK, Level.LOOK]
