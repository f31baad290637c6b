"""Rules of segments as they are saved: written as JSON, and read again by this version or a later one."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.segments.inputs import inputs_of
from identity_graph.domain.segments.read_models import StoredSegment
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import All, Audience, PermittedRule, Rule
from identity_graph.domain.segments.writing import write_rule
from identity_graph.errors import SegmentError

NOBODY = All(())
"""What stands for a rule that cannot be read; its fault keeps everybody out."""


class SavedRule(NamedTuple):
    """A rule and its audience; ``fault`` says why it cannot be read, as one of a version before or after this one may not."""

    rule: Rule
    audience: Audience
    fault: str | None = None


def write_saved(rule: Rule, purpose: str | None = None) -> str:
    """Write a rule as it is saved: with a purpose, those are in whose data may be used for it."""
    whole = rule if purpose is None else All((rule, PermittedRule(purpose)))
    return json.dumps(write_rule(whole), ensure_ascii=False, separators=(",", ":"))


def without_purpose(rule: Rule, purpose: str | None) -> Rule:
    """Give a rule as somebody wrote it, without what its purpose added."""
    match rule:
        case All(rules=(own, PermittedRule(purpose=added, channel=None))) if added == purpose:
            return own
        case _:
            return rule


def show_saved(text: str, purpose: str | None) -> str:
    """Show a saved rule as somebody wrote it, as JSON; one that cannot be read any more, as it is."""
    saved = read_saved(text, Audience.ALL)
    return text if purpose is None or saved.fault is not None else write_saved(without_purpose(saved.rule, purpose))


def read_saved(rule: str, audience: str) -> SavedRule:
    """Read a rule as it was saved."""
    try:
        return SavedRule(read_rule(json.loads(rule)), Audience(audience))
    except (SegmentError, ValueError) as error:
        return SavedRule(NOBODY, Audience.ALL, f"the rule cannot be read any more: {error}")


def read_saved_inputs(segment: StoredSegment, catalogue: Catalogue) -> Iterator[Inputs]:
    """Tell what the rules of a segment read: the one in force, the one that was saved last, and one that is being computed."""
    wanted = {(segment.live_rule, segment.live_audience), (segment.rule, segment.audience)}
    if segment.next_rule is not None and segment.next_audience is not None:
        wanted.add((segment.next_rule, segment.next_audience))
    for text, audience in wanted:
        saved = read_saved(text, audience)
        yield inputs_of(saved.rule, catalogue, saved.audience)
