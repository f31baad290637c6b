"""What conditions mean where it is easy to mean something else. Each test is one statement of docs/segments.md."""

from typing import Any

import pytest

from identity_graph.domain.profiles.orders import OrderState
from identity_graph.domain.segments.checking import Known, check_rule
from identity_graph.domain.segments.cycles import in_order
from identity_graph.domain.segments.deciding import Decision
from identity_graph.domain.segments.evaluation import Judge, is_member
from identity_graph.domain.segments.plain_leaves import place_of
from identity_graph.domain.segments.reading import read_rule
from identity_graph.domain.segments.rule_tree import Audience, ConsentState
from identity_graph.domain.segments.sentences import say_rule
from identity_graph.domain.segments.sheet import ConsentFact
from identity_graph.domain.values.observations import Channel
from identity_graph.errors import SegmentError
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
    order,
)

NOBODY = make_sheet()


def trait(name: str, op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"trait": {"name": name, "op": op, **({} if value is None else {"value": value}), **more}}


def did(event_name: str, **more: Any) -> dict[str, Any]:
    return {"did": {"event": event_name, **more}}


def metric(name: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"metric": {"name": name, "op": op, "value": value, **more}}


# Unknown and empty


def test_01_ne_is_exactly_not_eq_and_whoever_has_no_value_is_different_too() -> None:
    for sheet in (NOBODY, make_sheet(traits={"city": "a"}), make_sheet(traits={"city": "b"})):
        assert holds(trait("city", "NE", "a"), sheet) is not holds(trait("city", "EQ", "a"), sheet)
        assert holds(trait("city", "NOT_IN", ["a"]), sheet) is not holds(trait("city", "IN", ["a"]), sheet)
    assert holds(trait("city", "NE", "a"), NOBODY)
    assert holds(trait("city", "NOT_IN", ["a", "b"]), NOBODY)
    for op, value in (("NE", "a"), ("NOT_IN", ["a"])):
        assert "or unknown" in say_rule(read_rule(trait("city", op, value)), TERMS)


def test_02_false_and_not_true_can_both_be_said() -> None:
    false, not_true = trait("member", "EQ", value=False), {"not": trait("member", "EQ", value=True)}
    assert not holds(false, NOBODY)
    assert holds(not_true, NOBODY)
    assert holds(false, make_sheet(traits={"member": False}))
    assert holds(not_true, make_sheet(traits={"member": False}))
    assert "false or unknown" in say_rule(read_rule(not_true), TERMS)


@pytest.mark.parametrize("blank", ["", "  ", None, [], {}])
def test_03_blank_is_absent_in_every_operator(blank: Any) -> None:
    sheet = make_sheet(traits={"anything": blank, "city": blank}, events=[event(0, "Seen", note=blank)])
    for name in ("anything", "city"):
        assert not holds(trait(name, "EXISTS"), sheet)
        assert holds(trait(name, "NE", "a"), sheet)
        assert holds(trait(name, "NOT_IN", ["a"]), sheet)
        for op, value in (("EQ", "a"), ("IN", ["a"]), ("CONTAINS", " "[:0] or "a"), ("STARTS_WITH", "a")):
            assert not holds(trait(name, op, value), sheet)
    for op, value in (("LT", 5), ("GE", 0), ("BETWEEN", [0, 9]), ("WITHIN_LAST", "P9D"), ("ANNIVERSARY_WITHIN", "P9D")):
        assert not holds(trait("anything", op, value), sheet)
    assert not holds(did("Seen", where=[{"name": "note", "op": "EXISTS"}]), sheet)
    with pytest.raises(SegmentError, match="write not around EXISTS"):
        read_rule(trait("city", "EQ", ""))


def test_04_customers_of_whom_nothing_was_told_are_evaluated_too() -> None:
    assert holds({"not": trait("city", "EXISTS")}, NOBODY)
    assert holds({"not": did("Seen")}, NOBODY)


def test_05_a_rule_of_negatives_only_is_a_rule() -> None:
    rule = {"all": [{"not": did("Seen")}, trait("city", "NE", "a")]}
    assert not check_rule(read_rule(rule), Known(TERMS)).problems
    assert holds(rule, NOBODY, audience=Audience.KNOWN)


