from identity_graph.domain.health.findings import Level
from identity_graph.domain.health.spool_findings import find_spool_findings


def test_an_empty_spool_is_nothing_to_tell_of() -> None:
    assert not list(find_spool_findings(messages=0, since=None, aside=0, damaged=(), unreadable=()))


def test_what_waits_asks_for_a_look_and_what_cannot_be_delivered_for_an_act() -> None:
    found = list(
        find_spool_findings(messages=1_200, since=0, aside=2, damaged=("1.db.damaged-1",), unreadable=("2.db",))
    )
    assert [(one.level, one.code) for one in found] == [
        (Level.LOOK, "events_waiting"),
        (Level.ACT, "spool_aside"),
        (Level.ACT, "spool_damaged"),
        (Level.ACT, "spool_unreadable"),
    ]
    assert found[0].title == "Messages that wait in the spool: 1,200, the oldest since 1970-01-01 00:00 UTC."
    assert "1.db.damaged-1" in found[2].title
