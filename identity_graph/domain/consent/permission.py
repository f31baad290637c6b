"""Whether somebody's data may be used: the one place where that is decided, whoever asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from identity_graph.domain.consent.bars import Bar
from identity_graph.domain.consent.deriving import Dimension
from identity_graph.domain.consent.rules import ConsentRules, Unasked
from identity_graph.domain.consent.statements import ConsentState
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.domain.values.times import read_iso
from identity_graph.domain.values.yaml_sections import did_you_mean

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LETTERS = 2


class Refusal(StrEnum):
    """Why something is not allowed."""

    UNKNOWN_PURPOSE = "UNKNOWN_PURPOSE"
    RESTRICTED = "RESTRICTED"
    DECEASED = "DECEASED"
    NOT_PERSONALISED = "NOT_PERSONALISED"
    MINOR = "MINOR"
    REGION = "REGION"
    DENIED = "DENIED"
    WITHDRAWN = "WITHDRAWN"
    NOT_ASKED = "NOT_ASKED"
    CHANNEL_UNKNOWN = "CHANNEL_UNKNOWN"
    CHANNEL_DENIED = "CHANNEL_DENIED"
    CHANNEL_WITHDRAWN = "CHANNEL_WITHDRAWN"
    CHANNEL_NOT_ASKED = "CHANNEL_NOT_ASKED"


@dataclass(frozen=True, kw_only=True)
class Person:
    """What of a customer decides: what it said by purpose and channel, where it lives, and from when it is of age.

    ``region`` None: nothing tells it. ``adult_from`` None: nothing tells it, and the customer counts as of age.
    """

    states: Mapping[Dimension, ConsentState] = field(default_factory=dict[Dimension, ConsentState])
    region: str | None = None
    adult_from: Instant | None = None
    bar: Bar | None = None


class Verdict(NamedTuple):
    """Whether something is allowed, and if not, why."""

    refusal: Refusal | None = None

    @property
    def allowed(self) -> bool:
        """Whether it is."""
        return self.refusal is None


ALLOWED = Verdict()

_OF_PURPOSE = {
    ConsentState.DENIED: Verdict(Refusal.DENIED),
    ConsentState.WITHDRAWN: Verdict(Refusal.WITHDRAWN),
}
_OF_CHANNEL = {
    ConsentState.DENIED: Verdict(Refusal.CHANNEL_DENIED),
    ConsentState.WITHDRAWN: Verdict(Refusal.CHANNEL_WITHDRAWN),
}
_SAID: Mapping[Refusal, str] = {
    Refusal.UNKNOWN_PURPOSE: "the catalogue does not declare the purpose",
    Refusal.RESTRICTED: "the customer's data is restricted",
    Refusal.DECEASED: "the customer has died",
    Refusal.NOT_PERSONALISED: "the customer wants nothing that is made for them personally",
    Refusal.MINOR: "the customer is under age",
    Refusal.REGION: "data for this purpose may not go to the region of the destination",
    Refusal.DENIED: "the customer denied the purpose",
    Refusal.WITHDRAWN: "the customer withdrew the consent to the purpose",
    Refusal.NOT_ASKED: "the customer did not allow the purpose, which needs a consent",
    Refusal.CHANNEL_UNKNOWN: "nobody is contacted through this channel for the purpose",
    Refusal.CHANNEL_DENIED: "the customer denied the channel",
    Refusal.CHANNEL_WITHDRAWN: "the customer withdrew the consent to the channel",
    Refusal.CHANNEL_NOT_ASKED: "the customer did not allow the channel, which needs a consent",
}


def say_refusal(refusal: Refusal) -> str:
    """Say why something is not allowed."""
    return _SAID[refusal]


def may_use(
    person: Person,
    purpose: str,
    channel: Channel | None,
    at: Instant,
    rules: ConsentRules,
    *,
    destination: str | None = None,
) -> Verdict:
    """Decide whether a customer's data may be used for a purpose at a moment, and through a channel if one is named.

    ``destination`` is the region to which data would go. The first reason against it counts, in the order of ``Refusal``.
    ``NOT_PERSONALISED`` leaves what the law allows everywhere without a word, such as to deliver and to bill.
    """
    rule = rules.purposes.get(purpose)
    if rule is None:
        return Verdict(Refusal.UNKNOWN_PURPOSE)
    if person.bar is not None and not (person.bar is Bar.NOT_PERSONALISED and rule.unasked.otherwise):
        return Verdict(Refusal(person.bar.value))
    if not rule.minors and person.adult_from is not None and at < person.adult_from:
        return Verdict(Refusal.MINOR)
    if rule.regions is not None and destination is not None and destination not in rule.regions:
        return Verdict(Refusal.REGION)
    region = rules.region if person.region is None else person.region
    state = person.states.get((purpose, None))
    if state is not ConsentState.GRANTED:
        if state is not None:
            return _OF_PURPOSE[state]
        if not rule.unasked.allows(region):
            return Verdict(Refusal.NOT_ASKED)
    return ALLOWED if channel is None else _may_contact(person, purpose, channel, region, rule.channels.get(channel))


def find_purpose_fault(purpose: str, rules: ConsentRules) -> str | None:
    """Say what is wrong with the name of a purpose; None when the catalogue declares it."""
    if purpose in rules.purposes:
        return None
    return f"the catalogue declares no purpose {purpose!r}{did_you_mean(purpose, tuple(rules.purposes))}"


def read_region(value: Any) -> str | None:
    """Read where somebody lives: a country of two letters; None for anything else."""
    text = value.strip().upper() if type(value) is str else ""
    return text if len(text) == _LETTERS and text.isascii() and text.isalpha() else None


def find_adult_from(birthday: Any, adult_at: int, zone: ZoneInfo) -> Instant | None:
    """Tell from when somebody is of age: the beginning of a birthday; None where the birthday is no date.

    Whoever was born on 29 February is of age on 1 March of other years.
    """
    try:
        born = read_iso(birthday, zone) if type(birthday) is str else None
        if born is None:
            return None
        day = (_EPOCH + born * _MICROSECOND).astimezone(zone).date()
        begins = datetime.combine(_add_years(day, adult_at), datetime.min.time(), zone)
        return (begins - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        return None


def _add_years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _may_contact(person: Person, purpose: str, channel: Channel, region: str, unasked: Unasked | None) -> Verdict:
    if unasked is None:
        return Verdict(Refusal.CHANNEL_UNKNOWN)
    state = person.states.get((purpose, channel))
    if state is None:
        return ALLOWED if unasked.allows(region) else Verdict(Refusal.CHANNEL_NOT_ASKED)
    return _OF_CHANNEL.get(state, ALLOWED)
