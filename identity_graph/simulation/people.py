"""The people of a simulated world: what they own, which channels they use and how often."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from identity_graph.simulation.values import (
    ZERO_ADVERTISING_ID,
    make_email,
    make_mobile,
    make_name,
    make_neighbour,
    make_uuid,
    make_wechat_id,
)

DAY = 86_400_000
"""Milliseconds of a day; all times of the simulation are milliseconds since 1970."""

MINI_PROGRAMS = ("wx7f3a9c15d2e84b06", "wxb81e4d70c93f5a2e")
"""App ids of the retailer's two mini-programs: the shop and the members' club."""


@dataclass(slots=True)
class Browser:
    """A browser; its cookie is renewed when it was away for longer than ``keeps``. ``user`` is the account signed in."""

    mobile: bool
    keeps: int
    context: dict[str, Any]
    cookie: str = ""
    last_used: int = 0
    user: str = ""


@dataclass(slots=True)
class AppDevice:
    """A telephone or tablet with the retailer's app; a family's device is in the hands of several people."""

    device_id: str
    anonymous_id: str
    context: dict[str, Any]
    user: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the identifiers by which the device itself is known."""
        device = self.context["device"]
        if device.get("adTrackingEnabled") and device["advertisingId"] != ZERO_ADVERTISING_ID:
            return f"device_id:{self.device_id}", f"ad_id:{device['advertisingId']}"
        return (f"device_id:{self.device_id}",)


@dataclass(slots=True)
class Person:
    """One real person.

    ``phones`` are (E.164 number, first instant it is theirs, first instant it is not); ``twin`` is another's number that
    is one digit off; ``other_email`` is a second address; ``bound`` holds the mini-programs that know the person's UnionID.
    ``name`` is family and given name; ``city`` and ``gender`` are what the person once said, empty before.
    """

    id: str
    number: int
    joined: int
    visits: int
    phones: list[tuple[str, int, int]]
    name: tuple[str, str]
    email: str
    channels: tuple[str, ...]
    browsers: list[Browser] = field(default_factory=list[Browser])
    apps: list[AppDevice] = field(default_factory=list[AppDevice])
    openids: dict[str, str] = field(default_factory=dict[str, str])
    bound: set[str] = field(default_factory=set[str])
    unionid: str = ""
    account: str = ""
    twin: str = ""
    other_email: str = ""
    city: str = ""
    gender: str = ""
    registered: bool = False
    crm_id: str = ""
    loyalty_id: str = ""

    @property
    def written_name(self) -> str:
        """The name as forms have it, the given name first."""
        family, given = self.name
        return f"{given} {family}".title()

    def phone_at(self, rng: Random, at: int) -> str:
        """Pick one of the numbers that are the person's at an instant, mostly the first of them."""
        usable = [number for number, since, until in self.phones if since <= at < until]
        if len(usable) == 1 or rng.random() < 0.75:
            return usable[0]
        return rng.choice(usable)


def make_people(rng: Random, count: int, start: int, days: int) -> list[Person]:
    """Make the people of a world of ``days`` days from ``start``, with the hazards that lie in what they own.

    Of 25 devices with the app one is a family's, of 50 browsers too; six in a hundred people have a second phone; one
    number in sixty lapses, to pass to another person some months later; one in twenty is a digit off another's.
    """
    end = start + days * DAY
    people: list[Person] = []
    numbers: set[str] = set()
    for number in range(count):
        twin = rng.choice(people).phones[0][0] if people and rng.random() < 0.05 else ""
        phone = _new_phone(rng, numbers, twin)
        joined = start if rng.random() < 0.25 else start + int(rng.random() * 0.85 * (end - start))
        joined += int(rng.random() * 3 * DAY)
        visits = min(90, 1 + int(rng.lognormvariate(1.5, 1.03)))
        name = make_name(rng)
        person = Person(
            id=f"p{number:06d}",
            number=number,
            joined=joined,
            visits=visits,
            phones=[(phone, 0, end * 2)],
            name=name,
            email=make_email(rng, name, number),
            channels=_pick_channels(rng),
            twin=twin,
        )
        if rng.random() < 0.06:
            person.phones.append((_new_phone(rng, numbers), 0, end * 2))
        _equip(rng, person)
        people.append(person)
    _recycle_numbers(rng, people, start, days, numbers)
    _share_devices(people)
    return people


def _new_phone(rng: Random, taken: set[str], twin: str = "") -> str:
    while True:
        phone = make_neighbour(rng, twin) if twin else make_mobile(rng)
        if phone not in taken:
            taken.add(phone)
            return phone


