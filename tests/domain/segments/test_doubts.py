"""What is worth a look in a rule that could be saved."""

from typing import Any

import pytest

from identity_graph.domain.segments.doubts import doubt_names, doubt_size, events_named
from identity_graph.domain.segments.reading import read_rule

RULE = read_rule(
    {
        "any": [
            {"did": {"event": "Paid"}},
            {
                "sequence": {
                    "steps": [{"event": "Cart"}, {"event": "Paid"}],
                    "within": "P1D",
                    "without": {"event": "Back"},
                }
            },
            {"sequence": {"steps": [{"event": "Cart"}, {"event": "Seen"}], "within": "P1D"}},
            {"hasIdentifier": "phone"},
        ]
    }
)


def test_all_names_of_events_are_listed_once() -> None:
    assert events_named(RULE) == ("Paid", "Cart", "Back", "Seen")


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ({"Paid": 1, "Cart": 1, "Back": 1, "Seen": 1}, []),
        ({"Paid": 1, "paid ": 1, "Cart": 1, "Back": 1, "Seen": 1}, ["does not count those that are called 'paid '"]),
        ({"Paid": 1, "Cart": 1, "Back": 1, "Seem": 1}, ["in the last 9 days; did you mean 'Seem'?"]),
    ],
)
def test_names_that_nobody_sends_and_other_spellings_are_doubted(messages: dict[str, Any], words: list[str]) -> None:
    doubts = list(doubt_names(RULE, messages, 9))
    assert len(doubts) == len(words)
    assert all(word in doubt for word, doubt in zip(words, doubts, strict=True))


@pytest.mark.parametrize(
    ("size", "audience", "word"), [(0, 0, "audience"), (0, 5, "nobody"), (5, 5, "everybody"), (3, 5, None)]
)
def test_a_rule_that_divides_nobody_is_doubted(size: int, audience: int, word: str | None) -> None:
    doubts = list(doubt_size(size, audience))
    assert len(doubts) == (word is not None)
    assert all(str(word) in doubt for doubt in doubts)
