"""Paths of events and of visits."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.analysis import bounds
from identity_graph.domain.analysis.journeys import DIRECT, EXPOSURE, REST, Dimension, Step
from identity_graph.domain.analysis.paths import PathCounts, PathsQuery, find_path
from identity_graph.domain.segments.rule_tree import EventRule
from identity_graph.errors import InvalidInputError
from tests.properties import examples
from tests.worlds.analysis import step, visit
from tests.worlds.segment_facts import DAY, NOW, TERMS, make_sheet

A, B, C = (EventRule(event=name) for name in "ABC")


def journey(names: str) -> list[Step]:
    """Make a journey of events, one a day; a blank one is an event of the future."""
    return [step(len(names) - number, name) for number, name in enumerate(names)]


def path(way: str | list[Step], **asked: Any) -> str:
    steps = journey(way) if isinstance(way, str) else way
    sheet = make_sheet(events=[one.event for one in steps])
    return " ".join(find_path(PathsQuery(**asked), steps, sheet, TERMS, NOW))


def test_repeats_are_one_step_unless_they_are_wanted() -> None:
    assert path("AABBA") == "A B A"
    assert path("AABBA", collapse=False) == "A A B B A"


def test_of_a_longer_way_the_first_steps_count_and_the_last_ones_where_only_the_end_is_given() -> None:
    assert path("ABCAB", length=3) == "A B C"
    assert path("ABABC", length=3, ends_with=C) == "A B C"
    assert path("ABABC", length=3, starts_with=A, ends_with=C) == "A B A"


def test_from_an_event_and_to_an_event() -> None:
    assert path("CABAC", starts_with=A) == "A B A C"
    assert path("CABCA", ends_with=C) == "C"
    assert path("CABCA", starts_with=A, ends_with=C) == "A B C"
    assert path("AAB", starts_with=A, ends_with=A) == "A"
    assert path("AAB", starts_with=A, ends_with=A, collapse=False) == "A A"
    assert path("BB", starts_with=A) == path("BA", starts_with=A, ends_with=C) == path("", ends_with=C) == ""


def test_only_some_events_count_and_the_ends_in_any_case() -> None:
    assert path("ABCB", names=frozenset("B")) == "B"
    assert path("ABCBA", names=frozenset("B"), starts_with=A, ends_with=C) == "A B C"


def test_only_what_happened_in_a_time_and_by_now() -> None:
    steps = [*journey("ABC"), step(-1, "D")]
    assert path(steps) == "A B C"
    assert path(steps, start=NOW - 2 * DAY, end=NOW - DAY) == "B"


def test_paths_of_visits() -> None:
    ad, direct, quiet = visit(3, "cpc"), visit(2), visit(1, name=EXPOSURE)
    steps = [step(3, "A", ad), step(2.9, "B", ad), step(2, "A", direct), step(1.5, "B", ad), step(1, "C", quiet)]
    assert path(steps, by=Dimension.MEDIUM) == f"cpc {DIRECT}"
    assert path(steps, by=Dimension.CHANNEL) == "WEB"
    assert path(steps, by=Dimension.MEDIUM, starts_with=EventRule(event="B"), collapse=False) == f"cpc {DIRECT}"


@examples(60)
@given(st.lists(st.text("ABC", max_size=4)), st.integers(1, 5))
def test_what_is_listed_and_the_rest_are_all_customers(customers: list[str], first: int) -> None:
    counts = PathCounts()
    for names in customers:
        counts.add(tuple(names))
    found = counts.most_frequent(first)
    expected = Counter(names for names in customers if names)
    assert sum(one.customers for one in found) == expected.total()
    assert sum(one.share for one in found) == pytest.approx(1 if expected else 0)
    listed = [one for one in found if not one.is_rest]
    assert [one.customers for one in listed] == [count for _, count in expected.most_common(first)]
    assert all(one.customers == expected["".join(one.steps)] for one in listed)
    assert [one.steps for one in found if one.is_rest] == ([(REST,)] if len(expected) > first else [])


def test_there_is_a_bound_of_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_KINDS", 1)
    counts = PathCounts()
    counts.add(("A",))
    with pytest.raises(InvalidInputError, match="different paths"):
        counts.add(("B",))
