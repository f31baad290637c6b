"""The channel that a customer prefers: the one in which most contacts are answered, where recent ones count most.

It follows from the events that tell of contacts and responses, from purchases, from the catalogue, and from now.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import fsum
from typing import NamedTuple

from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Channel, Instant
from identity_graph.domain.values.yaml_sections import Section, read_list, read_text

_ORDER = {channel: number for number, channel in enumerate(Channel)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEvents:
    """Names of the events of a channel: contacts that were sent, responses to them, and the wish for no more of them."""

    sent: tuple[str, ...] = ()
    responses: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()


CONTACTS: Mapping[Channel, ContactEvents] = {
    Channel.EMAIL: ContactEvents(
        sent=("Email Sent", "Email Delivered"),
        responses=("Email Opened", "Email Link Clicked", "Email Replied"),
        stopped=("Unsubscribed", "Email Marked as Spam"),
    ),
    Channel.SMS: ContactEvents(
        sent=("SMS Sent", "SMS Delivered"),
        responses=("SMS Link Clicked", "SMS Replied"),
        stopped=("SMS Unsubscribed",),
    ),
    Channel.APP: ContactEvents(
        sent=("Push Notification Sent", "Push Notification Received"), responses=("Push Notification Tapped",)
    ),
    Channel.WECHAT_OFFICIAL_ACCOUNT: ContactEvents(
        sent=("Message Sent",), responses=("Message Received", "Menu Clicked"), stopped=("Account Unfollowed",)
    ),
    Channel.WECOM: ContactEvents(sent=("Message Sent",), responses=("Message Received",)),
    Channel.CALL_CENTRE: ContactEvents(sent=("Call Made",)),
}
"""The events of Segment's specifications, of the WeChat hooks, and of the example mappings.