def test_06_the_audience_is_who_has_more_than_a_visitors_identifier_or_everybody() -> None:
    rule = {"not": did("Seen")}
    visitor = make_sheet(identifiers={"anonymous_id:c1": NOW - DAY, "openid:a/1": NOW - DAY})
    assert holds(rule, visitor, audience=Audience.ALL)
    assert not holds(rule, visitor, audience=Audience.KNOWN)
    known_tomorrow = make_sheet(identifiers={"anonymous_id:c1": NOW - DAY, "phone:1": NOW + DAY})
    result = ask(rule, known_tomorrow, audience=Audience.KNOWN)
    assert (result.holds, result.next_at) == (False, NOW + DAY)
    assert "anonymous ones too" in say_rule(read_rule(rule), TERMS, audience=Audience.ALL)


def test_07_operators_that_make_no_sense_for_a_type_are_refused() -> None:
    for rule in (
        trait("city", "GT", "a"),
        trait("member", "CONTAINS", value=True),
        trait("points", "WITHIN_LAST", "P1D"),
    ):
        problems = check_rule(read_rule(rule), Known(TERMS)).problems
        assert "makes no sense" in problems[0].problem


# Counting and events


def test_08_distinct_messages_and_orders_count_and_a_repeat_raises_nothing() -> None:
    twice = make_sheet(events=[event(DAY, "Seen", id="m1"), event(DAY, "Seen", id="m1"), event(HOUR, "Seen", id="m1")])
    assert ask(did("Seen"), twice).condition.actual == 1
    assert not holds(did("Seen", count={"op": "GE", "value": 2}), twice)
    one_order = make_sheet(orders=bought(order(DAY)), events=[event(DAY, "Paid", id="a"), event(DAY, "Paid", id="b")])
    assert not holds({"ordered": {"count": {"op": "GE", "value": 2}}}, one_order)
    assert holds(metric("ORDERS", "EQ", 1), one_order)


def test_09_several_property_conditions_hold_for_one_and_the_same_event() -> None:
    where = [{"name": "total", "op": "GE", "value": 100}, {"name": "cart_id", "op": "EQ", "value": "c1"}]
    apart = make_sheet(
        events=[event(DAY, "Paid", total=100, cart_id="c2"), event(2 * DAY, "Paid", total=1, cart_id="c1")]
    )
    assert not holds(did("Paid", where=where), apart)
    assert holds(did("Paid", where=where), make_sheet(events=[event(DAY, "Paid", total=100, cart_id="c1")]))


def test_10_any_occurrence_is_meant_unless_the_first_or_the_last_is_asked_for() -> None:
    sheet = make_sheet(
        events=[event(3 * DAY, "Paid", total=1), event(2 * DAY, "Paid", total=9), event(DAY, "Paid", total=2)]
    )
    large, small = ([{"name": "total", "op": op, "value": 5}] for op in ("GT", "LT"))
    assert holds(did("Paid", where=large), sheet)
    assert not holds(did("Paid", where=large, pick="FIRST"), sheet)
    assert not holds(did("Paid", where=large, pick="LAST"), sheet)
    assert holds(did("Paid", where=small, pick="LAST", within="P2D"), sheet)
    assert not holds(did("Paid", pick="FIRST", within="P2D"), sheet)


def test_11_a_sequence_exists_when_some_choice_of_events_fits() -> None:
    rule = {"sequence": {"steps": [{"event": "Cart"}], "within": "PT1H", "without": {"event": "Paid"}}}
    again = make_sheet(events=[event(5 * HOUR, "Cart"), event(4 * HOUR + 1, "Paid"), event(3 * HOUR, "Cart")])
    assert holds(rule, again)
    bought_both = make_sheet(events=[*again.events, event(2 * HOUR + 1, "Paid")])
    assert not holds(rule, bought_both)


