"""Visits: what one person does in one channel from arriving to leaving, as the messages that it leaves."""

from collections.abc import Iterator
from random import Random
from typing import Any

from identity_graph.simulation.arrivals import SITE, arrive_at_site, arrive_in_h5, arrive_in_mini_program
from identity_graph.simulation.catalogue import CAMPAIGNS
from identity_graph.simulation.messages import (
    Entry,
    Sender,
    Sent,
    alias,
    enter_email,
    enter_phone,
    external_id,
    identify,
    track,
    view,
)
from identity_graph.simulation.people import AppDevice, Browser, Person
from identity_graph.simulation.shopping import Shop, look_around, order, pause
from identity_graph.simulation.values import JUNK_ACCOUNTS, PLACEHOLDER, make_uuid

_CITIES = ("Shanghai", "Hangzhou", "Chengdu", "Guangzhou", "Beijing")


def visit(shop: Shop, person: Person, channel: str, at: int) -> Iterator[Sent]:
    """Play one visit of ``person`` in ``channel`` from the instant ``at``, message by message."""
    match channel:
        case "web" | "h5":
            return visit_with(shop, person, shop.rng.choice(person.browsers), at, h5=channel == "h5")
        case "newsletter":
            return open_newsletter(shop, person, shop.rng.choice(person.browsers), at)
        case "app":
            return visit_with_app(shop, person, shop.rng.choice(person.apps), at)
        case "mini":
            return _visit_mini_program(shop, person, at)
        case "store":
            return _visit_store(shop, person, at)
        case _:
            return _call(shop, person, at)


def visit_with(shop: Shop, person: Person, browser: Browser, at: int, *, h5: bool = False) -> Iterator[Sent]:
    """Play a visit to the site with a browser that is the person's, or that others use, too."""
    rng = shop.rng
    _open_browser(rng, browser, person, at)
    context = {**browser.context, "channel": "h5"} if h5 else browser.context
    sender = Sender(context, (f"anonymous_id:{browser.cookie}",), browser.cookie)
    if browser.user:
        sender = _signed_in(sender, person)
    elif rng.random() < 0.01:
        sender = sender._replace(user_id=rng.choice(JUNK_ACCOUNTS))
    landing = arrive_in_h5(shop.detail) if h5 else arrive_at_site(shop.detail)
    yield view(rng, "page", sender, at, landing.name, page=landing.page)
    page = landing.next_page
    at += pause(rng)
    if not browser.user and person.account and rng.random() < 0.5:
        yield from _sign_in(rng, person, sender, at, linked=rng.random() < 0.1, page=page)
        browser.user = person.account
        sender = _signed_in(sender._replace(user_id=""), person)
        at += pause(rng)
    yield from look_around(shop, person, sender, at, page)
    if browser.user and rng.random() < 0.1:
        browser.user = ""


def open_newsletter(shop: Shop, person: Person, browser: Browser, at: int) -> Iterator[Sent]:
    """Play how somebody follows a link of the newsletter."""
    rng = shop.rng
    _open_browser(rng, browser, person, at)
    sender = Sender(browser.context, (f"anonymous_id:{browser.cookie}",), browser.cookie)
    name = rng.choice(tuple(CAMPAIGNS))
    campaign = {"name": name, "source": "newsletter", "medium": "email"}
    page = {
        "url": f"{SITE}/landing/{name}?utm_source=newsletter&utm_medium=email",
        "path": f"/landing/{name}",
        "referrer": "",
        "title": CAMPAIGNS[name],
    }
    entry = enter_email(rng, person)
    properties = {
        "email": entry.text,
        "campaign_name": name,
        "link_url": page["url"],
        "link_id": f"cta-{rng.randrange(4)}",
    }
    yield track(rng, sender, at, "Email Link Clicked", properties, entry, campaign=campaign, page=page)
    yield view(rng, "page", sender, at + 1500, "Landing Page", campaign=campaign, page=page)


def visit_with_app(shop: Shop, person: Person, app: AppDevice, at: int) -> Iterator[Sent]:
    """Play a visit with the app on a device that is the person's, or that others use, too."""
    rng = shop.rng
    keys = app.keys
    if app.anonymous_id:
        keys += (f"anonymous_id:{app.anonymous_id}",)
    sender = Sender(app.context, keys, app.anonymous_id)
    if app.user and app.user != person.account:
        app.user = ""
    if app.user:
        sender = _signed_in(sender, person)
    yield track(
        rng,
        sender,
        at,
        "Application Opened",
        {"from_background": rng.random() < 0.5, "version": "5.3.1", "build": "5031"},
    )
    at += pause(rng)
    if not app.user and person.account and rng.random() < 0.6:
        yield from _sign_in(rng, person, sender, at, linked=False)
        app.user = person.account
        sender = _signed_in(sender, person)
        at += pause(rng)
    yield from look_around(shop, person, sender, at, {})


def _visit_mini_program(shop: Shop, person: Person, at: int) -> Iterator[Sent]:
    rng = shop.rng
    program, openid = rng.choice(list(person.openids.items()))
    value = f"{program}/{openid}"
    external = [external_id("openid", value)]
    keys = (f"openid:{value}",)
    if rng.random() < 0.5:
        person.bound.add(program)
    if program in person.bound:
        external.append(external_id("unionid", person.unionid))
        keys += (f"unionid:{person.unionid}",)
    context: dict[str, Any] = {
        "app": {"name": "Example Beauty mini-program", "version": "3.8.2", "namespace": program},
        "library": {"name": "analytics-wechat-miniprogram", "version": "1.4.0"},
        "channel": "mini_program",
        "externalIds": external,
        "locale": "zh_CN",
        "os": {"name": "iOS", "version": "17.4"} if person.number % 2 else {"name": "Android", "version": "14"},
    }
    sender = Sender(context, keys)
    opened = {"appId": program, "scene": arrive_in_mini_program(shop.detail)}
    yield view(rng, "screen", sender, at, "pages/index/index", title="Home", miniProgram=opened)
    at += pause(rng)
    if rng.random() < 0.35:
        entry = enter_phone(rng, person, at)
        nickname = f"{person.name[1]}{person.number % 100:02d}"
        traits: dict[str, Any] = {"phone": entry.text, "nickname": nickname, "city": _city_of(rng, person)}
        if person.account and rng.random() < 0.6:
            person.registered = True
            sender = _signed_in(sender, person)
        yield identify(rng, sender, at, traits, entry)
        at += pause(rng)
    yield from look_around(shop, person, sender, at, {})


