"""What messages say, and their ids."""

import json

from identity_graph.domain.activation.destinations import MessageKind
from identity_graph.domain.activation.messages import message_id, write_alert, write_change, write_transition
from identity_graph.domain.activation.read_models import AlertView
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


def test_an_alert_names_its_rule_its_event_and_the_customer_by_id() -> None:
    alert = AlertView("alt_1", 7, "alr_1", "Complaints", None, "evt_1", "Complaint Filed", 0, NOW, NOW)
    assert json.loads(write_alert(alert))["data"] == {
        "alert": "alt_1",
        "rule": "alr_1",
        "name": "Complaints",
        "customer": None,
        "event": "evt_1",
        "eventName": "Complaint Filed",
        "at": "2026-02-01T00:00:00Z",
        "occurredAt": "2026-02-01T00:00:00Z",
    }