def test_11_the_span_of_a_sequence_ends_before_its_end() -> None:
    rule = {"sequence": {"steps": [{"event": "Cart"}], "within": "PT1H", "without": {"event": "Paid"}}}
    cart = event(HOUR, "Cart")
    assert ask(rule, make_sheet(events=[event(HOUR - 1, "Cart")])).next_at == NOW + 1
    assert holds(rule, make_sheet(events=[cart, event(0, "Paid")]))
    assert not holds(rule, make_sheet(events=[cart, event(1, "Paid")]))


def test_11_a_sequence_goes_on_after_an_event_that_leads_nowhere() -> None:
    rule = {"sequence": {"steps": [{"event": "Seen"}, {"event": "Cart"}, {"event": "Paid"}], "within": "PT2H"}}
    seen_twice = [
        event(9 * HOUR, "Seen"),
        event(4 * HOUR, "Seen"),
        event(3 * HOUR, "Cart"),
        event(3 * HOUR - 1, "Paid"),
    ]
    assert holds(rule, make_sheet(events=seen_twice))
    assert not holds(rule, make_sheet(events=[*seen_twice[:3], event(2 * HOUR, "Paid")]))
    assert not holds(rule, make_sheet(events=[seen_twice[1], event(3 * HOUR, "Paid"), event(3 * HOUR - 1, "Cart")]))


def test_12_another_carts_checkout_does_not_end_the_abandonment_of_this_one() -> None:
    rule = {
        "sequence": {"steps": [{"event": "Cart"}], "within": "PT1H", "without": {"event": "Paid"}, "same": ["cart_id"]}
    }
    cart = event(3 * HOUR, "Cart", cart_id="c1")
    assert holds(rule, make_sheet(events=[cart, event(3 * HOUR - 1, "Paid", cart_id="c2")]))
    assert not holds(rule, make_sheet(events=[cart, event(3 * HOUR - 1, "Paid", cart_id="c1")]))
    assert not holds(rule, make_sheet(events=[event(3 * HOUR, "Cart")])), "a cart without an id is not the same as any"


def test_13_names_of_events_are_exact() -> None:
    sheet = make_sheet(events=[event(DAY, "paid"), event(DAY, "Paid ")])
    assert not holds(did("Paid"), sheet)
    assert holds(did("Paid "), sheet)


@pytest.mark.parametrize(
    ("kind", "value", "of_nothing"),
    [("SUM", 7.6, 0), ("MEAN", 3.8, None), ("MIN", 0.1, None), ("MAX", 7.5, None), ("DISTINCT", 3, 0), ("DAYS", 2, 0)],
)
def test_14_measures_of_events_are_0_or_unknown_on_nothing(kind: str, value: float, of_nothing: float | None) -> None:
    of = {} if kind == "DAYS" else {"of": "total"}
    events = [
        event(DAY, "Paid", total=0.1),
        event(2 * DAY, "Paid", total="7.5"),
        event(2 * DAY + 1, "Paid", total="much"),
    ]
    rule = did("Paid", measure={"as": kind, **of, "op": "EQ", "value": value})
    assert ask(rule, make_sheet(events=events)).condition.actual == value
    assert holds(rule, make_sheet(events=events))
    assert ask(rule, NOBODY).condition.actual == of_nothing
    at_most = did("Paid", measure={"as": kind, **of, "op": "LE", "value": 100})
    assert holds(at_most, NOBODY) is (of_nothing is not None)


def test_15_a_refund_or_cancellation_lets_a_customer_leave() -> None:
    rich, counts = metric("REVENUE", "GE", 100), {"ordered": {}}
    assert holds(rich, make_sheet(orders=bought(order(DAY, 100))))
    assert not holds(rich, make_sheet(orders=bought(order(DAY, 100, refunded=1, state=OrderState.PARTLY_REFUNDED))))
    assert not holds(rich, make_sheet(orders=bought(order(DAY, 100, state=OrderState.CANCELLED))))
    assert not holds(counts, make_sheet(orders=bought(order(DAY, 100, state=OrderState.CANCELLED))))
    assert holds(counts, make_sheet(orders=bought(order(DAY, 100, refunded=100, state=OrderState.REFUNDED))))


# Change