Who calls responds to nothing, and an answered call may be theirs: only purchases count as responses to calls.
"""


@dataclass(frozen=True, kw_only=True)
class PreferenceRules:
    """What counts as a contact and a response, and for how long; durations in microseconds.

    Of two contacts, the one that is ``half_life`` older counts half. What is older than ``within`` does not count. A response
    answers the last contact of its channel in the ``response_within`` before it, and a purchase the last contact of all
    channels in the ``purchase_within`` before it.
    """

    half_life: Instant = 90 * DAY
    within: Instant = 365 * DAY
    response_within: Instant = 7 * DAY
    purchase_within: Instant = 7 * DAY
    contacts: Mapping[Channel, ContactEvents] = field(default_factory=lambda: dict(CONTACTS))

    @cached_property
    def names(self) -> list[str]:
        """All names of events that count, sorted."""
        return sorted(self._channels)

    def channel_of(self, name: str, channel: str) -> Channel | None:
        """Find the channel that an event counts in: of several that know its name, the one in which it took place, else the first."""
        known = self._channels.get(name, [])
        return next((one for one in known if one == channel), known[0] if known else None)

    @cached_property
    def _channels(self) -> dict[str, list[Channel]]:
        found: dict[str, list[Channel]] = {}
        for channel in sorted(self.contacts, key=_ORDER.__getitem__):
            events = self.contacts[channel]
            for name in (*events.sent, *events.responses, *events.stopped):
                found.setdefault(name, []).append(channel)
        return found


DEFAULT_PREFERENCE = PreferenceRules()
"""What holds where the catalogue says nothing."""


class ContactEvent(NamedTuple):
    """An event that may tell of a contact; ``channel`` is where it took place."""

    at: Instant
    name: str
    channel: str


class ChannelScore(NamedTuple):
    """How a customer responds in a channel: contacts, how many of them were answered, and the share of these from 0 to 1.

    In the score recent contacts count most.
    """

    channel: Channel
    contacts: int
    responses: int
    score: float


class Preference(NamedTuple):
    """The preferred channel, None when no contact was answered, and all channels with contacts, the best one first."""

    channel: Channel | None
    scores: tuple[ChannelScore, ...]


class _Told(NamedTuple):
    """What was told of a channel: when contacts were sent, sorted, when responses came, and when it was stopped last."""

    contacts: Sequence[Instant]
    responses: Sequence[Instant]
    stopped: Instant | None


def find_preference(
    events: Iterable[ContactEvent], purchases: Iterable[Instant], rules: PreferenceRules, now: Instant
) -> Preference:
    """Score the channels by the share of their contacts that were answered; ``events`` and ``purchases`` in any order."""
    times: dict[Channel, dict[str, list[Instant]]] = {}
    for event in events:
        channel = rules.channel_of(event.name, event.channel)
        if channel is not None and now - rules.within < event.at <= now:
            times.setdefault(channel, {}).setdefault(event.name, []).append(event.at)
    told = {channel: _tell(rules.contacts[channel], own) for channel, own in times.items()}
    bought = _purchases_by_channel(told, [at for at in purchases if now - rules.within < at <= now], rules)
    scores = [
        _score(channel, own, bought.get(channel, ()), rules, now) for channel, own in told.items() if own.contacts
    ]
    scores.sort(key=lambda one: (-one.score, _ORDER[one.channel]))
    return Preference(next((one.channel for one in scores if one.score > 0), None), tuple(scores))


def _tell(names: ContactEvents, times: Mapping[str, Sequence[Instant]]) -> _Told:
    # One contact may be told as sent and as delivered: the name with most events counts.
    contacts = max((times.get(name, ()) for name in names.sent), key=len, default=())
    responses = [at for name in names.responses for at in times.get(name, ())]
    stopped = max((at for name in names.stopped for at in times.get(name, ())), default=None)
    return _Told(sorted(contacts), responses, stopped)


def _purchases_by_channel(
    told: Mapping[Channel, _Told], purchases: Iterable[Instant], rules: PreferenceRules
) -> Mapping[Channel, Sequence[Instant]]:
    """Give each purchase to the channel of the last contact before it."""
    sent = [(at, -_ORDER[channel], channel) for channel, own in told.items() for at in own.contacts]
    found: dict[Channel, list[Instant]] = {}
    for purchase in purchases:
        last = max((one for one in sent if purchase - rules.purchase_within < one[0] <= purchase), default=None)
        if last is not None:
            found.setdefault(last[2], []).append(purchase)
    return found


def _score(
    channel: Channel, told: _Told, bought: Iterable[Instant], rules: PreferenceRules, now: Instant
) -> ChannelScore:
    """Count the contacts that were answered: several responses to one count once."""
    answered: set[int] = set()
    for times, within in ((told.responses, rules.response_within), (bought, rules.purchase_within)):
        for at in times:
            last = bisect_right(told.contacts, at) - 1
            is_wanted = told.stopped is None or at > told.stopped
            if is_wanted and last >= 0 and at - told.contacts[last] < within:
                answered.add(last)
    weights = [0.5 ** ((now - at) / rules.half_life) for at in told.contacts]
    # One contact more, so that a single lucky one is no preference.
    score = fsum(weights[number] for number in answered) / (fsum(weights) + 1)
    return ChannelScore(channel, len(told.contacts), len(answered), score)


PREFERENCE_KEYS = ("half_life", "within", "response_within", "purchase_within", "contacts")
"""The keys of the part ``preference`` of a catalogue."""

_CONTACT_KEYS = ("sent", "responses", "stopped")
_CHANNELS = tuple(channel.value for channel in Channel)


def read_preference_rules(section: Section) -> PreferenceRules:
    """Read the part of a catalogue about preferred channels; a channel that it does not name keeps its events."""
    default = DEFAULT_PREFERENCE
    channels = section.part("contacts", _CHANNELS)
    own = {Channel(name): _read_events(channels.part(name, _CONTACT_KEYS)) for name in channels}
    return PreferenceRules(
        half_life=section.duration("half_life", default.half_life),
        within=section.duration("within", default.within),
        response_within=section.duration("response_within", default.response_within),
        purchase_within=section.duration("purchase_within", default.purchase_within),
        contacts={**CONTACTS, **own},
    )


def _read_events(section: Section) -> ContactEvents:
    first: dict[str, str] = {}
    for key in _CONTACT_KEYS:
        for name in _read_names(section, key):
            if first.setdefault(name, key) != key:
                section.problems.add(
                    section.line_of_key(key), section.path(key), f"{name!r} is one of {first[name]}, too"
                )
    return ContactEvents(**{key: tuple(_read_names(section, key)) for key in _CONTACT_KEYS})


def _read_names(section: Section, key: str) -> Iterator[str]:
    if key not in section:
        return
    nodes = read_list(section[key])
    names = [read_text(node) for node in nodes or ()]
    if not names or None in names:
        section.reject(key, "a list of names of events")
    for name in names:
        if name is not None:
            yield name
