"""Rules as they are saved are read again as they were, and what cannot be read keeps everybody out."""

import json
from typing import Any

from identity_graph.domain.profiles.file import load_catalogue
from identity_graph.domain.segments.read_models import Recomputed, StoredSegment
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import Audience
from identity_graph.domain.segments.saved import read_saved, read_saved_inputs, show_saved, without_purpose, write_saved

PAID, SEEN = {"did": {"event": "Paid"}}, {"did": {"event": "Seen"}}


def segment(**fields: Any) -> StoredSegment:
    given: dict[str, Any] = {
        "id": "seg_1", "name": "one", "description": None, "rule": json.dumps(PAID), "audience": "ALL", "purpose": None,
        "version": 1, "created_at": 1, "updated_at": 1, "deleted_at": None, "size": 0, "state": "LIVE", "passed": 0,
        "total": None, "fault": None, "edition": 1, "last_edition": 1, "live_rule": json.dumps(PAID),
        "live_audience": "ALL", "next_edition": None, "next_rule": None, "next_audience": None, "cursor": "",
    }  # fmt: skip
    return StoredSegment(**(given | fields))


def test_a_rule_is_read_as_it_was_written() -> None:
    rule = read_rule(PAID)
    assert read_saved(write_saved(rule), "KNOWN") == (rule, Audience.KNOWN, None)


def test_what_cannot_be_read_has_a_fault() -> None:
    for text, audience in (("{}", "ALL"), ("no JSON", "ALL"), (json.dumps(PAID), "SOME")):
        assert "cannot be read any more" in (read_saved(text, audience).fault or "")


def test_all_rules_of_a_segment_are_read_from_the_moment_it_is_saved() -> None:
    def events(row: StoredSegment) -> set[str]:
        return {name for inputs in read_saved_inputs(row, load_catalogue()) for name in inputs.events}

    assert events(segment()) == {"Paid"}
    assert events(segment(rule=json.dumps(SEEN))) == {"Paid", "Seen"}
    assert events(segment(next_rule=json.dumps(SEEN), next_audience="ALL")) == {"Paid", "Seen"}


def test_progress_is_the_share_of_customers_that_were_gone_through() -> None:
    assert segment().progress == 1.0
    assert segment(state="FILLING").progress == 0.0
    assert segment(state="FILLING", passed=5, total=10).progress == 0.5
    assert segment(state="FILLING", passed=10, total=10).progress == 0.999


def test_what_was_recomputed_is_equal_without_deviations() -> None:
    assert Recomputed(1, 1, (), mended=False).is_equal


def test_a_segment_with_a_purpose_is_of_those_who_permit_it_and_is_shown_as_it_was_written() -> None:
    rule = read_rule(PAID)
    saved = write_saved(rule, "ads")
    assert json.loads(saved) == {"all": [PAID, {"permitted": {"purpose": "ads"}}]}
    assert without_purpose(read_saved(saved, "ALL").rule, "ads") == rule
    assert without_purpose(rule, "ads") == without_purpose(rule, None) == rule
    assert json.loads(show_saved(saved, "ads")) == PAID
    assert show_saved(write_saved(rule), None) == write_saved(rule)
    assert show_saved("{", "ads") == "{"
