"""Statements of consent as messages bring them: what somebody said, before any catalogue tells what it is about."""

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from identity_graph.domain.values.observations import Channel


class ConsentState(StrEnum):
    """What somebody said to a purpose."""

    GRANTED = "GRANTED"
    DENIED = "DENIED"
    WITHDRAWN = "WITHDRAWN"


PURPOSE = "purpose:"
"""In front of the name of a purpose that a statement names itself."""

CATEGORY = "category:"
"""In front of the name that a consent banner has for something; the catalogue says which purposes it covers."""

OPT_OUT = "opt_out"
"""The subject of the global opt-out that a browser sends: no sale, no sharing."""


BAR = "bar:"
"""In front of the name of a ``Bar`` that a privacy request set: it bars purposes instead of being about one."""


class Statement(NamedTuple):
    """What a message says of a consent.

    ``subject`` is a purpose, a category, the global opt-out, or a bar (granted: it is set); ``channel`` is None for the use of data in general. ``version`` and
    ``text`` are the evidence: of what somebody read, and how it was given. ``of_visitor``: it was said on a device, by whoever
    uses it, and is the device's rather than the account's.
    """

    subject: str
    state: ConsentState
    channel: Channel | None = None
    version: str = ""
    text: str = ""
    of_visitor: bool = False

    @property
    def topic(self) -> str:
        """What it is about: statements of one topic replace each other."""
        return topic_of(self.subject, self.channel)


def topic_of(subject: str, channel: Channel | None) -> str:
    """Name a subject and a channel by one text."""
    return subject if channel is None else f"{subject}\n{channel.value}"


def write_statements(statements: Iterable[Statement]) -> str | None:
    """Write statements as JSON, as an event keeps them; None where there are none."""
    rows = [
        [
            one.subject,
            one.state.value,
            None if one.channel is None else one.channel.value,
            one.version,
            one.text,
            one.of_visitor,
        ]
        for one in statements
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) if rows else None


def read_statements(text: str | None) -> tuple[Statement, ...]:
    """Read what ``write_statements`` wrote."""
    rows = json.loads(text) if text else []
    return tuple(
        Statement(
            subject, ConsentState(state), None if channel is None else Channel(channel), version, said, of_visitor
        )
        for subject, state, channel, version, said, of_visitor in rows
    )
