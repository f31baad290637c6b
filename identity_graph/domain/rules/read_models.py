"""Sets of rules, as a graph keeps them."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant


class StoredRuleSet(NamedTuple):
    """A set of rules. ``replaces`` are the versions under which customers may still stand while it is applied.

    ``reading`` says how values were read when it was put in force: see ``domain.rules.difference.READING``.
    """

    version: int
    yaml: str
    fingerprint: str
    applied_by: str
    applied_at: Instant
    status: str
    progress: float
    error: str | None
    replaces: list[int]
    reading: int


class Application(NamedTuple):
    """How far the application of a version has come: ``cursor`` is the last id or key of the phase, ``seen`` counts all."""

    status: str
    phase: str
    cursor: str
    seen: int
