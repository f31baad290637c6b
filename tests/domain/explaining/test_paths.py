"""Paths: the fewest steps, of those the strongest, of those the newest, of those the first by key."""

import pytest

from identity_graph.domain.explaining.paths import JUDGED, PathStep, Tier, find_path

STRONG: Tier = (1, "")
WEAK: Tier = (4, "")


def step(a: str, b: str, tier: Tier = STRONG, at: int = 1) -> PathStep:
    return PathStep((min(a, b), max(a, b)), tier, at)


def way(*steps: PathStep, start: str = "a", end: str = "z") -> str:
    keys = start
    for found in find_path(steps, start, end):
        keys += found.pair[1] if found.pair[0] == keys[-1] else found.pair[0]
    return keys


def test_the_fewest_steps_are_best() -> None:
    assert way(step("a", "b"), step("b", "z"), step("a", "z", WEAK)) == "az"


@pytest.mark.parametrize("turn", [1, -1])
def test_of_equally_long_ways_the_one_with_the_strongest_weakest_step_is_taken(turn: int) -> None:
    weak = [step("a", "b", JUDGED), step("b", "z", WEAK)]
    strong = [step("a", "c", STRONG), step("c", "z", STRONG)]
    assert way(*[*weak, *strong][::turn]) == "acz"


@pytest.mark.parametrize("turn", [1, -1])
def test_of_equally_strong_ways_the_one_whose_oldest_step_is_newest_is_taken(turn: int) -> None:
    old = [step("a", "b", at=9), step("b", "z", at=1)]
    new = [step("a", "c", at=2), step("c", "z", at=2)]
    assert way(*[*old, *new][::turn]) == "acz"


@pytest.mark.parametrize("turn", [1, -1])
def test_of_equally_new_ways_the_first_by_key_is_taken(turn: int) -> None:
    steps = [step("a", "c"), step("c", "z"), step("a", "b"), step("b", "z")]
    assert way(*steps[::turn]) == "abz"


def test_there_may_be_no_way() -> None:
    assert find_path([step("a", "b"), step("y", "z")], "a", "z") == []


def test_no_step_leads_from_a_key_to_itself() -> None:
    assert find_path([step("a", "b")], "a", "a") == []
