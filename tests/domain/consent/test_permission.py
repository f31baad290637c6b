from zoneinfo import ZoneInfo

import pytest

from identity_graph.domain.consent.deriving import Dimension
from identity_graph.domain.consent.permission import (
    Bar,
    Person,
    Refusal,
    find_adult_from,
    find_purpose_fault,
    may_use,
    read_region,
    say_refusal,
)
from identity_graph.domain.consent.rules import ConsentRules, PurposeRule, Unasked
from identity_graph.domain.consent.statements import ConsentState
from identity_graph.domain.values.observations import Channel
from identity_graph.domain.values.times import read_moment

G, D, W = ConsentState.GRANTED, ConsentState.DENIED, ConsentState.WITHDRAWN
US = Unasked(regions={"US": True})
RULES = ConsentRules(
    purposes={
        "news": PurposeRule(unasked=US, channels={Channel.EMAIL: US, Channel.SMS: Unasked()}),
        "care": PurposeRule(unasked=Unasked(otherwise=True), minors=True, regions=frozenset({"CN"})),
    }
)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = read_moment("2026-01-31T08:00:00Z")
GRANTED: dict[Dimension, ConsentState] = {("news", None): G}


def refusal(person: Person, purpose: str = "news", channel: Channel | None = None, **more: str) -> Refusal | None:
    return may_use(person, purpose, channel, NOW, RULES, **more).refusal


def test_what_nobody_declares_is_refused() -> None:
    assert refusal(Person(states={("nwes", None): G}), "nwes") is Refusal.UNKNOWN_PURPOSE
    assert find_purpose_fault("nwes", RULES) == "the catalogue declares no purpose 'nwes'; did you mean 'news'?"
    assert find_purpose_fault("news", RULES) is None


def test_what_was_said_counts_and_silence_is_what_the_law_of_the_region_says() -> None:
    assert refusal(Person(states=GRANTED)) is None
    assert refusal(Person(states={("news", None): D}, region="US")) is Refusal.DENIED
    assert refusal(Person(states={("news", None): W}, region="US")) is Refusal.WITHDRAWN
    assert refusal(Person()) is Refusal.NOT_ASKED
    assert refusal(Person(region="US")) is None
    assert refusal(Person(), "care") is None


def test_a_channel_is_a_question_of_its_own() -> None:
    assert refusal(Person(states=GRANTED), channel=Channel.EMAIL) is Refusal.CHANNEL_NOT_ASKED
    assert refusal(Person(states=GRANTED, region="US"), channel=Channel.EMAIL) is None
    assert refusal(Person(states={**GRANTED, ("news", Channel.SMS): G}), channel=Channel.SMS) is None
    assert refusal(Person(states={**GRANTED, ("news", Channel.SMS): D}), channel=Channel.SMS) is Refusal.CHANNEL_DENIED
    withdrawn = Person(states={**GRANTED, ("news", Channel.SMS): W})
    assert refusal(withdrawn, channel=Channel.SMS) is Refusal.CHANNEL_WITHDRAWN
    assert refusal(Person(states={("news", Channel.SMS): G}), channel=Channel.SMS) is Refusal.NOT_ASKED
    assert refusal(Person(states=GRANTED), channel=Channel.STORE) is Refusal.CHANNEL_UNKNOWN


def test_who_is_restricted_or_has_died_is_refused_whatever_they_said() -> None:
    assert refusal(Person(states=GRANTED, bar=Bar.RESTRICTED)) is Refusal.RESTRICTED
    assert refusal(Person(bar=Bar.DECEASED), "care") is Refusal.DECEASED


def test_minors_are_refused_until_they_are_of_age() -> None:
    assert refusal(Person(states=GRANTED, adult_from=NOW + 1)) is Refusal.MINOR
    assert refusal(Person(states=GRANTED, adult_from=NOW)) is None
    assert refusal(Person(adult_from=NOW + 1), "care") is None


def test_data_leaves_only_for_the_regions_of_the_purpose() -> None:
    assert refusal(Person(), "care", destination="US") is Refusal.REGION
    assert refusal(Person(), "care", destination="CN") is None
    assert refusal(Person(states=GRANTED), "news", destination="US") is None


def test_every_refusal_has_words() -> None:
    assert all(say_refusal(one) for one in Refusal)


@pytest.mark.parametrize(
    ("birthday", "adult_from"),
    [
        ("2012-02-29", "2026-03-01T00:00:00+08:00"),
        ("2012-05-01", "2026-05-01T00:00:00+08:00"),
        ("2012-04-30T16:00:00Z", "2026-05-01T00:00:00+08:00"),
        ("long ago", None),
        ("9999-01-01", None),
        (1990, None),
        (None, None),
    ],
)
def test_somebody_is_of_age_from_the_beginning_of_a_birthday(birthday: object, adult_from: str | None) -> None:
    expected = None if adult_from is None else read_moment(adult_from)
    assert find_adult_from(birthday, 14, SHANGHAI) == expected


def test_a_region_is_a_country_of_two_letters() -> None:
    assert [read_region(value) for value in (" us ", "China", "", None, 5, "日本")] == ["US", *[None] * 5]
