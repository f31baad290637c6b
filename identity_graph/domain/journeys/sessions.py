"""Sessions: runs of one visitor's events, independent of the order of arrival."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from identity_graph.domain.rules.ranking import find_strongest
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Channel, Instant

_EVENT, _SESSION = "evt_", "ses_"


class Moment(NamedTuple):
    """The place of an event among all others: by time, then source, then message id."""

    occurred_at: Instant
    source: str
    message_id: str


class Step(NamedTuple):
    """An event as its session sees it. ``identifiers`` are the usable ones."""

    moment: Moment
    event_id: str
    channel: Channel
    identifiers: tuple[Identifier, ...]


@dataclass(slots=True)
class Session:
    """A run of a visitor's events. ``values`` holds the last value per ``limit: 1`` namespace and scope."""

    id: str
    visitor: str
    first: Moment
    last: Moment
    channel: Channel
    touchpoint_count: int
    owner: Identifier
    values: dict[str, str]

    def accepts(self, step: Step, rules: RuleSet) -> bool:
        """Whether the step brings no other value of a ``limit: 1`` namespace and scope than the last one here."""
        return all(self.values.get(scope, value) == value for scope, value in unique_values(step.identifiers, rules))

    def add(self, step: Step, rules: RuleSet) -> None:
        """Add a step that ``accepts`` let pass and that follows all others, or changes neither first step nor owner."""
        self.touchpoint_count += 1
        self.last = max(self.last, step.moment)
        self.values.update(unique_values(step.identifiers, rules))
        strongest = find_strongest(step.identifiers, rules)
        if rules.get_namespace(strongest.namespace).rank < rules.get_namespace(self.owner.namespace).rank:
            self.owner = strongest


def start_session(visitor: str, step: Step, rules: RuleSet) -> Session:
    """Start a session with its first step, from which its id derives."""
    return Session(
        id=_SESSION + step.event_id.removeprefix(_EVENT),
        visitor=visitor,
        first=step.moment,
        last=step.moment,
        channel=step.channel,
        touchpoint_count=1,
        owner=find_strongest(step.identifiers, rules),
        values=dict(unique_values(step.identifiers, rules)),
    )


def first_event_of(session_id: str) -> str:
    """Name the event from which the id of a session derives."""
    return _EVENT + session_id.removeprefix(_SESSION)


def sessionize(visitor: str, steps: Iterable[Step], rules: RuleSet) -> list[tuple[Session, list[Step]]]:
    """Cut a visitor's steps into sessions, each with its steps, in order."""
    sessions: list[tuple[Session, list[Step]]] = []
    for step in sorted(steps):
        if sessions:
            current, own = sessions[-1]
            gap = step.moment.occurred_at - current.last.occurred_at
            if gap <= rules.session_gap and current.accepts(step, rules):
                current.add(step, rules)
                own.append(step)
                continue
        sessions.append((start_session(visitor, step, rules), [step]))
    return sessions


def place_step(sessions: Sequence[Session], step: Step, rules: RuleSet) -> Session | int | None:
    """Find where a late or new step goes without looking at the events of the sessions around it.

    ``sessions`` are the visitor's sessions near it, in order. The answer is the session that it simply joins, or the
    index at which a session of its own is to be inserted, or None when the sessions around it must be cut anew.
    """
    index = sum(1 for session in sessions if session.first < step.moment)
    before = sessions[index - 1] if index else None
    after = sessions[index] if index < len(sessions) else None
    at = step.moment.occurred_at
    clear_after = after is None or after.first.occurred_at - at > rules.session_gap
    if before is None or at - before.last.occurred_at > rules.session_gap:
        return index if clear_after else None
    follows = step.moment > before.last
    if before.accepts(step, rules):
        keeps_owner = follows or not _may_own(step, before, rules)
        return before if keeps_owner and (clear_after or not follows) else None
    return index if follows and clear_after else None


def find_visitor(identifiers: Sequence[Identifier], rules: RuleSet) -> Identifier | None:
    """Find the visitor of an event: the weakest identifier of a visitor namespace, else the strongest of all.

    Of two values of one namespace it is the one with the smaller key. None without a usable identifier.
    """
    weakest: Identifier | None = None
    for identifier in identifiers:
        rule = rules.get_namespace(identifier.namespace)
        if not rule.visitor:
            continue
        if weakest is None or rule.rank > rules.get_namespace(weakest.namespace).rank:
            weakest = identifier
        elif weakest.namespace == identifier.namespace:
            weakest = min(weakest, identifier)
    if weakest is not None:
        return weakest
    return find_strongest(identifiers, rules) if identifiers else None


def unique_values(identifiers: Iterable[Identifier], rules: RuleSet) -> list[tuple[str, str]]:
    """List (scope, value) of the ``limit: 1`` namespaces and scopes of which an event holds exactly one value."""
    values: dict[str, str | None] = {}
    for identifier in identifiers:
        rule = rules.get_namespace(identifier.namespace)
        if rule.is_unique:
            scope = rule.scope_of(identifier.value)
            values[scope] = identifier.value if values.get(scope, identifier.value) == identifier.value else None
    return [(scope, value) for scope, value in values.items() if value is not None]


def _may_own(step: Step, session: Session, rules: RuleSet) -> bool:
    """Whether a step before the last one could make another identifier the owner."""
    owner = rules.get_namespace(session.owner.namespace).rank
    return any(
        identifier != session.owner and rules.get_namespace(identifier.namespace).rank <= owner
        for identifier in step.identifiers
    )
