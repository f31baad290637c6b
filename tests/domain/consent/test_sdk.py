from typing import Any

import pytest

from identity_graph.domain.consent.sdk import DECIDED, mark_opted_out, read_consents
from identity_graph.domain.consent.statements import ConsentState, Statement, read_statements, write_statements
from identity_graph.domain.values.observations import Channel

G, D = ConsentState.GRANTED, ConsentState.DENIED


def read(context: dict[str, Any], name: str = "Seen", **message: Any) -> list[tuple[str, ConsentState, bool]]:
    return [(one.subject, one.state, one.of_visitor) for one in read_consents(message, context, name)]


def test_a_message_without_a_word_of_consent_says_nothing() -> None:
    assert read({}) == read({"page": {}}) == []


def test_stamped_preferences_are_of_the_device_and_a_decision_is_of_whoever_decided() -> None:
    context = {"consent": {"categoryPreferences": {"Analytics": True, "Advertising": False}}}
    assert read(context) == [("category:Advertising", D, True), ("category:Analytics", G, True)]
    assert read(context, DECIDED) == [("category:Advertising", D, False), ("category:Analytics", G, False)]


@pytest.mark.parametrize(
    "consent",
    [None, "yes", {}, {"categoryPreferences": None}, {"categoryPreferences": ["Analytics"]},
     {"categoryPreferences": {"": True, "x" * 101: True, "Ads": "yes", "Analytics": 1}}],
)  # fmt: skip
def test_what_is_neither_yes_nor_no_says_nothing(consent: Any) -> None:
    assert read({"consent": consent}) == []


def test_the_global_opt_out_of_a_browser_is_a_denial_by_that_device() -> None:
    messages: list[Any] = [{"event": "Seen"}, "no message"]
    mark_opted_out(messages)
    assert messages == [{"event": "Seen", "secGpc": True}, "no message"]
    assert read({}, **messages[0]) == [("opt_out", D, True)]
    assert read({}, secGpc="1") == []


def test_statements_are_read_back_as_they_were_written() -> None:
    statements = (
        Statement("purpose:news", G, Channel.SMS, version="3", text="Yes, send me an SMS."),
        Statement("opt_out", D, of_visitor=True),
    )
    assert read_statements(write_statements(statements)) == statements
    assert (write_statements(()), read_statements(None)) == (None, ())
