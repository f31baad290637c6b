"""Explanations in sentences, with dates and counts, for people who know customers but not graphs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from identity_graph.domain.identity.obstacles import Member
from identity_graph.domain.rules.partners import most_partners
from identity_graph.domain.rules.rule_set import Limit, RuleSet
from identity_graph.domain.values.identifiers import Identifier, namespace_of
from identity_graph.domain.values.instants import DAY, format_day
from identity_graph.domain.values.observations import Instant

_SHOWN_VALUES = 6
_SHOWN_STEPS = 4
_SHOWN_REASONS = 2


@dataclass(frozen=True, slots=True)
class JudgedBy:
    """What a person said, when and why."""

    actor: str
    at: Instant
    reason: str


@dataclass(frozen=True, slots=True)
class SeenTogether:
    """Two identifiers, by key, that were observed together ``count`` times, or judged, or both."""

    a: str
    b: str
    count: int
    first_seen: Instant
    last_seen: Instant
    said: JudgedBy | None = None


def name(key: str) -> str:
    """Name an identifier: ``phone +8613800138000``."""
    namespace, value = Identifier.from_key(key)
    return f"{namespace} {value}"


def how_seen(seen: SeenTogether) -> str:
    """Say how two hang together: ``seen together 3 times, from 2026-01-01 to 2026-01-31``."""
    said = seen.said
    if said is not None:
        return f"judged to be the same person by {said.actor} on {format_day(said.at)}"
    first, last = format_day(seen.first_seen), format_day(seen.last_seen)
    if seen.count == 1:
        return f"seen together once, on {last}"
    span = f"on {last}" if first == last else f"from {first} to {last}"
    return f"seen together {seen.count} times, {span}"


def explain_linked(a: str, b: str, path: Sequence[SeenTogether], bridges: Sequence[SeenTogether]) -> str:
    """Say why two identifiers are one customer's, and without what they would not be; ``path`` leads from a to b."""
    whole = f"{name(a)} and {name(b)} belong to the same customer"
    if len(path) == 1:
        text = f"{whole}: they were {how_seen(path[0])}."
    elif len(path) <= _SHOWN_STEPS:
        steps = ", ".join(f"{name(step.a)} and {name(step.b)} ({how_seen(step)})" for step in path)
        text = f"{whole} through {len(path)} links: {steps}."
    else:
        between = ", ".join(name(step.b) for step in path[:-1][:_SHOWN_STEPS])
        text = f"{whole} through {len(path)} links, by way of {between}{' …' if len(path) - 1 > _SHOWN_STEPS else ''}."
    return f"{text} {_explain_bridges(bridges)}"


def _explain_bridges(bridges: Sequence[SeenTogether]) -> str:
    if not bridges:
        return "Removing any one link would not separate them."
    if len(bridges) == 1:
        return f"Without the link between {name(bridges[0].a)} and {name(bridges[0].b)}, they would be two customers."
    shown = "; ".join(f"{name(one.a)} and {name(one.b)}" for one in bridges[:_SHOWN_STEPS])
    if len(bridges) > _SHOWN_STEPS:
        shown += f"; and {len(bridges) - _SHOWN_STEPS} more"
    return (
        f"They depend on each of {len(bridges)} links: {shown}. Without any one of these, they would be two customers."
    )


def explain_apart(a: str, b: str, chain: Sequence[SeenTogether], reasons: Sequence[str], bound: str | None) -> str:
    """Say why two identifiers are different customers'.

    ``chain`` leads from a to b over refused links, and is empty when there is none; ``bound`` says how far it was
    looked for, None when all was looked at.
    """
    whole = f"{name(a)} and {name(b)} belong to different customers."
    shown = "; also, ".join(reasons[:_SHOWN_REASONS])
    if len(reasons) > _SHOWN_REASONS:
        shown += f" ({len(reasons) - _SHOWN_REASONS} more reasons)"
    if not chain:
        nothing = "Nothing that counts connects them" + (f" {bound}" if bound else "")
        return f"{whole} {nothing}{': ' + shown if shown else ''}."
    if len(chain) == 1:
        return f"{whole} They were {how_seen(chain[0])}, but {shown}."
    between = ", ".join(name(step.b) for step in chain[:-1][:_SHOWN_STEPS])
    return f"{whole} They meet through {between}{' …' if len(chain) - 1 > _SHOWN_STEPS else ''}, but {shown}."


