"""The preferred channel: known answers, what the catalogue may say, and random lives against a plain reference."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.preference import (
    CONTACTS,
    DEFAULT_PREFERENCE,
    ContactEvent,
    ContactEvents,
    PreferenceRules,
    find_preference,
)
from identity_graph.domain.values.observations import Channel
from identity_graph.errors import CatalogueError
from tests.properties import examples

DAY = 86_400_000_000
NOW = 1000 * DAY
OFFICIAL = Channel.WECHAT_OFFICIAL_ACCOUNT


def event(days: int, name: str, channel: str = "OTHER") -> ContactEvent:
    """Make an event of so many days ago."""
    return ContactEvent(NOW - days * DAY, name, channel)


def find(
    *events: ContactEvent, purchases: Sequence[int] = (), rules: PreferenceRules = DEFAULT_PREFERENCE
) -> tuple[Channel | None, dict[Channel, tuple[int, int, float]]]:
    found = find_preference(events, [NOW - days * DAY for days in purchases], rules, NOW)
    assert [one.score for one in found.scores] == sorted((one.score for one in found.scores), reverse=True)
    return found.channel, {one.channel: (one.contacts, one.responses, round(one.score, 4)) for one in found.scores}


def test_the_channel_with_most_answered_contacts_is_preferred() -> None:
    mails = [event(day, "Email Sent") for day in range(9)]
    texts = [event(day, "SMS Sent") for day in range(3)]
    opened = [event(day, "Email Opened") for day in range(5)]
    found = find(*mails, *texts, *opened, *[event(day, "SMS Link Clicked") for day in range(3)])
    assert (found[0], found[1][Channel.EMAIL][:2], found[1][Channel.SMS][:2]) == (Channel.SMS, (9, 5), (3, 3))


def test_several_responses_to_one_contact_answer_it_once() -> None:
    opened = [event(day, "Email Opened") for day in (5, 4, 3, 2)]
    told = [event(20, "Email Sent"), event(5, "Email Sent"), *opened, event(3, "Email Link Clicked")]
    found = find(*told, purchases=[3])
    assert found[1][Channel.EMAIL] == (2, 1, round(0.5 ** (5 / 90) / (0.5 ** (5 / 90) + 0.5 ** (20 / 90) + 1), 4))


def test_a_response_answers_the_last_contact_of_the_days_before_and_none_that_is_older() -> None:
    assert find(event(8, "Email Sent"), event(1, "Email Opened")) == (None, {Channel.EMAIL: (1, 0, 0.0)})
    assert find(event(7, "Email Sent"), event(1, "Email Opened"))[0] is Channel.EMAIL
    assert find(event(1, "Email Opened"), event(0, "Email Sent"))[0] is None
    late = find(event(9, "Email Sent"), event(2, "Email Sent"), event(2, "Email Opened"))
    assert late[1][Channel.EMAIL] == (2, 1, round(0.5 ** (2 / 90) / (1 + 0.5 ** (2 / 90) + 0.5 ** (9 / 90)), 4))


def test_recent_contacts_count_most_and_a_single_lucky_one_little() -> None:
    old = [event(90, "Email Sent"), event(90, "Email Opened"), event(0, "Email Sent")]
    new = [event(0, "Push Notification Sent"), event(0, "Push Notification Tapped")]
    assert find(*old, *new) == (Channel.APP, {Channel.APP: (1, 1, 0.5), Channel.EMAIL: (2, 1, 0.2)})


def test_a_contact_that_is_told_as_sent_and_as_delivered_is_one() -> None:
    told = [event(3, "Email Sent"), event(3, "Email Delivered"), event(2, "Email Delivered"), event(2, "Email Opened")]
    assert find(*told)[1][Channel.EMAIL][:2] == (2, 1)


def test_a_purchase_answers_the_last_contact_of_the_days_before() -> None:
    sent = [event(20, "Email Sent"), event(12, "SMS Sent"), event(10, "Message Sent", OFFICIAL)]
    found = find(*sent, purchases=[9, 11, 14, 2, 40])
    assert {channel: numbers[:2] for channel, numbers in found[1].items()} == {
        OFFICIAL: (1, 1),
        Channel.SMS: (1, 1),
        Channel.EMAIL: (1, 1),
    }


def test_a_name_of_two_channels_counts_where_it_took_place() -> None:
    told = [event(1, "Message Sent", "WECOM"), event(1, "Message Received", "WECOM"), event(1, "Message Received")]
    assert find(*told) == (Channel.WECOM, {Channel.WECOM: (1, 1, 0.4981)})


def test_responses_before_somebody_wanted_no_more_do_not_count() -> None:
    told = [event(9, "Email Sent"), event(8, "Email Opened"), event(7, "Unsubscribed")]
    assert find(*told) == (None, {Channel.EMAIL: (1, 0, 0.0)})
    assert find(*told, event(3, "Email Opened"))[0] is Channel.EMAIL
    assert find(event(7, "Unsubscribed")) == (None, {})


def test_what_is_too_old_or_not_yet_and_other_events_do_not_count() -> None:
    told = [event(365, "Email Sent"), event(-1, "Email Sent"), event(400, "Email Opened"), event(1, "Seen", "EMAIL")]
    assert find(*told, purchases=[365, -1]) == (None, {})
    assert find(event(364, "Email Sent"), purchases=[360])[1] == {Channel.EMAIL: (1, 1, 0.0571)}


def test_the_catalogue_names_events_and_durations() -> None:
    text = """preference:
  half_life: P30D
  within: P60D
  response_within: P40D
  purchase_within: P1D
  contacts: {SMS: {sent: [Text], responses: [Answer], stopped: [Stop]}, STORE: {sent: [Invited]}}
