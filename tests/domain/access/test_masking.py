import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.access.masking import HIDDEN, OPEN, SMALLEST_COUNT, Mask, Sealer
from identity_graph.domain.access.principals import COMMAND, Principal, Scope
from identity_graph.domain.identity.read_models import CustomerIdentifier

MASK = Mask.of(Principal("crm", "key", frozenset({Scope.READ})))
ROW = CustomerIdentifier("cus_1", "phone:+8613800138000", "phone", "+8613800138000", "Phone", 1, 2, quarantined=False)
SEALER = Sealer(bytes(range(64)))


def test_without_pii_values_are_hidden_and_keys_are_for_the_service() -> None:
    assert MASK.value("+8613800138000") == HIDDEN
    assert MASK.rows([ROW]) == [ROW._replace(value=HIDDEN)]


def test_without_pii_small_counts_are_told_as_the_smallest() -> None:
    assert [MASK.count(count) for count in (0, 1, SMALLEST_COUNT, 11)] == [10, 10, 10, 11]


def test_with_pii_everything_is_as_it_is() -> None:
    assert Mask.of(COMMAND) == OPEN
    assert (OPEN.value("a"), OPEN.rows([ROW]), OPEN.count(1)) == ("a", [ROW], 1)


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_looks_the_same_each_time_and_only_the_service_reads_it(text: str) -> None:
    sealed = SEALER.seal(text)
    assert SEALER.seal(text) == sealed
    assert SEALER.unseal(sealed) == text
    assert Sealer(bytes(64)).unseal(sealed) is None


@pytest.mark.parametrize("forged", ["", "a", "é", "AAAAAAAAAAAAAAAAAAAAAAAA", "!!!!"])
def test_what_nobody_sealed_is_not_read(forged: str) -> None:
    assert SEALER.unseal(forged) is None


def test_without_pii_json_is_hidden_or_loses_its_texts_and_long_numbers() -> None:
    said = '{"nps": 9, "comment": "call me", "deep": [{"phone": 13800138000, "ok": true}], "none": null}'
    assert json.loads(MASK.texts(said)) == {
        "nps": 9,
        "comment": HIDDEN,
        "deep": [{"phone": HIDDEN, "ok": True}],
        "none": None,
    }
    assert OPEN.texts(said) == said
    assert (MASK.json('"Li"'), MASK.json("null"), OPEN.json('"Li"')) == (f'"{HIDDEN}"', "null", '"Li"')


def test_without_pii_shares_do_not_tell_small_counts() -> None:
    assert MASK.share(3, 1000) == 0.01
    assert MASK.share(0, 0) == 1.0
    assert OPEN.share(3, 1000) == 0.003
    assert OPEN.share(0, 0) == 0.0
    assert [MASK.tells(9), MASK.tells(10), OPEN.tells(1)] == [False, True, True]