def say_limit(one: Iterable[Member], other: Iterable[Member], rules: RuleSet) -> str | None:
    """Name the limits that two customers together exceed, with the values; None when they exceed none."""
    sides = [list(one), list(other)]
    newest = max((member.last_seen for side in sides for member in side), default=0)
    counted = [_count(side, newest) for side in sides]
    found: list[str] = []
    for scope in sorted(counted[0].keys() & counted[1].keys()):
        limit = rules.get_namespace(scope.partition("/")[0]).limit
        values = sorted(counted[0][scope] + counted[1][scope])
        if limit is not None and len(values) > limit.count:
            shown = ", ".join(values[:_SHOWN_VALUES]) + (", …" if len(values) > _SHOWN_VALUES else "")
            found.append(_say_too_many(len(values), scope, shown, limit))
    return " and ".join(found) or None


def say_counts(one: Mapping[str, int], other: Mapping[str, int], rules: RuleSet) -> str | None:
    """Name the limits that two customers together exceed by their counts per scope; None when they exceed none."""
    found: list[str] = []
    for scope in sorted(one.keys() & other.keys()):
        rule = rules.find_namespace(scope.partition("/")[0])
        total = one[scope] + other[scope]
        if rule is not None and rule.limit is not None and total > rule.limit.count:
            found.append(_say_too_many(total, scope, f"{one[scope]} and {other[scope]}", rule.limit))
    return "; ".join(found) or None


def _say_too_many(count: int, scope: str, shown: str, limit: Limit) -> str:
    span = "" if limit.within is None else f" within {_span(limit.within)}"
    return f"together they would have {count} {name_scope(scope)} ({shown}); the limit is {limit.count}{span}"


def _span(microseconds: int) -> str:
    if microseconds >= DAY:
        return f"{microseconds / DAY:g} days"
    return f"{microseconds / 1_000_000:g} seconds"


def _count(side: Iterable[Member], newest: Instant) -> dict[str, list[str]]:
    """Collect the values that limits count, by scope."""
    values: dict[str, list[str]] = {}
    for member in side:
        limit = member.rule.limit
        if member.scope is None or limit is None:
            continue
        if limit.within is None or member.last_seen >= newest - limit.within:
            values.setdefault(member.scope, []).append(Identifier.from_key(member.key).value)
    return values


def say_full(size: int, other: int, maximum: int) -> str:
    """Say that two customers have too many identifiers to be one."""
    return f"together they would have {size + other} identifiers ({size} and {other}); the limit is {maximum}"


def say_ambiguous(key: str) -> str:
    """Say that an identifier is nobody's."""
    return f"several customers claim {name(key)}, and the rules give it to nobody"


def say_quarantined(key: str, partners: Mapping[str, int], rules: RuleSet) -> str:
    """Say that an identifier was seen with too many people; ``partners`` are per scope."""
    scope, count = most_partners(partners)
    rule = rules.find_namespace(namespace_of(key))
    allowed = "" if rule is None else f", more than {rule.max_partners}"
    return f"{name(key)} was seen with {count} {name_scope(scope)}{allowed}, so it counts as shared and its links do not count"


def say_different(a: str, b: str, said: JudgedBy) -> str:
    """Say that a person judged two identifiers to be different persons'."""
    return f"{said.actor} judged on {format_day(said.at)} that {name(a)} and {name(b)} are different persons: {said.reason}"


def say_unlinked(a: str, b: str, until: Instant, said: JudgedBy) -> str:
    """Say that a person took back what was observed of a pair."""
    return (
        f"{said.actor} unlinked {name(a)} and {name(b)} on {format_day(said.at)}, for everything observed up to {format_day(until)}: "
        f"{said.reason}"
    )


def say_unbound(key: str, until: Instant, said: JudgedBy) -> str:
    """Say that an event took an identifier from whoever had it."""
    return f"{name(key)} was unbound by an event of {said.actor}, for everything observed up to {format_day(until)}"


def say_claimed(key: str, other: str) -> str:
    """Say that an event showed the first of two, and that its source only claimed the other one."""
    return f"{name(other)} was claimed together with {name(key)}, by a source that may not say so"


def say_stood_between() -> str:
    """Say that a limit was in the way, which the customers as they are now no longer show."""
    return "a limit kept their customers apart when this link was considered"


def say_refused(link: SeenTogether, reason: str) -> str:
    """Say in one sentence why a link joins nobody."""
    return f"{name(link.a)} and {name(link.b)} were {how_seen(link)}, but {reason}."


def say_step(link: SeenTogether, tier: str | None, number: int) -> str:
    """Say why something joined a customer when its turn came."""
    if link.said is not None and tier is None:
        return (
            f"{link.said.actor} judged on {format_day(link.said.at)} that they are the same person: {link.said.reason}"
        )
    begin = "The first link" if number == 1 else "The next link that joined something"
    return f"{begin}, in tier {tier}: {how_seen(link)}."


def name_scope(scope: str) -> str:
    """Read a scope as people do: ``openid/wx1`` is ``openid of wx1``."""
    namespace, slash, rest = scope.partition("/")
    return f"{namespace} of {rest}" if slash else namespace
