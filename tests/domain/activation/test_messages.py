"""What messages say, and their ids."""

import json

from identity_graph.domain.activation.destinations import MessageKind
from identity_graph.domain.activation.messages import message_id, write_change, write_transition
from identity_graph.domain.identity.read_models import ChangeView
from tests.worlds.activation import NOW, transition


def test_the_same_thing_has_the_same_id_and_another_another() -> None:
    assert message_id("dst_1", "segment", "seg_1", 1) == message_id("dst_1", "segment", "seg_1", 1)
    ids = {
        message_id("dst_1", "a", "b"),
        message_id("dst_2", "a", "b"),
        message_id("dst_1", "b", "a"),
        message_id("dst_1", "ab"),
        message_id("dst_1", 'a","b'),
    }
    assert len(ids) == 5


def test_messages_tell_their_kind_and_time() -> None:
    entered = json.loads(write_transition(MessageKind.SEGMENT_ENTERED, transition()))
    assert (entered["type"], entered["timestamp"]) == ("segment.entered", "2026-02-01T00:00:01Z")
    change = ChangeView(
        id="chg_1", position=1, kind="MERGED", at=NOW, rule_version=1, trigger_kind="OBSERVATION", trigger_id="evt_1"
    )
    assert json.loads(write_change(change, "cus_1", ["cus_1", "cus_2"])) == {
        "type": "customer.changed",
        "timestamp": "2026-02-01T00:00:00Z",
        "data": {
            "customer": "cus_1",
            "change": "chg_1",
            "kind": "MERGED",
            "customers": ["cus_1", "cus_2"],
            "at": "2026-02-01T00:00:00Z",
        },
    }
