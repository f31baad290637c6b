"""What other systems of the retailer know of its customers, as the files that they write.

The e-mail service, the outsourced call centre, the survey tool and the loyalty programme see what happens in a world and add
their own to it. Each row names one identifier that the world has seen before, so the files link nobody and need no truth.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from identity_graph.simulation.catalogue import CAMPAIGNS
from identity_graph.simulation.messages import by_day
from identity_graph.simulation.people import DAY
from identity_graph.simulation.retail import SimulatedMessage, Simulation
from identity_graph.simulation.values import write_phone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHANGHAI = timezone(timedelta(hours=8))
_HOUR, _MINUTE = 3_600_000, 60_000
_CAMPAIGN_DAYS = (45, 85, 120, 150, 172)
_MISTYPED = ("exmaple.com", "exampel.net", "example.co")
_COMPLAINTS = {
    "Delivery": ("Parcel is five days late", "Left at the wrong door", "Box arrived open"),
    "Quality": ("Pump is broken", "Cream has separated", "Shade differs from the picture"),
}
_TOPICS = ("Delivery", "Delivery", "Quality", "Return", "Invoice", "How to use it")
_LIKES = ("Quality", "Scent", "Price", "Advice in the store", "Fast delivery", "Packaging")
_COMMENTS = {
    "promoter": ("Love the serum, my skin is better.", "Fast, and the samples are a nice touch.", "Advice in the store was great."),
    "passive": ("Good, but the set was sold out.", "Fine.", "Nice shop, delivery could be faster."),
    "detractor": ("Waited a week for the parcel.", "Two calls for one refund.", "Too expensive for what it is."),
}  # fmt: skip


class RecordFile(NamedTuple):
    """A file that was written, and the mapping of ``examples/imports`` that reads it."""

    path: Path
    mapping: str
    rows: int


class Contact(NamedTuple):
    """A moment at which somebody bought something, and by which identifiers the systems know the person, if any."""

    at: int
    person: str
    email: str
    phone: str
    crm_id: str


@dataclass(slots=True)
class _Address:
    """An e-mail address: since when it is known, and how often its owner opens what comes."""

    number: int
    person: str
    since: int
    opens: float
    is_away: bool = False


@dataclass(slots=True)
class BackOffice:
    """Sees every message of a world, and then writes the files; the same world gives the same files.

    ``stories`` holds for each person what has happened: the channels, the names of events, and what is in the files;
    ``purchases`` how often they bought something.
    """

    world: Simulation
    stories: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    purchases: Counter[str] = field(default_factory=Counter[str])
    _rng: Random = field(init=False)
    _addresses: dict[str, _Address] = field(default_factory=dict[str, _Address])
    _known: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    _bought: list[Contact] = field(default_factory=list[Contact])
    _points: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    _orders: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self._rng = Random(f"back office {self.world.seed}")  # noqa: S311  (a reproducible world, not a secret)

    def note(self, sent: SimulatedMessage) -> None:
        """See a message go by."""
        at = int(datetime.fromisoformat(sent.message["timestamp"]).timestamp() * 1000)
        message = sent.message
        self._tell(sent.person, message.get("event", message["type"]), message["context"].get("channel", "own device"))
        known = self._known.setdefault(sent.person, {})
        for key in sent.identifiers:
            namespace, _, value = key.partition(":")
            known.setdefault(namespace, value)
            if namespace == "email" and value not in self._addresses:
                opens = self._rng.betavariate(1.2, 2)
                self._addresses[value] = _Address(len(self._addresses) + 1, sent.person, at, opens)
        if message.get("event") == "Order Completed":
            self._note_order(sent, at, known)

    def write(self, folder: Path) -> list[RecordFile]:
        """Write all files into a folder that exists."""
        return [
            _write(folder / "email-campaigns.csv", "email-campaign.yaml", _CAMPAIGN_COLUMNS, self._mail()),
            _write(folder / "calls.csv", "call-centre.yaml", _CALL_COLUMNS, self._call()),
            _write(folder / "survey.csv", "survey.yaml", _SURVEY_COLUMNS, self._ask()),
            _write(folder / "loyalty-points.csv", "loyalty-ledger.yaml", _POINTS_COLUMNS, self._count_points()),
        ]

    def _tell(self, person: str, *happened: str) -> None:
        self.stories.setdefault(person, set()).update(happened)

    def _note_order(self, sent: SimulatedMessage, at: int, known: dict[str, str]) -> None:
        bought = sent.message["properties"]
        if bought["order_id"] in self._orders:
            return
        self._orders.add(bought["order_id"])
        self.purchases[sent.person] += 1
        self._bought.append(
            Contact(at, sent.person, known.get("email", ""), known.get("phone", ""), known.get("crm_id", ""))
        )
        card = known.get("loyalty_id")
        if card and sent.message["context"].get("channel") == "store":
            month = (f"{_local(at):%Y-%m}", card)
            self._points[month] = self._points.get(month, 0) + int(bought["revenue"])

    def _mail(self) -> Iterator[tuple[Any, ...]]:
        """Send campaigns to every address known by then: those with a mistyped domain bounce, some people unsubscribe."""
        rng, world = self._rng, self.world
        names = list(CAMPAIGNS.items())
        for number, day in enumerate(_CAMPAIGN_DAYS):
            name, subject = names[number % len(names)]
            begins = world.start + day * DAY + 2 * _HOUR
            campaign = f"{name}-{_local(begins):%Y-%m}"
            for email, address in self._addresses.items():
                if address.since > begins or address.is_away:
                    continue
                sent = begins + rng.randrange(20 * _MINUTE)
                first = (campaign, subject, f"r{address.number}", email, _moment(sent))
                if email.endswith(_MISTYPED):
                    address.is_away = True
                    yield (*first, "", "", "", "", _moment(sent + 20_000), "550 no such mailbox", "")
                    continue
                opened = clicked = left = 0
                if rng.random() < address.opens:
                    opened = sent + int(rng.expovariate(1 / (9 * _HOUR))) + _MINUTE
                    clicked = opened + rng.randrange(5_000, 90_000) if rng.random() < 0.25 else 0
                    left = opened + 120_000 if rng.random() < 0.015 else 0
                    address.is_away = bool(left)
                if max(opened, clicked, left) >= world.end:
                    opened = clicked = left = 0
                if opened:
                    self._tell(address.person, "Email Opened")
                link = f"https://shop.example.com/landing/{name}" if clicked else ""
                times = [_moment(at) if at else "" for at in (sent + 7_000, opened, clicked)]
                yield (*first, *times, link, "", "", _moment(left) if left else "")

    def _call(self) -> Iterator[tuple[Any, ...]]:
        """Let one in eleven call after a purchase; who complains is called back."""
        rng = self._rng
        number = 0
        for contact in self._bought:
            if rng.random() > 1 / 11 or not (contact.phone or contact.crm_id):
                continue
            at = by_day(rng, contact.at + int(rng.uniform(1, 6) * DAY))
            topic = rng.choice(_TOPICS)
            complaints = _COMPLAINTS.get(topic)
            note = rng.choice(complaints) if complaints else ""
            is_solved = rng.random() < (0.4 if complaints else 0.9)
            calls = [("IN", at, topic, "SOLVED" if is_solved else "OPEN", note)]
            if complaints and not is_solved:
                calls.append(("OUT", by_day(rng, at + DAY), "Call back", "SOLVED", ""))
            agent, dialled = f"A{rng.randrange(90):03d}", write_phone(rng, contact.phone) if contact.phone else ""
            for direction, started, about, result, said in calls:
                number += 1
                seconds = rng.randrange(40, 700)
                if started + seconds * 1000 < self.world.end:
                    self._tell(contact.person, "Complaint Raised" if said else "Call Received")
                    who = (dialled, "" if dialled else contact.crm_id)
                    when = f"{_local(started):%Y/%m/%d %H:%M}"
                    yield (f"C-{number:05d}", when, direction, *who, "Service", agent, seconds, about, result, said)

    def _ask(self) -> Iterator[tuple[Any, ...]]:
        """Ask after a purchase, nobody twice within two months; one in three answers, and some only begin."""
        rng = self._rng
        asked: dict[str, int] = {}
        number = 0
        for contact in self._bought:
            at = by_day(rng, contact.at + int(rng.uniform(2, 7) * DAY))
            if at >= self.world.end or at - asked.get(contact.person, 0) < 60 * DAY or rng.random() > 1 / 3:
                continue
            if not (contact.email or contact.crm_id):
                continue
            asked[contact.person] = at
            number += 1
            sent_by, who = ("E-mail", ("", contact.email)) if contact.email else ("SMS", (contact.crm_id, ""))
            first = (f"S-{number:05d}", "After purchase", sent_by)
            when = f"{_local(at):%m/%d/%Y %I:%M %p}"
            if rng.random() < 0.08:
                yield (*first, "started", when, *who, "", "", "", "")
                continue
            self._tell(contact.person, "Survey Answered")
            nps = rng.choices(range(11), (3, 1, 1, 2, 2, 4, 5, 12, 22, 24, 24))[0]
            group = "promoter" if nps > 8 else "passive" if nps > 6 else "detractor"
            csat = max(1, min(5, round(nps / 2) + rng.choice((0, 0, 0, -1))))
            reasons = "" if group == "detractor" else "; ".join(rng.sample(_LIKES, rng.choice((1, 2))))
            comment = rng.choice(_COMMENTS[group]) if rng.random() < 0.6 else ""
            yield (*first, "complete", when, *who, nps, csat, reasons, comment)

    def _count_points(self) -> Iterator[tuple[Any, ...]]:
        """Book at the end of each month a point for each yuan that a member paid at tills."""
        balances: dict[str, int] = {}
        until = f"{_local(self.world.end):%Y-%m-%d %H:%M}"
        for number, ((month, card), points) in enumerate(sorted(self._points.items()), 1):
            year, name = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
            booked = f"{year}-{name + 1:02d}-01 06:00"
            if booked < until:
                balance = balances[card] = balances.get(card, 0) + points
                tier = "P" if balance >= 8000 else "G" if balance >= 2500 else "S"
                yield f"E-{number:05d}", booked, card, "EARN", points, balance, tier, ""


_CAMPAIGN_COLUMNS = (
    "campaign", "subject", "recipient_id", "address", "sent", "delivered", "opened", "clicked", "link", "bounced",
    "bounce reason", "unsubscribed",
)  # fmt: skip
_CALL_COLUMNS = (
    "call_id", "started", "direction", "number", "customer", "queue", "agent", "seconds", "topic", "result", "note",
)  # fmt: skip
_SURVEY_COLUMNS = (
    "response", "survey", "sent by", "status", "answered", "customer", "address", "nps", "csat", "reasons", "comment",
)  # fmt: skip
_POINTS_COLUMNS = ("entry", "booked", "card", "kind", "points", "balance", "tier", "receipt")


def _write(path: Path, mapping: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> RecordFile:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow(row)
            count += 1
    return RecordFile(path, mapping, count)


def _local(at: int) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(_SHANGHAI)


def _moment(at: int) -> str:
    return _local(at).isoformat(timespec="seconds")
