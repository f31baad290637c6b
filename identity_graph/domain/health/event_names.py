"""Names of events that look like two spellings of one: they count apart, in every report and segment."""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

MOST_NAMES = 1000
"""Names that are compared with each other: those of most messages."""

_ONE_EDIT_FROM = 5
_TWO_EDITS_FROM = 9
"""Letters and digits that both names have at least: of short names, another letter is another word."""


class Likeness(StrEnum):
    """What makes names alike."""

    SPELLING = "SPELLING"
    """They differ in case, blanks, punctuation or width alone."""
    TYPO = "TYPO"
    """One or two letters differ."""


class SimilarNames(NamedTuple):
    """Names that are probably one, the one of most messages first."""

    names: tuple[str, ...]
    likeness: Likeness


def find_similar_names(messages: Mapping[str, int]) -> list[SimilarNames]:
    """Find names that are alike among events, given the number of messages of each; those of most messages first."""
    ranked = sorted(messages, key=lambda name: (-messages[name], name))[:MOST_NAMES]
    spellings: dict[str, list[str]] = {}
    for name in ranked:
        spellings.setdefault(_form(name) or name, []).append(name)
    found = [SimilarNames(tuple(names), Likeness.SPELLING) for names in spellings.values() if len(names) > 1]
    forms = list(spellings)
    for place, form in enumerate(forms):
        found += [
            SimilarNames((spellings[form][0], spellings[other][0]), Likeness.TYPO)
            for other in _typos(form, forms[place + 1 :])
        ]
    return sorted(found, key=lambda one: (-sum(messages[name] for name in one.names), one.names))


def _typos(form: str, others: list[str]) -> list[str]:
    if len(form) < _ONE_EDIT_FROM:
        return []
    near = process.extract(form, others, scorer=Levenshtein.distance, processor=None, score_cutoff=2, limit=None)
    return [other for other, edits, _ in near if edits <= _allowed(form, other) and not _differ_in_digits(form, other)]


def _allowed(one: str, other: str) -> int:
    shorter = min(len(one), len(other))
    return 2 if shorter >= _TWO_EDITS_FROM else 1 if shorter >= _ONE_EDIT_FROM else 0


def _differ_in_digits(one: str, other: str) -> bool:
    """Tell whether only numbers differ: `Step 1` and `Step 2` are two things."""
    return _without_digits(one) == _without_digits(other)


def _without_digits(form: str) -> str:
    return "".join(letter for letter in form if not letter.isdigit())


def _form(name: str) -> str:
    """Leave of a name what a reader hears: letters and digits, without case and width."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())
