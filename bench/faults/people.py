"""Who the numbered events are of: identifiers that link, are shared and are claimed by several, by the number alone.

``sender.mjs`` says the same in its language.
"""

from typing import NamedTuple

PEOPLE = 500
"""People of one sender, unless it asks for more."""

_STEPS = 6
_KIOSKS = 7


class Traces(NamedTuple):
    """The identifiers of an event."""

    user_id: str | None = None
    anonymous_id: str | None = None
    phone: str | None = None
    device_id: str | None = None


def traces_of(name: str, number: int, *, people: int = PEOPLE, phones: str = "138") -> Traces:
    """Tell whose event this is. Everybody's visits go through six steps, and begin anew with another browser.

    Somebody looks around, signs in, gives a phone number that all senders know, and one in five shares it with somebody else;
    uses the tablet of a household, then one of a shop, which is everybody's; and comes back with a browser and the number.
    """
    person, visit = number % people, number // people
    user_id = f"{name}-{person}"
    phone = f"{phones}{person - person % 2 if person % 10 < 2 else person:08d}"
    match (person + visit) % _STEPS:
        case 0:
            return Traces(anonymous_id=f"{name}-c{person}-{visit // _STEPS}")
        case 1:
            return Traces(user_id, anonymous_id=f"{name}-c{person}-{visit // _STEPS}")
        case 2:
            return Traces(user_id, phone=phone)
        case 3:
            return Traces(user_id, device_id=f"{name}-d{person // 4}")
        case 4:
            return Traces(user_id, device_id=f"kiosk-{person % _KIOSKS}")
        case _:
            return Traces(anonymous_id=f"{name}-w{person}-{visit // _STEPS}", phone=phone)


def context_of(traces: Traces) -> dict[str, dict[str, str]]:
    """Write the phone and the device into the context of a message, where SDKs have them."""
    context: dict[str, dict[str, str]] = {}
    if traces.phone is not None:
        context["traits"] = {"phone": traces.phone}
    if traces.device_id is not None:
        context["device"] = {"id": traces.device_id}
    return context