def _pick_channels(rng: Random) -> tuple[str, ...]:
    """Pick the channels of a person; one that is listed twice is used twice as often."""
    channels: list[str] = []
    for channel, share in (("web", 0.5), ("mini", 0.5), ("app", 0.25), ("store", 0.45), ("h5", 0.12)):
        if rng.random() < share:
            channels += [channel] * rng.choice((1, 1, 2))
    if not channels:
        channels = [rng.choice(("web", "mini", "store"))]
    if rng.random() < 0.08:
        channels.append("call")
    if rng.random() < 0.12:
        channels.append("newsletter")
    return tuple(channels)


def _equip(rng: Random, person: Person) -> None:
    channels = person.channels
    if rng.random() < 0.85:
        person.account = f"u{100_000 + person.number * 7}"
    if "store" in channels or rng.random() < 0.15:
        person.crm_id = f"C{2_000_000 + person.number * 3}"
        if rng.random() < 0.6:
            person.loyalty_id = f"LC{88_000_000 + person.number * 11}"
    if "web" in channels or "h5" in channels or "newsletter" in channels:
        person.browsers = [make_browser(rng, mobile=rng.random() < 0.5) for _ in range(rng.choice((1, 1, 1, 2)))]
    if "app" in channels:
        person.apps = [make_app_device(rng) for _ in range(rng.choice((1, 1, 1, 1, 2)))]
    if "mini" in channels:
        person.unionid = make_wechat_id(rng)
        programs = MINI_PROGRAMS if rng.random() < 0.3 else (rng.choice(MINI_PROGRAMS),)
        person.openids = {program: make_wechat_id(rng) for program in programs}


def make_browser(rng: Random, *, mobile: bool) -> Browser:
    """Make a browser on a phone or tablet, or on a computer; half of them forget their cookie after two weeks."""
    agent = rng.choice(
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Linux; Android 14; 23049RAD8C) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Mobile Safari/537.36",
        )
        if mobile
        else (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
        )
    )
    context = {
        "ip": f"203.0.113.{rng.randrange(1, 255)}",
        "locale": "zh-CN",
        "timezone": "Asia/Shanghai",
        "library": {"name": "analytics.js", "version": "next-1.84.3"},
        "userAgent": agent,
    }
    return Browser(mobile=mobile, keeps=(14 if "Safari/60" in agent else 180) * DAY, context=context)


def make_app_device(rng: Random) -> AppDevice:
    """Make a device with the app: two of five run iOS, a quarter of those let themselves be tracked."""
    ios = rng.random() < 0.4
    device: dict[str, Any] = {
        "id": make_uuid(rng).upper() if ios else f"{rng.getrandbits(64):016x}",
        "type": "ios" if ios else "android",
        "manufacturer": "Apple" if ios else rng.choice(("Xiaomi", "HUAWEI", "OPPO", "vivo")),
        "model": rng.choice(("iPhone14,5", "iPhone15,2")) if ios else rng.choice(("23049RAD8C", "ALN-AL00", "PGEM10")),
    }
    if ios:
        tracked = rng.random() < 0.25
        device["adTrackingEnabled"] = tracked or rng.random() < 0.05
        device["advertisingId"] = make_uuid(rng).upper() if tracked else ZERO_ADVERTISING_ID
    context = {
        "app": {
            "name": "Shop",
            "version": rng.choice(("5.2.0", "5.3.1")),
            "build": "5031",
            "namespace": "com.example.shop",
        },
        "device": device,
        "ip": f"198.51.100.{rng.randrange(1, 255)}",
        "library": {"name": "analytics-ios" if ios else "analytics-android", "version": "4.11.0"},
        "locale": "zh-CN",
        "network": {"wifi": rng.random() < 0.6, "cellular": True, "carrier": rng.choice(("CMCC", "CUCC", "CTCC"))},
        "os": {"name": "iOS", "version": "17.4"} if ios else {"name": "Android", "version": "14"},
    }
    return AppDevice(device_id=device["id"], anonymous_id=make_uuid(rng) if ios else "", context=context)


def _recycle_numbers(rng: Random, people: list[Person], start: int, days: int, taken: set[str]) -> None:
    """Let some numbers lapse; three months later, another person who joins after that gets them."""
    for former in people:
        if rng.random() >= 1 / 60:
            continue
        lapses = max(former.joined, start) + int(rng.uniform(0.1, 0.3) * days * DAY)
        free = lapses + 90 * DAY * days // 180
        later = rng.choice(people)
        if later is former or later.joined < free or len(later.phones) > 1:
            continue
        number, since, until = former.phones[0]
        later.phones = [(number, free, until)]
        former.phones = [(number, since, lapses), (_new_phone(rng, taken), lapses, until), *former.phones[1:]]


def _share_devices(people: list[Person]) -> None:
    with_app = [person for person in people if person.apps]
    for a, b in zip(with_app[::25], with_app[1::25], strict=False):
        b.apps = [*a.apps[:1], *b.apps[1:]]
    with_browser = [person for person in people if person.browsers]
    for a, b in zip(with_browser[::50], with_browser[1::50], strict=False):
        b.browsers = [*a.browsers[:1], *b.browsers[1:]]
