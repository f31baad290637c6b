"""The table of scopes, read: what a field and its arguments need, and what somebody lacks for an operation."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.access.graphql_scopes import ENTRY_POINTS, OBJECTS
from identity_graph.domain.access.principals import Principal, Scope, in_order
from identity_graph.errors import ForbiddenError

_CONTINUED = re.compile(r"\n {4,}")
_FIELD = re.compile(r"(\w+)(?:\(([^)]*)\))?")

ABBREVIATED = 5
"""Fields that an error names at most."""


class Shown(StrEnum):
    """How a field is shown without ``pii``."""

    WHOLE = "whole"
    MASKED = "masked"
    ROUNDED = "rounded"


class FieldNeed(NamedTuple):
    """The scopes that a field needs, how it is shown without ``pii``, and what its arguments need beyond that."""

    scopes: frozenset[Scope]
    shown: Shown
    arguments: Mapping[str, frozenset[Scope]]


class Needs(NamedTuple):
    """The scopes that an operation needs, each with the places that need it, such as ``Mutation.applyRules``."""

    places: Mapping[Scope, tuple[str, ...]]

    @property
    def scopes(self) -> frozenset[Scope]:
        """The scopes."""
        return frozenset(self.places)


Table = Mapping[str, Mapping[str, FieldNeed]]
"""What fields need, by type and name."""


def parse_table(text: str) -> dict[str, dict[str, FieldNeed]]:
    """Read a table as ``graphql_scopes`` writes it.

    Raises:
        ValueError: it names an unknown scope, or a field twice.
    """
    table: dict[str, dict[str, FieldNeed]] = {}
    fields: dict[str, FieldNeed] = {}
    for line in filter(str.strip, _CONTINUED.sub(" ", text).splitlines()):
        if not line.startswith(" "):
            if line in table:
                raise ValueError(f"{line} is in the table twice")
            fields = table[line] = {}
            continue
        head, _, words = line.partition(": ")
        scopes, shown = _read_head(head.split())
        for name, arguments in _FIELD.findall(_joined(words)):
            if name in fields:
                raise ValueError(f"the field {name} is in the table twice")
            fields[name] = FieldNeed(
                scopes, shown, dict(map(_read_argument, arguments.split(","))) if arguments else {}
            )
    return table


def lacking(needs: Needs, principal: Principal) -> ForbiddenError | None:
    """Make the error that says which scopes somebody lacks for an operation, and what needs them; None when none."""
    missing = in_order(needs.scopes - principal.scopes)
    if not missing:
        return None
    reasons = "; ".join(f"{_listed(needs.places[scope])} needs the scope `{scope}`" for scope in missing)
    return ForbiddenError(
        f"{reasons}. {principal.name!r} has {_names(principal.scopes)}.",
        missing=[scope.name for scope in missing],
        needed=[scope.name for scope in in_order(needs.scopes)],
    )


def _joined(words: str) -> str:
    """Write arguments with commas, so that words stand for fields only."""
    return re.sub(r"\(([^)]*)\)", lambda found: f"({','.join(found[1].split())})", words)


def _read_head(words: list[str]) -> tuple[frozenset[Scope], Shown]:
    shown = Shown(words[-1]) if words[-1] in set(Shown) else Shown.WHOLE
    return frozenset(Scope(word) for word in words if word not in {"-", shown}), shown


def _read_argument(word: str) -> tuple[str, frozenset[Scope]]:
    name, _, scopes = word.partition(":")
    return name, frozenset(Scope(scope) for scope in scopes.split("+") if scope)


def _listed(places: tuple[str, ...]) -> str:
    named = ", ".join(places[:ABBREVIATED])
    return named if len(places) <= ABBREVIATED else f"{named} and others"


def _names(scopes: Iterable[Scope]) -> str:
    return ", ".join(f"`{scope}`" for scope in in_order(scopes)) or "no scope"


GRAPHQL: Table = parse_table(ENTRY_POINTS) | parse_table(OBJECTS)
"""The table of all types of the schema."""
