"""Decisions: what an identifier said of a topic, one after the other. A statement that repeats the last one decides nothing anew.

The decisions of an identifier follow from all its statements, whatever the order in which these came to be known.
"""

from collections.abc import Iterable
from typing import NamedTuple

from identity_graph.domain.consent.statements import ConsentState, Statement, topic_of
from identity_graph.domain.values.observations import Channel, Instant

Order = tuple[Instant, str, str]
"""The place of a message among others: when it happened, its source, its message id."""


class Said(NamedTuple):
    """A statement, and the place of the message that brought it."""

    order: Order
    statement: Statement


class Decision(NamedTuple):
    """What an identifier, named by its key, decided on a topic.

    ``order`` is the place of the message that said it first, ``last`` that of the last one that repeated it before another decision.
    """

    identifier: str
    subject: str
    channel: Channel | None
    state: ConsentState
    order: Order
    last: Order
    version: str = ""
    text: str = ""

    @property
    def at(self) -> Instant:
        """When it was decided."""
        return self.order[0]

    @property
    def topic(self) -> str:
        """What it is about."""
        return topic_of(self.subject, self.channel)

    @property
    def source(self) -> str:
        """Who told of it."""
        return self.order[1]


def fold(identifier: str, said: Iterable[Said]) -> list[Decision]:
    """Give the decisions of an identifier, by topic and then in their order."""
    by_topic: dict[str, list[Decision]] = {}
    for one in sorted(said, key=_place):
        own = by_topic.setdefault(one.statement.topic, [])
        if own and own[-1].state is one.statement.state:
            own[-1] = own[-1]._replace(last=one.order)
        else:
            own.append(_decide(identifier, one))
    return [decision for topic in sorted(by_topic) for decision in by_topic[topic]]


def extend(identifier: str, last: Decision | None, said: Said) -> Decision | None:
    """Say what a statement makes of the last decision on its topic: a first one, the same with another end, or another one.

    None: it comes before something that is known, so that all statements have to be folded again.
    """
    if last is None:
        return _decide(identifier, said)
    if said.statement.state is last.state:
        return last._replace(last=max(last.last, said.order)) if said.order >= last.order else None
    return _decide(identifier, said) if said.order > last.last else None


def _place(one: Said) -> tuple[Order, str, str, str]:
    return one.order, one.statement.state, one.statement.version, one.statement.text


def _decide(identifier: str, said: Said) -> Decision:
    order, one = said
    return Decision(identifier, one.subject, one.channel, one.state, order, order, one.version, one.text)
