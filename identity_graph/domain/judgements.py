"""Judgements: what a person said about two identifiers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Verdict(StrEnum):
    """Whether two identifiers are one person's."""

    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, order=True)
class Judgement:
    """Two identifiers are, or are not, one person's. ``a`` is the smaller key."""

    a: str
    b: str
    verdict: Verdict

    @classmethod
    def of(cls, verdict: Verdict, one: str, other: str) -> Self:
        """Make a judgement of two keys in either order.

        Raises:
            ValueError: the two are one.
        """
        if one == other:
            raise ValueError("a judgement needs two identifiers")
        return cls(min(one, other), max(one, other), verdict)
