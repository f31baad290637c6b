"""Random rules and customers together, and when they are asked of them: what a property of segments takes."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from identity_graph.domain.segments.rule_tree import Audience
from identity_graph.domain.segments.sheet import FactSheet, Terms
from tests.worlds.segment_rules import written_rules
from tests.worlds.segment_sheets import HOUR, ZONES, sheets, terms_of, times


@dataclass(frozen=True, kw_only=True)
class SegmentWorld:
    """Rules as they are written, two customers, and moments; terms are those of a zone, with a cut of RFM or without."""

    rules: list[dict[str, Any]]
    sheet: FactSheet
    other: FactSheet
    moments: list[int]
    zone: str
    has_cut: bool
    known_only: bool

    @property
    def terms(self) -> Terms:
        """By what customers are judged."""
        return terms_of(self.zone, has_cut=self.has_cut)

    @property
    def audience(self) -> Audience:
        """Among whom it is asked."""
        return Audience.KNOWN if self.known_only else Audience.ALL


@st.composite
def segment_worlds(draw: DrawFn, rules: int = 3, moments: int = 4) -> SegmentWorld:
    """Draw a world; each rule is asked at each moment."""
    base = draw(times())
    steps = st.tuples(st.integers(-20, 20), st.integers(-1, 1))
    asked = draw(st.lists(steps, min_size=moments, max_size=moments, unique=True))
    return SegmentWorld(
        rules=draw(st.lists(written_rules(base), min_size=rules, max_size=rules)),
        sheet=draw(sheets(base)),
        other=draw(sheets(base)),
        moments=[base + step * 6 * HOUR + beside for step, beside in asked],
        zone=draw(st.sampled_from(ZONES)),
        has_cut=draw(st.booleans()),
        known_only=draw(st.booleans()),
    )
