"""Segments as the terminal has them: files are checked and saved, and what is saved is named by people."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from identity_graph.domain.segments.checking import Known, check_rule
from identity_graph.domain.segments.file import SegmentDraft, parse_segment
from identity_graph.domain.segments.naming import name_segments
from identity_graph.domain.segments.read_models import StoredSegment
from identity_graph.domain.segments.rule_tree import Audience, Rule
from identity_graph.domain.segments.sentences import say_rule
from identity_graph.domain.segments.sheet import Terms
from identity_graph.errors import NotFoundError
from identity_graph.service.commit.units import Units
from identity_graph.service.segments import saving
from identity_graph.service.segments.saving import Draft, Saved, rule_of
from identity_graph.service.segments.source import SegmentText
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.segments import segments as segment_store


class CheckedFile(NamedTuple):
    """A segment of a file that can be saved, what it says, and what is only worth a look."""

    draft: SegmentDraft
    sentence: str
    warnings: list[str]


class Overview(NamedTuple):
    """All segments, by name, and what their rules are read by."""

    segments: Sequence[StoredSegment]
    terms: Terms

    @property
    def names(self) -> Mapping[str, str]:
        """The names by ids."""
        return {row.id: row.name for row in self.segments}

    def say(self, rule: Rule, audience: Audience, language: str = "en") -> str:
        """Say who belongs to a rule."""
        return say_rule(name_segments(rule, self.names), self.terms, language, audience)

    def get(self, name: str) -> StoredSegment:
        """Find a segment by its name, or by its id.

        Raises:
            NotFoundError: there is none.
        """
        found = next((row for row in self.segments if name == row.name), None)
        found = found or next((row for row in self.segments if name == row.id), None)
        if found is None:
            names = ", ".join(repr(row.name) for row in self.segments)
            raise NotFoundError(f"There is no segment {name!r}; there {f'are {names}' if names else 'is none yet'}.")
        return found

    def find_own(self, source: SegmentText) -> str | None:
        """Find the id of the segment whose name a file has; None when there is none.

        Raises:
            SegmentError: the file holds no segment.
        """
        name = parse_segment(source.text, name=source.name).name
        return next((row.id for row in self.segments if row.name == name), None)


async def read_overview(units: Units) -> Overview:
    """Read all segments, and what their rules are read by."""

    async def read(tx: ReadTransaction) -> Overview:
        stored = await segment_store.list_segments(tx)
        terms = await saving.read_terms(tx, units.in_force)
        return Overview(sorted(stored, key=lambda row: row.name), terms)

    return await units.graph.read(read)


async def check_file(units: Units, source: SegmentText, language: str = "en") -> CheckedFile:
    """Check a segment file against the catalogue, the rules and the segments of a graph.

    Raises:
        SegmentError: it cannot be saved; the message names every problem with its line and place.
    """
    overview = await read_overview(units)
    return _check(overview, source, overview.find_own(source), language)


async def save_file(units: Units, source: SegmentText, name: str | None = None) -> tuple[Saved, CheckedFile]:
    """Save the segment of a file: the one of its name is changed, or that of another ``name``, else it is a new one.

    Raises:
        SegmentError: it cannot be saved; the message names every problem with its line and place.
        NotFoundError: there is no segment with the other name.
    """
    overview = await read_overview(units)
    own = overview.find_own(source) if name is None else overview.get(name).id
    checked = _check(overview, source, own, "en")
    return await saving.save_segment(units, Draft(checked.draft, own)), checked


def _check(overview: Overview, source: SegmentText, own: str | None, language: str) -> CheckedFile:
    rules = {row.id: rule_of(row) for row in overview.segments}
    known = Known(overview.terms, rules, own, overview.names)
    draft = parse_segment(source.text, name=source.name, known=known)
    warnings = [one.text for one in check_rule(draft.rule, known).warnings]
    return CheckedFile(draft, overview.say(draft.rule, draft.audience, language), warnings)
