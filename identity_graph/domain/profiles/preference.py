"""The channel that a customer prefers: the one in which contacts get responses, where recent ones count most.

It follows from the events that tell of contacts and responses, from purchases, from the catalogue, and from now.
"""

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

    Of two responses, the one that is ``half_life`` older counts half. What is older than ``within`` does not count. A purchase
    is a response to the last contact of the ``purchase_within`` before it.
    """

    half_life: Instant = 90 * DAY
    within: Instant = 365 * DAY
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
    """How a customer responds in a channel; the score has the recent ones count most."""

    channel: Channel
    contacts: int
    responses: int
    score: float


class Preference(NamedTuple):
    """The preferred channel, None without a response to a contact, and all channels with their numbers, the best one first."""

    channel: Channel | None
    scores: tuple[ChannelScore, ...]


class _Weighed(NamedTuple):
    number: int
    weight: float


def find_preference(
    events: Iterable[ContactEvent], purchases: Iterable[Instant], rules: PreferenceRules, now: Instant
) -> Preference:
    """Score the channels by their responses for each contact; ``events`` and ``purchases`` may come in any order."""
    told: dict[Channel, dict[str, list[Instant]]] = {}
    for event in events:
        channel = rules.channel_of(event.name, event.channel)
        if channel is not None and now - rules.within < event.at <= now:
            told.setdefault(channel, {}).setdefault(event.name, []).append(event.at)
    bought = _purchases_by_channel(told, [at for at in purchases if now - rules.within < at <= now], rules)
    scores = [_score(channel, told[channel], bought.get(channel, ()), rules, now) for channel in told]
    scores.sort(key=lambda one: (-one.score, _ORDER[one.channel]))
    shown = tuple(one for one in scores if one.contacts or one.responses)
    return Preference(next((one.channel for one in shown if one.score > 0), None), shown)


def _purchases_by_channel(
    told: Mapping[Channel, Mapping[str, Sequence[Instant]]], purchases: Iterable[Instant], rules: PreferenceRules
) -> Mapping[Channel, Sequence[Instant]]:
    """Give each purchase to the channel of the last contact before it."""
    sent = [
        (at, -_ORDER[channel], channel)
        for channel, events in told.items()
        for name in rules.contacts[channel].sent
        for at in events.get(name, ())
    ]
    found: dict[Channel, list[Instant]] = {}
    for purchase in purchases:
        last = max((one for one in sent if purchase - rules.purchase_within < one[0] <= purchase), default=None)
        if last is not None:
            found.setdefault(last[2], []).append(purchase)
    return found


def _score(
    channel: Channel,
    events: Mapping[str, Sequence[Instant]],
    bought: Iterable[Instant],
    rules: PreferenceRules,
    now: Instant,
) -> ChannelScore:
    names = rules.contacts[channel]

    def weigh(times: Sequence[Instant]) -> _Weighed:
        return _Weighed(len(times), fsum(0.5 ** ((now - at) / rules.half_life) for at in times))

    # One contact may be told as sent and as delivered: the name with most events counts.
    contacts = max((weigh(events[name]) for name in names.sent if name in events), default=_Weighed(0, 0.0))
    stopped = max((at for name in names.stopped for at in events.get(name, ())), default=None)
    all_responses = [*(at for name in names.responses for at in events.get(name, ())), *bought]
    responses = weigh([at for at in all_responses if stopped is None or at > stopped])
    # One contact more, so that a single lucky one is no preference.
    score = responses.weight / (contacts.weight + 1) if contacts.number else 0.0
    return ChannelScore(channel, contacts.number, responses.number, score)


PREFERENCE_KEYS = ("half_life", "within", "purchase_within", "contacts")
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
