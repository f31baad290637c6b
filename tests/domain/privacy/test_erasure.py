"""What erasure leaves behind: tombstones, receipts, and which unreadable messages name somebody."""

from dataclasses import replace

import pytest

from identity_graph.domain.audit.checkpoints import Signer
from identity_graph.domain.consent.statements import PURPOSE, ConsentState, Statement, write_statements
from identity_graph.domain.privacy.mentions import mentions
from identity_graph.domain.privacy.receipts import Receipt, read_receipt
from identity_graph.domain.privacy.tombstones import bury_event, bury_identifier, find_erased, find_lifted
from identity_graph.domain.rules.sources import CLAIMED
from identity_graph.domain.values.identifiers import IgnoredIdentifier
from tests.worlds.worlds import make_event, make_rules

EVENT = make_event(1, 10, ("crm:1", "cookie:1"), make_rules())
AT = EVENT.occurred_at
CRM = bury_identifier("salt", "crm:1")
COOKIE = bury_identifier("salt", "cookie:1")
GRANTED = Statement(PURPOSE + "ads", ConsentState.GRANTED)


def test_a_tombstone_says_nothing_and_differs_by_graph_and_kind() -> None:
    assert len({CRM, COOKIE, bury_identifier("pepper", "crm:1"), bury_event("salt", "crm:1")}) == 4
    assert all(len(one) == 64 and "crm" not in one for one in (CRM, COOKIE))


def test_an_event_is_kept_out_when_it_or_an_identifier_of_it_was_erased() -> None:
    assert find_erased("salt", [EVENT], {}) == set()
    assert find_erased("salt", [EVENT], {CRM: AT}) == {EVENT.id}
    assert find_erased("salt", [EVENT], {bury_event("salt", EVENT.id): AT}) == {EVENT.id}


def test_what_a_source_only_claims_keeps_an_event_out_and_lifts_nothing() -> None:
    claimed = IgnoredIdentifier("crm", "1", CLAIMED)
    cookie = tuple(one for one in EVENT.identifiers if one.namespace == "cookie")
    said = write_statements([GRANTED])
    event = replace(EVENT, identifiers=cookie, ignored=(claimed,), raw_identifiers=(), consents=said)
    assert find_erased("salt", [event], {CRM: AT - 1}) == {event.id}
    assert find_lifted("salt", event, {CRM: AT - 1}) == []
    assert find_lifted("salt", event, {CRM: AT - 1, COOKIE: AT - 1}) == [COOKIE]


@pytest.mark.parametrize(
    ("statement", "erased_at", "lifted"),
    [
        (GRANTED, AT - 1, [CRM]),
        (GRANTED, AT, []),
        (Statement(PURPOSE + "ads", ConsentState.DENIED), AT - 1, []),
        (Statement("category:Ads", ConsentState.GRANTED), AT - 1, []),
        (GRANTED._replace(of_visitor=True), AT - 1, []),
    ],
)
def test_only_a_new_consent_for_a_purpose_lifts_a_tombstone(
    statement: Statement, erased_at: int, lifted: list[str]
) -> None:
    event = replace(EVENT, consents=write_statements([statement]))
    assert find_lifted("salt", event, {CRM: erased_at}) == lifted


def test_an_erased_event_lifts_nothing_whatever_it_says() -> None:
    event = replace(EVENT, consents=write_statements([GRANTED]))
    assert find_lifted("salt", event, {CRM: AT - 1, bury_event("salt", event.id): AT - 1}) == []
    assert find_lifted("salt", EVENT, {CRM: AT - 1}) == []


def test_a_receipt_is_read_back_and_a_changed_one_is_none() -> None:
    receipt = Receipt("rcp_" + "0" * 32, 7, 2, 3, 1, 11, "a" * 64)
    text = receipt.signed(Signer(bytes(32)))
    assert read_receipt(f" {text}\n") == receipt
    assert read_receipt(text.replace(":2:3:", ":2:4:")) is None
    assert read_receipt("erasure1") is None


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ('{"userId": "7"}', True),
        ('{"userId": 7}', True),
        ('{"userId": "17"}', False),
        ('{"a": [{"b": "call ann@example.com now"}]}', True),
        ('{"ann@example.com": null}', True),
        ('[1, {"x": "70"}]', False),
        ("{broken ann@example.com", True),
        ("{broken", False),
    ],
)
def test_a_message_names_somebody_by_the_whole_value_or_a_long_one_inside(raw: str, named: bool) -> None:
    assert mentions(raw, {"7", "ann@example.com"}) is named