def test_31_a_merged_customer_is_evaluated_on_all_facts_and_memberships_are_not_united() -> None:
    rule = did("Seen", count={"op": "EQ", "value": 1})
    one, other = event(DAY, "Seen", id="1"), event(HOUR, "Seen", id="2")
    assert holds(rule, make_sheet(events=[one]))
    assert holds(rule, make_sheet(events=[other]))
    assert not holds(rule, make_sheet(events=[one, other]))


def test_32_what_is_no_longer_theirs_does_not_count() -> None:
    rule = {"any": [did("Seen"), {"hasIdentifier": "phone"}]}
    assert holds(rule, make_sheet(events=[event(DAY, "Seen")], identifiers={"phone:1": NOW - DAY}))
    assert not holds(rule, make_sheet(identifiers={"user_id:mei": NOW - DAY}))


def test_34_cycles_are_refused_with_the_path_and_a_segment_follows_those_that_it_uses() -> None:
    rules = {id: read_rule({"inSegment": used}) for id, used in (("b", "c"), ("c", "a"))}
    problem = check_rule(read_rule({"not": {"inSegment": "b"}}), Known(TERMS, rules, own="a")).problems[0].problem
    assert "a → b → c → a" in problem
    assert in_order({"b": rules["b"], "c": read_rule(did("Seen"))}) == ["c", "b"]
    assert holds({"inSegment": "b"}, make_sheet(segments=frozenset({"b"})))
    assert not holds({"inSegment": "b"}, NOBODY)


def test_35_pins_outrank_the_rule_in_both_directions() -> None:
    inside, outside = ask({"not": did("Seen")}, NOBODY), ask(did("Seen"), NOBODY)
    assert (is_member(inside), is_member(outside)) == (True, False)
    assert (is_member(inside, pinned=False), is_member(outside, pinned=True)) == (False, True)


# Safety


def test_38_what_cannot_be_evaluated_later_fails_closed_and_shows_the_fault() -> None:
    rule = {"not": trait("points", "GT", 5)}
    assert holds(rule, NOBODY)
    changed = make_terms(catalogue="time_zone: ZONE\ntraits: {points: {type: text}}\n")
    result = ask(rule, NOBODY, terms=changed)
    assert (result.holds, result.next_at, result.condition.children) == (False, None, ())
    assert not Judge(read_rule(rule), changed).holds(NOBODY, NOW)
    assert Judge(read_rule(rule), changed).decide(NOBODY, NOW) == Decision(holds=False, fault=result.fault)
    assert result.fault is not None
    assert "makes no sense" in result.fault
    assert Judge(read_rule(rule), TERMS).fault is None


def test_39_numbers_moments_and_texts_are_never_compared_as_one_another() -> None:
    sheet = make_sheet(traits={"anything": "5"})
    assert not holds(trait("anything", "EQ", value=True), make_sheet(traits={"anything": 1}))
    assert not holds(trait("anything", "EQ", "5"), make_sheet(traits={"anything": 5}))
    for op, value in (("EQ", 5), ("IN", [5]), ("GE", 1), ("BETWEEN", [1, 9]), ("CONTAINS", 5)):
        assert not holds(trait("anything", op, value), sheet)
        assert not holds(
            did("Paid", where=[{"name": "total", "op": op, "value": value}]),
            make_sheet(events=[event(DAY, "Paid", total="5")]),
        )
    assert holds(trait("points", "EQ", 5), make_sheet(traits={"points": "5"}))
    assert not holds(trait("anything", "LT", "2026-01-01"), sheet)
    assert not holds(trait("anything", "GT", 1), make_sheet(traits={"anything": "2026-01-01"}))
    assert not holds(trait("anything", "GE", "2026-01-01T00:00:00Z"), make_sheet(traits={"anything": "2026-06-01"}))
    assert not holds(trait("points", "GE", 0), make_sheet(traits={"points": "many"}))
    for rule in (trait("points", "EQ", "5"), trait("city", "EQ", 5), trait("birthday", "EQ", 5)):
        assert check_rule(read_rule(rule), Known(TERMS)).problems


