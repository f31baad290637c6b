"""Sessions by their definition, event by event, with no thought of speed."""

from typing import Any

from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import Event, Instant


def reference_sessions(events: list[Event], rules: RuleSet) -> list[tuple[Any, ...]]:
    """Compute sessions from the definition, event by event, with no thought of speed."""
    unique = {event.id: event for event in reversed(events)}
    by_visitor: dict[str, list[Event]] = {}
    for event in unique.values():
        ranked = sorted(event.identifiers, key=lambda i: (rules.get_namespace(i.namespace).rank, i.key))
        visitors = [i for i in ranked if rules.get_namespace(i.namespace).visitor]
        if not ranked:
            continue
        weakest = [i for i in visitors if i.namespace == visitors[-1].namespace] if visitors else ranked
        by_visitor.setdefault(weakest[0].key, []).append(event)
    sessions: list[tuple[Any, ...]] = []
    for visitor, own in by_visitor.items():
        runs: list[list[Event]] = []
        for event in sorted(own, key=lambda e: (e.occurred_at, e.source, e.message_id)):
            if runs and not _ends(runs[-1], event, rules):
                runs[-1].append(event)
            else:
                runs.append([event])
        sessions += [_describe(visitor, run, rules) for run in runs]
    return sessions


def _ends(run: list[Event], event: Event, rules: RuleSet) -> bool:
    if event.occurred_at - run[-1].occurred_at > rules.session_gap:
        return True
    last: dict[str, str] = {}
    for earlier in run:
        last.update({scope: values[0] for scope, values in _unique(earlier, rules).items() if len(values) == 1})
    return any(
        len(values) == 1 and scope in last and last[scope] != values[0]
        for scope, values in _unique(event, rules).items()
    )


def _unique(event: Event, rules: RuleSet) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for identifier in event.identifiers:
        rule = rules.get_namespace(identifier.namespace)
        if rule.is_unique:
            found.setdefault(rule.scope_of(identifier.value), []).append(identifier.value)
    return found


def _describe(visitor: str, run: list[Event], rules: RuleSet) -> tuple[Any, ...]:
    first_seen: dict[Identifier, Instant] = {}
    for number, event in enumerate(run):
        for identifier in event.identifiers:
            first_seen.setdefault(identifier, number)
    owner = min(first_seen, key=lambda i: (rules.get_namespace(i.namespace).rank, first_seen[i], i.key))
    members = frozenset(event.message_id for event in run)
    return (
        visitor,
        run[0].occurred_at,
        run[-1].occurred_at,
        str(run[0].channel),
        run[0].source,
        None if run[0].campaign is None else run[0].campaign.name,
        len(run),
        owner.key,
        members,
    )
