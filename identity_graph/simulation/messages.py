"""Messages in the format of the Segment HTTP API, with the identifiers that are truly in them."""

from collections.abc import Mapping
from random import Random
from typing import Any, NamedTuple

from identity_graph.simulation.people import DAY, Person
from identity_graph.simulation.values import (
    JUNK_EMAIL,
    JUNK_PHONES,
    break_email,
    make_neighbour,
    make_uuid,
    mistype_email,
    shorten,
    write_email,
    write_phone,
)

Message = dict[str, Any]


class Sent(NamedTuple):
    """A message, the moment it happened (milliseconds since 1970), and the keys of its identifiers."""

    at: int
    message: Message
    keys: tuple[str, ...]


class Entry(NamedTuple):
    """What somebody typed into a form, and the key of the identifier that it is; an empty key when it is none."""

    text: str
    key: str


class Sender(NamedTuple):
    """Everything that the messages of one visit have in common. Its context is copied, its parts are shared."""

    context: Mapping[str, Any]
    keys: tuple[str, ...]
    anonymous_id: str = ""
    user_id: str = ""


_DAYS: dict[int, str] = {}


def write_time(at: int) -> str:
    """Write milliseconds since 1970 as ISO 8601 in UTC."""
    day, rest = divmod(at, 86_400_000)
    text = _DAYS.get(day)
    if text is None:
        text = _DAYS[day] = _write_day(day)
    seconds, millis = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    return f"{text}T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{millis:03d}Z"


def _write_day(day: int) -> str:
    from datetime import UTC, datetime, timedelta

    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()


def track(
    rng: Random, sender: Sender, at: int, event: str, properties: Mapping[str, Any], *entries: Entry, **context: Any
) -> Sent:
    """Make a ``track`` call; ``entries`` are the identifiers among its properties."""
    message = _envelope(rng, "track", sender, at, context)
    message["event"] = event
    message["properties"] = properties
    return Sent(at, message, _with_entries(sender.keys, entries))


def view(rng: Random, type_: str, sender: Sender, at: int, name: str, *, title: str = "", **context: Any) -> Sent:
    """Make a ``page`` or ``screen`` call; the title is the name unless it is told."""
    message = _envelope(rng, type_, sender, at, context)
    message["name"] = name
    message["properties"] = {"title": f"{title or name} · Example Beauty", **context.get("page", {})}
    return Sent(at, message, sender.keys)


def identify(rng: Random, sender: Sender, at: int, traits: Mapping[str, Any], *entries: Entry, **context: Any) -> Sent:
    """Make an ``identify`` call; ``entries`` are the identifiers among its traits."""
    message = _envelope(rng, "identify", sender, at, context)
    message["traits"] = traits
    return Sent(at, message, _with_entries(sender.keys, entries))


def alias(rng: Random, sender: Sender, at: int) -> Sent:
    """Make an ``alias`` call: the cookie from before the login is the same person as the account."""
    message = _envelope(rng, "alias", sender, at, {})
    message["previousId"] = message.pop("anonymousId")
    return Sent(at, message, sender.keys)


def enter_phone(rng: Random, person: Person, at: int) -> Entry:
    """Type the person's number: sometimes junk, sometimes a digit off, and in any of the usual forms."""
    luck = rng.random()
    if luck < 0.006:
        return Entry(rng.choice(JUNK_PHONES), "")
    phone = person.phone_at(rng, at)
    if luck < 0.016:
        return Entry(shorten(rng, phone), "")
    if luck < 0.026 or (person.twin and luck < 0.12):
        phone = person.twin or make_neighbour(rng, phone)
    return Entry(write_phone(rng, phone), f"phone:{phone}")


def enter_email(rng: Random, person: Person) -> Entry:
    """Type the person's address: sometimes junk or mistyped, sometimes with capitals and spaces."""
    luck = rng.random()
    if luck < 0.006:
        return Entry(JUNK_EMAIL, "")
    if luck < 0.014:
        return Entry(break_email(person.email), "")
    if luck < 0.026:
        wrong = mistype_email(rng, person.email)
        return Entry(wrong, f"email:{wrong}")
    email = person.other_email if person.other_email and rng.random() < 0.4 else person.email
    return Entry(write_email(rng, email), f"email:{email}")


def by_day(rng: Random, at: int) -> int:
    """Move a moment to between 9 and 20 o'clock of its day in Shanghai."""
    return at - at % DAY + DAY // 24 + rng.randrange(11 * DAY // 24)


def external_id(namespace: str, value: str) -> dict[str, str]:
    """Write an entry of ``context.externalIds``."""
    return {"id": value, "type": namespace, "collection": "users", "encoding": "none"}


def _envelope(rng: Random, type_: str, sender: Sender, at: int, context: dict[str, Any]) -> Message:
    message: Message = {
        "type": type_,
        "messageId": make_uuid(rng),
        "timestamp": write_time(at),
        "context": {**sender.context, **context},
    }
    if sender.anonymous_id:
        message["anonymousId"] = sender.anonymous_id
    if sender.user_id:
        message["userId"] = sender.user_id
    return message


def _with_entries(keys: tuple[str, ...], entries: tuple[Entry, ...]) -> tuple[str, ...]:
    if not entries:
        return keys
    return keys + tuple(entry.key for entry in entries if entry.key)
