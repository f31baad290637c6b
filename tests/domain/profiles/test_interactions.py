"""The part ``interactions`` of a catalogue, read with the line of each problem."""

import pytest

from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.interactions import EVENTS, Interaction, InteractionRules
from identity_graph.errors import CatalogueError


def read(entry: str) -> InteractionRules:
    return parse_catalogue(f"format: 1\ninteractions: {entry}\n").interactions


def test_what_is_not_said_is_as_by_default() -> None:
    assert read("{}").events == EVENTS
    assert InteractionRules().names_of(Interaction.SERVICE, Interaction.SURVEY) == [
        "Call Made",
        "Call Received",
        "Live Chat Conversation Started",
        "Survey Answered",
    ]


def test_a_kind_that_is_named_has_the_events_that_are_listed_and_no_others() -> None:
    rules = read("{survey: [Asked, Told], review: [Rated]}")
    assert rules.names_of(Interaction.SURVEY) == ["Asked", "Told"]
    assert "Product Reviewed" not in rules.events
    assert rules.events["Email Opened"] is Interaction.EMAIL_OPENED


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{surveys: [x]}", "interactions.surveys: unknown key"),
        ("{survey: x}", "interactions.survey: expected a list of names of events, got 'x'"),
        ("{survey: []}", "interactions.survey: expected a list of names of events, got a list"),
        ("{survey: [[x]]}", "interactions.survey: expected a list of names of events"),
        ("{survey: [x], review: [x]}", "interactions.review: 'x' is an event of survey, too"),
        ("{service: [Survey Answered]}", "interactions.survey: 'Survey Answered' is an event of service, too"),
    ],
)
def test_each_problem_is_named_with_its_line(entry: str, problem: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        read(entry)
    (found,) = caught.value.facts["problems"]
    assert found.startswith(f"catalogue:2: {problem}"), found