def test_40_a_share_is_drawn_by_a_salted_hash_of_the_oldest_identifier() -> None:
    older, newer = {"user_id:a": NOW - 9 * DAY}, {"user_id:b": NOW - DAY}
    half = {"share": {"of": 0.5, "salt": "x"}}
    merged = make_sheet(identifiers={**newer, **older})
    assert holds(half, merged) is holds(half, make_sheet(identifiers=older))
    places = [place_of(f"user_id:{number}", "x") for number in range(2000)]
    assert 900 < sum(place < 0.5 for place in places) < 1100
    others = [place_of(f"user_id:{number}", "y") for number in range(2000)]
    assert 400 < sum(a < 0.5 and b < 0.5 for a, b in zip(places, others, strict=True)) < 600
    assert holds({"share": {"of": 1, "salt": "x"}}, merged)
    assert not holds({"share": {"of": 1, "salt": "x"}}, make_sheet(identifiers={}))


def test_41_percentages_refer_to_the_stored_cut() -> None:
    best = metric("RFM_MONETARY", "GE", 80, percentile=True)
    rich = make_sheet(orders=bought(order(DAY, 100)))
    assert holds(best, rich)
    assert not holds(best, make_sheet(orders=bought(order(DAY, 99))))
    assert not holds(best, rich, terms=make_terms(has_cut=False))
    assert "last RFM cut" in say_rule(read_rule(best), TERMS)


def test_42_a_consent_holds_as_it_was_said_last_and_silence_is_no_consent() -> None:
    granted = {"consent": {"purpose": "ads", "state": "GRANTED"}}
    assert not holds(granted, NOBODY)
    assert not holds({"consent": {"purpose": "ads", "state": "DENIED"}}, NOBODY)
    said = {("ads", None): ConsentFact(ConsentState.GRANTED, NOW - DAY)}
    assert holds(granted, make_sheet(consents=said))
    assert not holds({"consent": {"purpose": "ads", "channel": "SMS", "state": "GRANTED"}}, make_sheet(consents=said))
    withdrawn = {("ads", Channel.SMS): ConsentFact(ConsentState.WITHDRAWN, NOW - DAY)}
    for_sms = {"consent": {"purpose": "ads", "channel": "SMS", "state": "GRANTED"}}
    assert ask(for_sms, make_sheet(consents=withdrawn)).condition.actual == "WITHDRAWN"


def test_42_what_may_be_done_is_what_was_said_and_what_the_law_says_where_nothing_was() -> None:
    ads, sms = {"permitted": {"purpose": "ads"}}, {"permitted": {"purpose": "marketing", "channel": "SMS"}}
    assert not holds(ads, make_sheet())
    assert holds(ads, make_sheet(traits={"country": "US"}))
    granted = {(name, None): ConsentFact(ConsentState.GRANTED, NOW - DAY) for name in ("ads", "marketing")}
    assert holds(ads, make_sheet(consents=granted))
    assert not holds(sms, make_sheet(consents=granted, traits={"country": "US"}))
    by_sms = {("marketing", Channel.SMS): ConsentFact(ConsentState.GRANTED, NOW - DAY)}
    assert holds(sms, make_sheet(consents={**granted, **by_sms}))
    assert not holds(sms, make_sheet(consents=by_sms))


def test_42_a_minor_may_be_included_from_the_birthday_on() -> None:
    rule = {"permitted": {"purpose": "ads"}}
    granted = {("ads", None): ConsentFact(ConsentState.GRANTED, NOW - DAY)}
    child = ask(rule, make_sheet(consents=granted, traits={"birthday": "2012-06-16"}))
    assert (child.holds, child.condition.actual) == (False, "MINOR")
    assert child.next_at == NOW + 12 * HOUR
    assert holds(rule, make_sheet(consents=granted, traits={"birthday": "2012-06-15"}))


def test_45_no_cap_is_silent() -> None:
    too_many = {"any": [did("Seen")] * 201}
    too_deep: dict[str, Any] = did("Seen")
    for _ in range(1000):
        too_deep = {"not": too_deep}
    long_list = trait("city", "IN", [str(number) for number in range(1001)])
    for rule, words in ((too_many, "more than 200"), (too_deep, "levels deep"), (long_list, "at most 1,000")):
        with pytest.raises(SegmentError, match=words):
            read_rule(rule)