"""
    rules = parse_catalogue(text).preference
    assert (rules.half_life, rules.within) == (30 * DAY, 60 * DAY)
    assert (rules.response_within, rules.purchase_within) == (40 * DAY, DAY)
    assert rules.contacts[Channel.EMAIL] == CONTACTS[Channel.EMAIL]
    assert "SMS Sent" not in rules.names
    assert find(event(30, "Text"), event(0, "Answer"), event(0, "SMS Sent"), rules=rules) == (
        Channel.SMS,
        {Channel.SMS: (1, 1, round(0.5 / 1.5, 4))},
    )
    assert find(event(2, "Invited"), purchases=[2, 1], rules=rules)[1][Channel.STORE][:2] == (1, 1)
    assert parse_catalogue("format: 1").preference == DEFAULT_PREFERENCE


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("half_life: soon", "half_life: expected an ISO 8601 duration"),
        ("contacts: {FAX: {sent: [x]}}", "contacts.FAX: unknown key"),
        ("contacts: {SMS: {sent: x}}", "contacts.SMS.sent: expected a list of names of events, got 'x'"),
        ("contacts: {SMS: {sent: [[x]]}}", "contacts.SMS.sent: expected a list of names of events"),
        ("contacts: {SMS: {sent: [x], stopped: [x]}}", "contacts.SMS.stopped: 'x' is one of sent, too"),
    ],
)
def test_each_problem_is_named_with_its_line(entry: str, problem: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(f"format: 1\npreference: {{{entry}}}\n")
    (found,) = caught.value.facts["problems"]
    assert found.startswith(f"catalogue:2: preference.{problem}"), found


NAMES = ["Email Sent", "Email Delivered", "Email Opened", "Unsubscribed", "Message Sent", "Message Received", "Seen"]
EVENTS = st.lists(
    st.builds(event, st.integers(-3, 400), st.sampled_from(NAMES), st.sampled_from(["EMAIL", "WECOM"])), max_size=12
)


@examples(100)
@given(events=EVENTS, purchases=st.lists(st.integers(-3, 400), max_size=3, unique=True), seed=st.randoms())
def test_preferences_are_what_a_plain_reference_makes_of_events_in_any_order(
    events: list[ContactEvent], purchases: list[int], seed: Random
) -> None:
    expected = {
        channel: numbers
        for channel in (Channel.EMAIL, OFFICIAL, Channel.WECOM)
        if (numbers := reference(channel, events, purchases))[0]
    }
    seed.shuffle(events)
    preferred, found = find(*events, purchases=purchases)
    assert found == expected
    best = max((numbers[2] for numbers in expected.values()), default=0)
    if preferred is None:
        assert best == 0
    else:
        assert expected[preferred][2] == best > 0


def reference(channel: Channel, events: list[ContactEvent], purchases: list[int]) -> tuple[int, int, float]:
    """Score a channel by asking of each contact whether anything answers it."""
    ago = [((NOW - e.at) // DAY, e.name, _place(e)) for e in events if 0 <= (NOW - e.at) // DAY < 365]
    places = {place: [one for one in ago if one[2] is place] for place in (Channel.EMAIL, OFFICIAL, Channel.WECOM)}
    sent = {place: _contacts(CONTACTS[place], [(days, name) for days, name, _ in own]) for place, own in places.items()}
    names, contacts = CONTACTS[channel], sent[channel]
    stopped = min((days for days, name, _ in places[channel] if name in names.stopped), default=1000)
    responses = {days for days, name, _ in places[channel] if name in names.responses and days < stopped}
    order = list(Channel)
    every = [(days, order.index(place)) for place, own in sent.items() for days in own]
    bought = {
        days
        for days in purchases
        if 0 <= days < min(stopped, 365)
        and (before := [one for one in every if 0 <= one[0] - days < 7])
        and min(before)[1] == order.index(channel)
    }
    answered = 0
    weight = 0.0
    for number, sent_at in enumerate(contacts):
        later = contacts[number + 1] if number + 1 < len(contacts) else -1
        if any(later < at <= sent_at and sent_at - at < 7 for at in responses | bought):
            answered += 1
            weight += 0.5 ** (sent_at / 90)
    score = weight / (1 + sum(0.5 ** (days / 90) for days in contacts))
    return len(contacts), answered, round(score, 4)


def _contacts(names: ContactEvents, told: list[tuple[int, str]]) -> list[int]:
    """List how many days ago contacts were, the oldest first, by the name that tells of most."""
    by_name = [[days for days, name in told if name == one] for one in names.sent]
    return sorted(max(by_name, key=len), reverse=True)


def _place(one: ContactEvent) -> Channel | None:
    if one.name.startswith("Message"):
        return Channel.WECOM if one.channel == "WECOM" else OFFICIAL
    return None if one.name == "Seen" else Channel.EMAIL
