"""Events are named by their source and message id, and by nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.values.observations import event_id
from tests.properties import examples
from tests.worlds.worlds import make_event, make_rules

RULES = make_rules()


def test_an_event_is_named_by_its_source_and_message_id() -> None:
    one = make_event(1, 10, ("phone:1",), RULES, source="shop")
    repeat = make_event(1, 99, ("crm:1", "device:1"), RULES, source="shop")
    assert one.id == repeat.id == event_id("shop", "m1")
    assert one.id != make_event(1, 10, ("phone:1",), RULES, source="app").id
    assert one.id != make_event(2, 10, ("phone:1",), RULES, source="shop").id


def test_ids_do_not_change_between_releases() -> None:
    assert event_id("default", "m-1") == "evt_00bdf59c37b1fa4fcd6105b8575a2f36"


def test_what_ends_the_source_and_what_begins_the_message_id_is_told_apart() -> None:
    assert len({event_id("ab", "c"), event_id("a", "bc"), event_id("", "abc"), event_id("1:a", "bc")}) == 4


@examples(100)
@given(source=st.text(), message_id=st.text())
def test_any_text_has_an_id(source: str, message_id: str) -> None:
    id = event_id(source, message_id)
    assert id.startswith("evt_")
    assert len(id) == 36


def test_a_lone_surrogate_has_an_id_too() -> None:
    assert event_id("default", "\ud800") != event_id("default", "\udfff")
