"""Consents that SDKs and browsers send with their messages.

Segment's SDKs stamp ``context.consent.categoryPreferences`` on every message once a consent banner is connected, and send the event
``Segment Consent Preference Updated`` when somebody decides. A browser with Global Privacy Control sends the header ``Sec-GPC: 1``.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from identity_graph.domain.consent.statements import CATEGORY, OPT_OUT, ConsentState, Statement

DECIDED = "Segment Consent Preference Updated"
"""The event by which somebody decides; other messages repeat what this device was told before."""

OPTED_OUT = "secGpc"
"""The field of a message that says that its request had ``Sec-GPC: 1``."""

_MOST_CATEGORIES = 50
_LONGEST_CATEGORY = 100
_OPT_OUT = Statement(OPT_OUT, ConsentState.DENIED, text="Sec-GPC: 1", of_visitor=True)


def mark_opted_out(messages: Iterable[object]) -> None:
    """Note on the messages of a request that the browser asked for no sale and no sharing."""
    for message in messages:
        if type(message) is dict:
            cast("dict[str, Any]", message)[OPTED_OUT] = True


def read_consents(message: Mapping[str, Any], context: Mapping[str, Any], name: str) -> tuple[Statement, ...]:
    """Read what a message says of consents: nothing, as a rule.

    Categories whose value is neither true nor false say nothing, and so do names beyond 100 characters, and those after the first 50.
    """
    if "consent" not in context and OPTED_OUT not in message:
        return ()
    found = list(_read_categories(context.get("consent"), name))
    if message.get(OPTED_OUT) is True:
        found.append(_OPT_OUT)
    return tuple(found)


def _read_categories(consent: object, name: str) -> Iterable[Statement]:
    preferences = cast("dict[str, Any]", consent).get("categoryPreferences") if type(consent) is dict else None
    if type(preferences) is not dict:
        return
    own = cast("dict[str, Any]", preferences)
    for category in sorted(own)[:_MOST_CATEGORIES]:
        granted = own[category]
        if type(granted) is bool and 0 < len(category) <= _LONGEST_CATEGORY:
            state = ConsentState.GRANTED if granted else ConsentState.DENIED
            yield Statement(CATEGORY + category, state, of_visitor=name != DECIDED)