def _visit_store(shop: Shop, person: Person, at: int) -> Iterator[Sent]:
    rng = shop.rng
    keys: tuple[str, ...] = ()
    external: list[dict[str, str]] = []
    for namespace, value, share in (("crm_id", person.crm_id, 0.7), ("loyalty_id", person.loyalty_id, 0.8)):
        if value and rng.random() < share:
            external.append(external_id(namespace, value))
            keys += (f"{namespace}:{value}",)
    context: dict[str, Any] = {
        "app": {"name": "Till", "version": "2024.3"},
        "library": {"name": "analytics-python", "version": "2.3.2"},
        "channel": "store",
        "externalIds": external,
        "location": {"country": "China", "city": rng.choice(_CITIES)},
    }
    if rng.random() < 0.3:
        tablet = rng.choice(shop.tablets)
        keys = (*tablet.keys, *keys)
        context["app"] = {"name": "Store assistant", "version": "2.1.0", "namespace": "com.example.assistant"}
        context["device"] = tablet.context["device"]
    sender = Sender(context, keys, PLACEHOLDER)
    entries: tuple[Entry, ...] = ()
    properties: dict[str, Any] = {"store_id": f"S{rng.randrange(60):03d}", "cashier": f"E{rng.randrange(400):04d}"}
    if not external or rng.random() < 0.6:
        entries = (enter_phone(rng, person, at),)
        properties["phone"] = entries[0].text
    if external and rng.random() < 0.12:
        yield _join_club(rng, person, sender, at)
        at += 20_000 + rng.randrange(90_000)
    yield order(shop, sender, at, properties, entries)


def _join_club(rng: Random, person: Person, sender: Sender, at: int) -> Sent:
    phone, email = enter_phone(rng, person, at), enter_email(rng, person)
    traits = {
        "name": person.written_name,
        "phone": phone.text,
        "email": email.text,
        "city": _city_of(rng, person),
        "newsletter": True,
    }
    return identify(rng, sender, at, traits, phone, email)


def _call(shop: Shop, person: Person, at: int) -> Iterator[Sent]:
    rng = shop.rng
    entry = enter_phone(rng, person, at)
    external = [external_id("crm_id", person.crm_id)] if person.crm_id and rng.random() < 0.5 else []
    context: dict[str, Any] = {
        "app": {"name": "Call centre", "version": "8.0"},
        "library": {"name": "analytics-python", "version": "2.3.2"},
        "channel": "call_centre",
        "externalIds": external,
    }
    keys = (f"crm_id:{person.crm_id}",) if external else ()
    sender = Sender(context, keys, PLACEHOLDER)
    topic = rng.choice(("delivery", "return", "product question", "complaint", "membership"))
    properties = {"phone": entry.text, "topic": topic, "agent": f"A{rng.randrange(90):03d}", "queue": "hotline"}
    yield track(rng, sender, at, "Call Answered", properties, entry)
    seconds = rng.randrange(30, 900)
    after = {**properties, "duration_s": seconds, "solved": rng.random() < 0.8}
    yield track(rng, sender, at + seconds * 1000, "Call Ended", after, entry)


def _sign_in(rng: Random, person: Person, sender: Sender, at: int, *, linked: bool, **context: Any) -> Iterator[Sent]:
    """Sign in, or register when it is the first time: a form with e-mail and phone."""
    signed_in = _signed_in(sender._replace(user_id=""), person)
    traits: dict[str, Any] = {
        "name": person.written_name,
        "city": _city_of(rng, person),
        "gender": _gender_of(rng, person),
    }
    entries: list[Entry] = []
    if not person.registered or rng.random() < 0.5:
        if rng.random() < 0.6:
            entries.append(enter_email(rng, person))
            traits["email"] = entries[-1].text
        if rng.random() < 0.75 or not entries:
            entries.append(enter_phone(rng, person, at))
            traits["phone"] = entries[-1].text
    event = "Signed In" if person.registered else "Account Created"
    person.registered = True
    yield identify(rng, signed_in, at, traits, *entries, **context)
    if linked:
        yield alias(rng, signed_in, at + 40)
    yield track(rng, signed_in, at + 150, event, {"method": rng.choice(("password", "sms code", "wechat"))}, **context)


def _open_browser(rng: Random, browser: Browser, person: Person, at: int) -> None:
    if not browser.cookie or at - browser.last_used > browser.keeps:
        browser.cookie = make_uuid(rng)
        browser.user = ""
    elif browser.user != person.account:
        browser.user = ""
    browser.last_used = at


def _city_of(rng: Random, person: Person) -> str:
    city = rng.choice(_CITIES)
    person.city = person.city or city
    return person.city


def _gender_of(rng: Random, person: Person) -> str:
    gender = rng.choice(("female", "male", "unknown"))
    person.gender = person.gender or gender
    return person.gender


def _signed_in(sender: Sender, person: Person) -> Sender:
    return sender._replace(user_id=person.account, keys=(*sender.keys, f"user_id:{person.account}"))
