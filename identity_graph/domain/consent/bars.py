"""Bars: what a privacy request set on an identifier, so that its customer's data may not be used, whatever anybody said."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.consent.decisions import Decision
from identity_graph.domain.consent.statements import BAR, ConsentState
from identity_graph.domain.values.observations import Instant


class Bar(StrEnum):
    """Why somebody's data may not be used; the first one counts."""

    RESTRICTED = "RESTRICTED"
    DECEASED = "DECEASED"
    NOT_PERSONALISED = "NOT_PERSONALISED"


class Barred(NamedTuple):
    """That somebody's data may not be used, and since when."""

    bar: Bar
    since: Instant


def find_bars(decisions: Iterable[Decision]) -> tuple[Barred, ...]:
    """Find all bars of a customer: those that the newest decision of one of its identifiers sets, in the order in which they count."""
    newest: dict[tuple[str, str], Decision] = {}
    for decision in decisions:
        if decision.subject.startswith(BAR):
            key = (decision.identifier, decision.subject)
            known = newest.get(key)
            if known is None or known.order < decision.order:
                newest[key] = decision
    since: dict[Bar, Instant] = {}
    for decision in newest.values():
        if decision.state is ConsentState.GRANTED:
            bar = Bar(decision.subject.removeprefix(BAR))
            since[bar] = min(decision.at, since.get(bar, decision.at))
    return tuple(Barred(bar, since[bar]) for bar in Bar if bar in since)


def bar_at(bars: Iterable[Barred], at: Instant) -> Bar | None:
    """Tell which bar counts at a moment; None: none."""
    return next((one.bar for one in bars if one.since <= at), None)
