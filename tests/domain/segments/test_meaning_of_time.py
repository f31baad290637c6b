"""What conditions mean where time plays a part. Each test is one statement of docs/segments.md."""

from typing import Any

import pytest

from identity_graph.domain.segments.checking import Known, check_rule
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.sentences import say_rule
from identity_graph.domain.segments.writing import write_rule
from tests.worlds.segment_facts import (
    DAY,
    HOUR,
    NOW,
    TERMS,
    ask,
    bought,
    event,
    holds,
    make_sheet,
    make_terms,
    moment,
    order,
    told,
)

NOBODY = make_sheet()


def trait(name: str, op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"trait": {"name": name, "op": op, **({} if value is None else {"value": value}), **more}}


def did(event_name: str, **more: Any) -> dict[str, Any]:
    return {"did": {"event": event_name, **more}}


def metric(name: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"metric": {"name": name, "op": op, "value": value, **more}}


def test_16_the_time_of_occurrence_decides() -> None:
    late = event(8 * DAY, "Seen", id="arrived today")
    assert not holds(did("Seen", within="P7D"), make_sheet(events=[late]))


def test_17_three_days_are_72_hours_and_calendar_days_are_another_condition() -> None:
    hours, days = did("Seen", within="P1D"), did("Seen", days={"from": 1, "to": 1})
    yesterday_evening = make_sheet(events=[event(13 * HOUR, "Seen")])
    this_morning = make_sheet(events=[event(11 * HOUR, "Seen")])
    assert (holds(hours, yesterday_evening), holds(days, yesterday_evening)) == (True, True)
    assert (holds(hours, this_morning), holds(days, this_morning)) == (True, False)
    yesterday_morning = make_sheet(events=[event(30 * HOUR, "Seen")])
    assert (holds(hours, yesterday_morning), holds(days, yesterday_morning)) == (False, True)
    assert ask(did("Seen", within="P3D"), this_morning).next_at == NOW - 11 * HOUR + 72 * HOUR


def test_17_a_span_between_two_others_opens_and_closes() -> None:
    rule = did("Seen", between={"from": "P3D", "to": "P1D"})
    for ago, is_in, turns in ((DAY - 1, False, NOW + 1), (DAY, True, NOW + 2 * DAY), (3 * DAY, False, None)):
        result = ask(rule, make_sheet(events=[event(ago, "Seen")]))
        assert (result.holds, result.next_at) == (is_in, turns)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-15", 24)])
def test_18_days_have_23_or_25_hours_twice_a_year(day: str, hours: int) -> None:
    terms = make_terms("Europe/Berlin")
    noon = moment(f"{day}T10:00:00+00:00")
    today = did("Seen", days={"from": 0, "to": 0})
    begins = moment(f"{day}T00:00:00+01:00" if day < "2026-03-30" else f"{day}T00:00:00+02:00")
    sheet = make_sheet(events=[event(NOW - noon, "Seen")])
    assert ask(today, sheet, noon, terms).next_at == begins + hours * HOUR
    assert not holds(today, make_sheet(events=[event(NOW - begins + 1, "Seen")]), noon, terms)
    assert holds(today, make_sheet(events=[event(NOW - begins, "Seen")]), noon, terms)


@pytest.mark.parametrize(
    "rule",
    [
        did("Seen", days={"from": 1, "to": 0}),
        did("Seen", measure={"as": "DAYS", "op": "GE", "value": 2}),
        trait("birthday", "ANNIVERSARY_WITHIN", "P7D"),
        trait("renewed", "EQ", "2026-01-01"),
        metric("RECENCY_DAYS", "GE", 7),
        did("Seen", where=[{"name": "when", "op": "GE", "value": "2026-01-01"}]),
        {"sequence": {"steps": [{"event": "Seen", "days": {"from": 1, "to": 0}}, {"event": "Paid"}], "within": "P1D"}},
    ],
)
def test_18_the_zone_stands_in_every_sentence_that_needs_it(rule: dict[str, Any]) -> None:
    for language in ("en", "zh"):
        assert "Asia/Shanghai" in say_rule(read_rule({"not": rule}), TERMS, language)
        assert "Asia/Shanghai" not in say_rule(read_rule(did("Seen", within="P1D")), TERMS, language)


def test_19_a_date_stands_for_its_whole_day_looking_back_and_forward() -> None:
    today, yesterday, tomorrow = (make_sheet(traits={"birthday": f"2026-06-{day}"}) for day in (15, 14, 16))
    last, ahead = trait("birthday", "WITHIN_LAST", "PT1H"), trait("birthday", "WITHIN_NEXT", "PT1H")
    assert holds(last, today)
    assert holds(ahead, today)
    assert not holds(last, yesterday)
    assert not holds(ahead, tomorrow)
    assert holds(trait("birthday", "WITHIN_LAST", "PT13H"), yesterday)
    assert holds(trait("birthday", "WITHIN_NEXT", "PT12H"), tomorrow)
    assert not holds(trait("birthday", "LONGER_AGO_THAN", "PT13H"), yesterday)
    assert holds(trait("birthday", "LONGER_AGO_THAN", "PT12H"), yesterday)


