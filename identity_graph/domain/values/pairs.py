"""Pairs of keys: of the two the smaller comes first, so that a pair has one spelling."""

Pair = tuple[str, str]
"""Two keys, the smaller one first."""


def pair_of(one: str, other: str) -> Pair:
    """Make a pair of two keys in any order."""
    return (one, other) if one <= other else (other, one)
