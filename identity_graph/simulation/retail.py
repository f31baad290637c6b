"""An omnichannel retailer and its customers: messages in the order in which they arrive, and who really sent them."""

import heapq
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from identity_graph.simulation.after_sales import follow_up
from identity_graph.simulation.catalogue import make_catalogue
from identity_graph.simulation.messages import Message, Sent
from identity_graph.simulation.people import DAY, Person, make_app_device, make_people
from identity_graph.simulation.sharing import Place, make_turns, use
from identity_graph.simulation.shopping import Shop
from identity_graph.simulation.truth import Truth
from identity_graph.simulation.visits import visit

START = 1_735_689_600_000
"""The first day of a world, unless it is told another: 2025-01-01T00:00:00Z, in milliseconds."""

DAYS = 180
"""Days that a world lasts, unless it is told another number."""

EVENTS_PER_PERSON = 18
"""Messages that a person sends on average, resent ones included; a few send hundreds, many send three."""


class SimulatedMessage(NamedTuple):
    """A message, the person who caused it, and the keys of the identifiers that are truly in it.

    The parts of messages are shared between them: read them, do not change them.
    """

    message: Message
    person: str
    identifiers: tuple[str, ...]


class Simulation:
    """A world of ``people`` over ``days`` days; iterate over it once to draw its messages.

    ``start`` is the first instant of a day. Another day gives the same messages at other times. The same arguments give the
    same messages. ``truth`` grows with every message that is drawn. Messages come in the
    order of arrival, which is nearly that of their timestamps: an app that was offline sends hours or days later, a
    tenth of the orders overtake what went before, and one message in seventy comes twice.
    """

    def __init__(self, people: int, seed: int, *, days: int = DAYS, start: int = START) -> None:
        if people < 1:
            raise ValueError("a world needs at least one person")
        if start % DAY:
            raise ValueError("a world begins with a day")
        self.truth = Truth()
        self.seed = seed
        self.start, self.end = start, start + days * DAY
        self._rng = Random(seed)  # noqa: S311  (a reproducible world, not a secret)
        self._detail = Random(f"detail {seed}")  # noqa: S311
        self._people = make_people(self._rng, people, start, days)
        tablets = [make_app_device(self._rng) for _ in range(2 + people // 500)]
        self._shop = Shop(self._rng, self._detail, make_catalogue(self._rng), tablets)
        self._visits = _schedule(self._rng, self._people, self.end)

    def __iter__(self) -> Iterator[SimulatedMessage]:
        for sent, person in self._arrivals():
            self.truth.record(person, sent.keys)
            yield SimulatedMessage(sent.message, person, sent.keys)

    def _arrivals(self) -> Iterator[tuple[Sent, str]]:
        """Merge the visits: those that overlap are a few, so little more than their messages is held at a time."""
        rng, shop, people = self._rng, self._shop, self._people
        waiting: list[tuple[int, int, Sent, str]] = []
        number = 0
        for at, index, place in self._visits:
            while waiting and waiting[0][0] <= at:
                _, _, sent, person = heapq.heappop(waiting)
                yield sent, person
            person = people[index]
            channel = person.channels[int(rng.random() * len(person.channels))] if place is None else ""
            offline = int(rng.expovariate(1 / DAY)) if channel == "app" and rng.random() < 0.06 else 0
            for sent in visit(shop, person, channel, at) if place is None else use(shop, person, place, at):
                arrives = sent.at + offline
                if sent.message.get("event") == "Order Completed" and rng.random() < 0.1:
                    arrives = max(at, arrives - 120_000)
                number += 1
                heapq.heappush(waiting, (arrives, number, sent, person.id))
                if rng.random() < 1 / 70:
                    number += 1
                    heapq.heappush(waiting, (arrives + int(rng.expovariate(1 / 600_000)), number, sent, person.id))
                for later in self._follow_up(sent, person):
                    number += 1
                    heapq.heappush(waiting, (later.at, number, later, person.id))
        while waiting:
            _, _, sent, person = heapq.heappop(waiting)
            yield sent, person

    def _follow_up(self, sent: Sent, person: Person) -> Iterator[Sent]:
        """Tell what comes of an order before the world ends. A till knows a person by a card that it has seen before."""
        if sent.message.get("event") != "Order Completed":
            return iter(())
        cards = (f"crm_id:{person.crm_id}", f"loyalty_id:{person.loyalty_id}")
        card = next((key for key in cards if key in self.truth.owners), "")
        return (later for later in follow_up(self._detail, sent, card) if later.at < self.end)


def simulate(people: int, seed: int, *, start: int = START) -> Simulation:
    """Make a world of ``people`` over half a year; about 18 messages a person."""
    return Simulation(people, seed, start=start)


def _schedule(rng: Random, people: list[Person], end: int) -> list[tuple[int, int, Place | None]]:
    """Spread the visits of each person between joining and the end, by day and evening, in the order of time."""
    visits: list[tuple[int, int, Place | None]] = [*make_turns(rng, people, end)]
    for index, person in enumerate(people):
        span = max(end - person.joined, DAY)
        visits.append((person.joined, index, None))
        for _ in range(person.visits - 1):
            at = person.joined + int(rng.random() * span)
            hour = rng.triangular(0, 16, 12.5)  # UTC; most of it is the Chinese evening
            visits.append((max(person.joined, at - at % DAY + int(hour * 3_600_000)), index, None))
    visits.sort(key=lambda visit: visit[:2])
    return visits