def test_19_a_day_compared_with_a_moment_is_that_day_in_the_zone() -> None:
    sheet = make_sheet(traits={"renewed": "2026-06-14T17:00:00Z"})
    assert holds(trait("renewed", "EQ", "2026-06-15"), sheet)
    assert not holds(trait("renewed", "EQ", "2026-06-15"), sheet, terms=make_terms("Europe/Berlin"))
    assert not holds(trait("renewed", "LT", "2026-06-15"), sheet)
    assert holds(trait("renewed", "BETWEEN", ["2026-06-15", "2026-06-15"]), sheet)
    assert holds(trait("birthday", "GE", "2026-06-15"), make_sheet(traits={"birthday": "2026-06-15"}))
    problem = check_rule(read_rule(trait("birthday", "GE", "2026-06-15T08:00:00Z")), Known(TERMS)).problems[0].problem
    assert "a date has no time of day" in problem


def test_20_relative_times_are_read_back_as_they_were_written() -> None:
    rule = {
        "all": [
            did("Seen", within="PT72H"),
            did("Seen", between={"from": "P3D", "to": "PT1440M"}),
            trait("renewed", "WITHIN_LAST", "P3D"),
            {"knownFor": "P0DT36H"},
        ]
    }
    assert write_rule(read_rule(rule)) == rule


def test_21_anniversaries_work_over_new_year_and_on_29_february() -> None:
    rule = trait("birthday", "ANNIVERSARY_WITHIN", "P7D")
    january = make_sheet(traits={"birthday": "1990-01-02"})
    assert holds(rule, january, moment("2026-12-28T12:00:00+08:00"))
    assert not holds(rule, january, moment("2026-12-25T12:00:00+08:00"))
    leap = make_sheet(traits={"birthday": "1992-02-29"})
    on_the_day = trait("birthday", "ANNIVERSARY_WITHIN", "PT1S")
    assert holds(on_the_day, leap, moment("2027-02-28T12:00:00+08:00"))
    assert not holds(on_the_day, leap, moment("2027-03-01T12:00:00+08:00"))
    assert holds(on_the_day, leap, moment("2028-02-29T12:00:00+08:00"))
    assert not holds(on_the_day, leap, moment("2028-02-28T12:00:00+08:00"))
    born_today = make_sheet(traits={"birthday": "2026-06-15"})
    assert ask(on_the_day, born_today).next_at == moment("2027-06-15T00:00:00+08:00") - 1_000_000


def test_22_what_lies_in_the_future_does_not_count_before_its_time() -> None:
    for rule, sheet in (
        (did("Seen"), make_sheet(events=[event(-DAY, "Seen")])),
        (trait("city", "EQ", "a"), make_sheet(traits={"city": told((-DAY, "a"))})),
        ({"ordered": {}}, make_sheet(orders=bought(order(-DAY)))),
        (metric("SESSIONS", "GE", 1), make_sheet(sessions=(NOW + DAY,))),
        ({"hasIdentifier": "phone"}, make_sheet(identifiers={"phone:1": NOW + DAY})),
        ({"seenOn": {"channel": "WEB"}}, make_sheet(events=[event(-DAY, "Seen")])),
    ):
        result = ask(rule, sheet)
        assert (result.holds, result.next_at) == (False, NOW + DAY)
        assert holds(rule, sheet, NOW + DAY)


def test_23_time_alone_takes_out_of_at_least_once_and_brings_into_not_at_all() -> None:
    sheet = make_sheet(events=[event(2 * DAY, "Seen")])
    once, never = did("Seen", within="P7D"), {"not": did("Seen", within="P7D")}
    for rule, now, later in ((once, True, False), (never, False, True)):
        result = ask(rule, sheet)
        assert (result.holds, result.next_at) == (now, NOW + 5 * DAY)
        assert holds(rule, sheet, NOW + 5 * DAY) is later


def test_24_not_done_within_7_days_holds_for_those_known_for_2_days_unless_known_for_is_asked() -> None:
    new = make_sheet(first_seen=NOW - 2 * DAY)
    never = {"not": did("Seen", within="P7D")}
    assert holds(never, new)
    assert "known for less than that are included" in say_rule(read_rule(never), TERMS)
    known = {"all": [never, {"knownFor": "P7D"}]}
    result = ask(known, new)
    assert (result.holds, result.next_at) == (False, NOW + 5 * DAY)


def test_25_held_for_counts_without_a_break_and_does_not_begin_anew_when_told_again() -> None:
    gold = trait("city", "EQ", "a", heldFor="P3D")
    told_again = make_sheet(traits={"city": told((4 * DAY, "a"), (DAY, "a"))})
    assert holds(gold, told_again)
    broken = make_sheet(traits={"city": told((9 * DAY, "a"), (5 * DAY, "b"), (2 * DAY, "a"))})
    result = ask(gold, broken)
    assert (result.holds, result.next_at) == (False, NOW + DAY)
    deleted = make_sheet(traits={"city": told((9 * DAY, "a"), (2 * DAY, None))})
    assert not holds(gold, deleted)


def test_25_held_for_asks_how_long_the_condition_has_been_so_and_not_the_value() -> None:
    many = make_sheet(traits={"points": told((9 * DAY, 2), (5 * DAY, 3), (DAY, 4))})
    assert holds(trait("points", "GE", 3, heldFor="P3D"), many)
    assert not holds(trait("points", "EQ", 4, heldFor="P3D"), many)
    unknown = trait("city", "NE", "a", heldFor="P3D")
    assert holds(unknown, NOBODY)
    assert ask(unknown, make_sheet(first_seen=NOW - DAY)).next_at == NOW + 2 * DAY


def test_26_another_time_zone_gives_other_answers_from_the_same_facts() -> None:
    sheet = make_sheet(events=[event(13 * HOUR, "Seen")])
    today = did("Seen", days={"from": 0, "to": 0})
    assert not holds(today, sheet)
    assert holds(today, sheet, terms=make_terms("Australia/Lord_Howe"))
