"""The quality of a profile: what is expected, who it is, what fits, and what is not too old."""

import pytest

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.file import load_catalogue, parse_catalogue
from identity_graph.domain.profiles.quality import (
    STALE_DAYS,
    WEIGHTS,
    CheckedClaims,
    QualityPart,
    is_stale,
    rate_profile,
    score_of,
)
from identity_graph.domain.rules.file import load_preset
from identity_graph.domain.values.instants import DAY

NOW = 20_000 * DAY
RULES = load_preset()
NOTHING_SAID = CheckedClaims()
CATALOGUE = parse_catalogue("traits: {email: {expected: true}, city: {expected: true}, colour: {}}")


def rate(
    *,
    namespaces: tuple[str, ...] = ("user_id",),
    values: dict[str, int] | None = None,
    claims: CheckedClaims = NOTHING_SAID,
    catalogue: Catalogue = CATALOGUE,
) -> list[QualityPart]:
    return rate_profile(namespaces, values or {}, claims, RULES, catalogue, NOW)


def test_a_full_profile_has_all() -> None:
    parts = rate(values={"email": NOW, "city": NOW, "colour": NOW}, claims=CheckedClaims(3, 3))
    assert [(part.name, part.score, part.weight) for part in parts] == [
        (name, 1.0, weight) for name, weight in WEIGHTS.items()
    ]
    assert score_of(parts) == 1.0
    assert sum(WEIGHTS.values()) == pytest.approx(1)


def test_what_is_missing_wrong_or_old_costs_its_part_and_is_named() -> None:
    old = NOW - STALE_DAYS * DAY - 1
    parts = rate(values={"email": old, "colour": NOW}, claims=CheckedClaims(4, 3))
    assert [part.reason for part in parts] == [
        "Expected traits that are known: 1 of 2. Missing: city.",
        "Known by user_id.",
        "Values that fit the catalogue: 3 of the newest 4 that sources sent.",
        "Values that were told in the last 365 days: 1 of 2.",
    ]
    assert score_of(parts) == pytest.approx(0.4 * 0.5 + 0.2 + 0.2 * 0.75 + 0.2 * 0.5)


def test_a_visitor_of_whom_nothing_is_known_has_nothing() -> None:
    parts = rate(namespaces=("anonymous_id",))
    assert [(part.name, part.score) for part in parts] == [("complete", 0.0), ("identified", 0.0)]
    assert parts[1].reason == "Only visits are known: nothing says who it is."
    assert score_of(parts) == 0.0
    assert score_of([]) == 0.0


def test_a_part_that_does_not_apply_counts_neither_way() -> None:
    parts = rate(values={"colour": NOW}, catalogue=parse_catalogue("traits: {}"))
    assert [part.name for part in parts] == ["identified", "fresh"]
    assert score_of(parts) == 1.0


def test_a_value_is_stale_after_a_year_to_the_moment() -> None:
    assert not is_stale(NOW - STALE_DAYS * DAY, NOW)
    assert is_stale(NOW - STALE_DAYS * DAY - 1, NOW)


def test_the_catalogue_that_ships_expects_what_most_programmes_ask_for() -> None:
    expected = {name for name, trait in load_catalogue().traits.items() if trait.expected}
    assert expected == {"name", "email", "phone", "gender", "birthday", "city"}
