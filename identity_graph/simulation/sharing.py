"""What several people use: kiosks with a form for the newsletter, tills whose number stands for all, computers at home."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from identity_graph.simulation.messages import (
    Entry,
    Sender,
    Sent,
    enter_email,
    enter_phone,
    external_id,
    identify,
    view,
)
from identity_graph.simulation.people import DAY, AppDevice, Browser, Person, make_app_device, make_browser
from identity_graph.simulation.shopping import Shop, order, pause
from identity_graph.simulation.values import PLACEHOLDER, make_email, make_mobile, make_name, make_uuid, write_phone
from identity_graph.simulation.visits import open_newsletter, visit_with, visit_with_app

PEOPLE_PER_FAMILY = 40
PEOPLE_PER_KIOSK = 300
PEOPLE_PER_TILL = 600
"""People of the world for each of them."""


@dataclass(slots=True)
class Kiosk:
    """A store's tablet, with a site or an app: passers-by leave their address for the newsletter, or their number.

    ``keys`` are what it is known by, ``cookie`` is its anonymous id, empty for an app.
    """

    keys: tuple[str, ...]
    cookie: str
    context: dict[str, Any]
    asks_phone: bool


@dataclass(slots=True)
class Till:
    """A till whose cashiers type the store's own number, or its address, for members who give none."""

    field: str
    entry: Entry


Place = Browser | AppDevice | Kiosk | Till


class Turn(NamedTuple):
    """A person's turn at something that several people use."""

    at: int
    person: int
    place: Place


def make_turns(rng: Random, people: Sequence[Person], end: int) -> list[Turn]:
    """Make what people share, and say who uses it when.

    Two to five people share a computer or a tablet at home, and some of them a number or an address; every other of them has
    a second address. A kiosk sees 25 people or so, some a handful and some more than a hundred; so does a till that has a
    number or an address of its own.
    """
    turns: list[Turn] = []
    for _ in range(1 + len(people) // PEOPLE_PER_FAMILY):
        family = rng.sample(range(len(people)), min(len(people), rng.choice((2, 2, 3, 3, 4, 5))))
        place = make_browser(rng, mobile=False) if rng.random() < 0.6 else make_app_device(rng)
        _share_contacts(rng, [people[index] for index in family], len(people), end)
        for index in family:
            times = 1 + int(rng.expovariate(0.25))
            turns += [Turn(_moment(rng, people[index], end), index, place) for _ in range(times)]
    members = [index for index, person in enumerate(people) if person.crm_id]
    for number in range(1 + len(people) // PEOPLE_PER_KIOSK):
        turns += _passers_by(rng, people, range(len(people)), _make_kiosk(rng, number), end)
    for number in range(1 + len(people) // PEOPLE_PER_TILL):
        turns += _passers_by(rng, people, members, _make_till(rng, number), end)
    return turns


def use(shop: Shop, person: Person, place: Place, at: int) -> Iterator[Sent]:
    """Play the turn of ``person`` at something shared, message by message."""
    match place:
        case Kiosk():
            return _sign_up(shop.rng, person, place, at)
        case Till():
            return _pay(shop, person, place, at)
        case AppDevice():
            return visit_with_app(shop, person, place, at)
        case Browser():
            if shop.rng.random() < 0.4:
                return open_newsletter(shop, person, place, at)
            return visit_with(shop, person, place, at)


def _share_contacts(rng: Random, family: Sequence[Person], count: int, end: int) -> None:
    phone, first = make_mobile(rng), family[0]
    make_name(rng)  # Nobody has it, but the rest of a world follows from what was drawn before.
    email = make_email(rng, first.name, 2 * count + first.number)
    shares_phone, shares_email = rng.random() < 0.3, rng.random() < 0.2
    for member in family:
        if shares_phone:
            member.phones.append((phone, 0, 2 * end))
        if shares_email:
            member.other_email = email
        elif rng.random() < 0.5:
            make_name(rng)
            member.other_email = make_email(rng, member.name, count + member.number)


def _make_kiosk(rng: Random, number: int) -> Kiosk:
    asks_phone = number % 3 == 2
    if number % 2:
        app = make_app_device(rng)
        return Kiosk(app.keys, "", app.context, asks_phone)
    cookie = make_uuid(rng)
    return Kiosk((f"anonymous_id:{cookie}",), cookie, make_browser(rng, mobile=True).context, asks_phone)


def _make_till(rng: Random, number: int) -> Till:
    if number % 3 == 1:
        email = f"store{number}@{make_email(rng, make_name(rng), number).partition('@')[2]}"
        return Till("email", Entry(email, f"email:{email}"))
    phone = make_mobile(rng)
    return Till("phone", Entry(write_phone(rng, phone), f"phone:{phone}"))


def _passers_by(rng: Random, people: Sequence[Person], among: Sequence[int], place: Place, end: int) -> list[Turn]:
    count = min(len(among), 2 + int(rng.lognormvariate(3.2, 0.9)))
    return [Turn(_moment(rng, people[index], end), index, place) for index in rng.sample(among, count)]


def _moment(rng: Random, person: Person, end: int) -> int:
    return person.joined + int(rng.random() * max(end - person.joined, DAY))


def _sign_up(rng: Random, person: Person, kiosk: Kiosk, at: int) -> Iterator[Sent]:
    sender = Sender({**kiosk.context, "channel": "store"}, kiosk.keys, kiosk.cookie)
    yield view(rng, "page", sender, at, "Newsletter")
    entry = enter_phone(rng, person, at) if kiosk.asks_phone else enter_email(rng, person)
    traits = {"phone" if kiosk.asks_phone else "email": entry.text, "newsletter": True}
    yield identify(rng, sender, at + pause(rng), traits, entry)


def _pay(shop: Shop, person: Person, till: Till, at: int) -> Iterator[Sent]:
    rng = shop.rng
    context: dict[str, Any] = {
        "app": {"name": "Till", "version": "2024.3"},
        "library": {"name": "analytics-python", "version": "2.3.2"},
        "channel": "store",
        "externalIds": [external_id("crm_id", person.crm_id)],
    }
    sender = Sender(context, (f"crm_id:{person.crm_id}",), PLACEHOLDER)
    properties = {"store_id": f"S{rng.randrange(60):03d}", till.field: till.entry.text}
    yield order(shop, sender, at, properties, (till.entry,))
