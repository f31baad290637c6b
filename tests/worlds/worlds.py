"""Small random worlds: rules and events in which everything that resolution knows of happens soon."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any

import yaml
from hypothesis import strategies as st

from identity_graph.domain.collecting.segment.messages import reread_event
from identity_graph.domain.journeys.channel_rules import DEFAULT_CHANNELS
from identity_graph.domain.journeys.channels import Said
from identity_graph.domain.journeys.origins import find_origin
from identity_graph.domain.rules.difference import READING
from identity_graph.domain.rules.ranking import find_ambiguous
from identity_graph.domain.rules.rule_set import Conflict, Limit, NamespaceRule, Normalization, RuleSet, fingerprint
from identity_graph.domain.rules.sources import SourceRule
from identity_graph.domain.values.identifiers import Identifier, IgnoredIdentifier, RawIdentifier
from identity_graph.domain.values.observations import Event, Instant
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.rules.rule_sets import create_rule_set, list_rule_sets
from tests.worlds.shopping import shop

SECOND = 1_000_000
VALUES = {
    "crm": ("1", "2", "3"),
    "openid": ("wxA/1", "wxA/2", "wxB/1", "wxB/2"),
    "phone": ("1", "2", "3"),
    "device": ("1", "2", "3"),
    "cookie": ("1", "2", "3", "4"),
}


def make_rules(
    *,
    conflict: Conflict = Conflict.NEWEST,
    max_identifiers: int = 500,
    max_partners: int = 50,
    window: int | None = 20 * SECOND,
    limits: bool = True,
    sources: Mapping[str, SourceRule] | None = None,
) -> RuleSet:
    """Make rules with every form of limit, or with none."""

    def limit(count: int, within: int | None = None) -> Limit | None:
        return Limit(count, within) if limits else None

    rules = [
        NamespaceRule(name="crm", label="CrmRecord", priority=0, limit=limit(1), conflict=conflict),
        NamespaceRule(
            name="openid", label="OpenID", priority=1, limit=limit(1), scoped=True, visitor=True, conflict=conflict
        ),
        NamespaceRule(
            name="phone", label="Phone", priority=2, limit=limit(2), conflict=conflict, max_partners=max_partners
        ),
        NamespaceRule(name="device", label="Device", priority=3, conflict=conflict, max_partners=max_partners),
        NamespaceRule(
            name="cookie", label="Cookie", priority=4, limit=limit(2, window), visitor=True, conflict=conflict
        ),
    ]
    return RuleSet(
        namespaces={rule.name: rule for rule in rules},
        max_identifiers=max_identifiers,
        session_gap=10 * SECOND,
        sources=dict(sources or {}),
    )


def to_yaml(rules: RuleSet) -> str:
    """Write rules down as a file says them."""
    namespaces: dict[str, Any] = {}
    for rule in sorted(rules.namespaces.values(), key=lambda rule: rule.priority):
        limit: Any = None if rule.limit is None else rule.limit.count
        if rule.limit is not None and rule.limit.within is not None:
            limit = {"count": rule.limit.count, "within": f"PT{rule.limit.within // SECOND}S"}
        namespaces[rule.name] = {
            "label": rule.label,
            **({} if limit is None else {"limit": limit}),
            **({"scoped": True} if rule.scoped else {}),
            **({"visitor": True} if rule.visitor else {}),
            **({} if rule.conflict is Conflict.NEWEST else {"conflict": str(rule.conflict)}),
            **({} if rule.max_partners == 50 else {"max_partners": rule.max_partners}),
            **({} if rule.normalize is Normalization.EXACT else {"normalize": str(rule.normalize)}),
            **({"blocked": sorted(rule.blocked)} if rule.blocked else {}),
        }
    return yaml.safe_dump(
        {
            "format": 1,
            "max_identifiers": rules.max_identifiers,
            "session_gap": f"PT{rules.session_gap // SECOND}S",
            "namespaces": namespaces,
            **({"sources": {name: _source_of(rule) for name, rule in rules.sources.items()}} if rules.sources else {}),
        },
        sort_keys=False,
        default_flow_style=None,
        width=200,
    )


def _source_of(rule: SourceRule) -> dict[str, Any]:
    asserts = {} if rule.asserts is None else {"asserts": sorted(rule.asserts)}
    return asserts | ({} if rule.links is None else {"links": [list(pair) for pair in sorted(rule.links)]})


async def keep_rules(graph: Graph, rules: RuleSet, version: int = 1) -> None:
    """Write down the rules that a graph is resolved under, unless it knows them."""

    async def keep(tx: WriteTransaction) -> None:
        if await list_rule_sets(tx, versions=[version]):
            return
        await create_rule_set(
            tx,
            version=version,
            yaml=to_yaml(rules),
            fingerprint=fingerprint(rules),
            applied_by="test",
            status="ACTIVE",
            replaces=[],
            reading=READING,
            at_s=1,
            at_ns=1,
        )

    await graph.write(keep)


def make_event(
    number: int, at: int, keys: tuple[str, ...], rules: RuleSet, *, source: str = "test", origin: Instant = 0
) -> Event:
    """Make an event of identifiers seen together at a second, counted from ``origin``."""
    identifiers = tuple(sorted({Identifier.from_key(key) for key in keys}, key=lambda identifier: identifier.key))
    ambiguous = find_ambiguous(identifiers, rules)
    name, properties = shop(f"{number} {at} {[identifier.key for identifier in identifiers]}", number)
    context = _context(number)
    origin_of = find_origin(Said(source, "track", context, properties), DEFAULT_CHANNELS)
    event = Event(
        source=source,
        message_id=f"m{number}",
        occurred_at=origin + at * SECOND,
        identifiers=identifiers,
        type="track",
        name=name,
        received_at=1_000 * SECOND,
        channel=origin_of.channel,
        raw_identifiers=tuple(RawIdentifier(*identifier) for identifier in identifiers),
        ignored=tuple(
            IgnoredIdentifier(*identifier, "ambiguous_observation")
            for identifier in identifiers
            if identifier in ambiguous
        ),
        properties=properties,
        traits={"name": f"n{number}"} if number % 3 == 0 else {},
        context=context,
        campaign=origin_of.campaign,
    )
    return reread_event(event, rules) if source in rules.sources else event


def _context(number: int) -> dict[str, Any]:
    """Give a context that names a channel, and in three of four events a campaign and a click id."""
    context: dict[str, Any] = {"channel": "WEB" if number % 2 else "STORE", "number": number}
    if number % 4:
        words = {"source": "shop", "medium": "email", "name": f"c{number % 3}", "term": "shoes", "content": "top"}
        context |= {"campaign": words, "page": {"url": f"https://shop.example/?gclid=g{number}"}}
    return context


identifier_keys = st.sampled_from([f"{namespace}:{value}" for namespace, values in VALUES.items() for value in values])


@st.composite
def source_rules(draw: st.DrawFn, namespaces: Iterable[str]) -> SourceRule:
    """Draw what a source may say; not everything."""
    asserts = draw(st.none() | st.frozensets(st.sampled_from(sorted(namespaces))))
    pairs = list(combinations_with_replacement(sorted(namespaces if asserts is None else asserts), 2))
    linkable = st.frozensets(st.sampled_from(pairs)) if pairs else st.just(frozenset())
    return SourceRule(asserts=asserts, links=draw(linkable if asserts is None else st.none() | linkable))


def limited_sources(namespaces: Iterable[str]) -> st.SearchStrategy[dict[str, SourceRule]]:
    """Draw what the source of the events may say: in one of four worlds, not everything."""
    limited = st.fixed_dictionaries({"test": source_rules(namespaces)})
    return st.integers(0, 3).flatmap(lambda number: limited if number == 3 else st.just({}))


any_rules = st.builds(
    make_rules,
    conflict=st.sampled_from(Conflict),
    max_identifiers=st.sampled_from([3, 5, 500]),
    max_partners=st.sampled_from([1, 2, 50]),
    window=st.sampled_from([None, 20 * SECOND]),
    sources=limited_sources(VALUES),
)


@st.composite
def other_rules_of(draw: st.DrawFn) -> RuleSet:
    """Draw rules that may also read values otherwise, and cut other sessions."""
    rules = list(draw(any_rules).namespaces.values())
    if draw(st.booleans()):
        rules.remove(draw(st.sampled_from([rule for rule in rules if rule.name != "crm"])))
    if draw(st.booleans()):
        rules = draw(st.permutations(rules))
    several = draw(st.sampled_from(["", *VALUES]))
    unlimited = draw(st.sampled_from(["", *VALUES]))
    unseen = draw(st.sampled_from(["", *VALUES]))
    visitor = draw(st.sampled_from(["", *VALUES]))
    changed = [
        replace(
            rule,
            priority=priority,
            limit=Limit(2) if rule.name == several else None if rule.name == unlimited else rule.limit,
            blocked=frozenset({"1", "wxa/1"}) if rule.name == unseen else rule.blocked,
            visitor=rule.visitor != (rule.name == visitor),
            label=rule.label + draw(st.sampled_from(["", "2"])),
        )
        for priority, rule in enumerate(rules)
    ]
    return RuleSet(
        namespaces={rule.name: rule for rule in changed},
        max_identifiers=draw(st.sampled_from([3, 500])),
        session_gap=draw(st.sampled_from([5, 10, 30])) * SECOND,
        sources=draw(limited_sources([rule.name for rule in changed])),
    )


other_rules = other_rules_of()


@st.composite
def worlds(draw: st.DrawFn, rules: st.SearchStrategy[RuleSet] = any_rules) -> tuple[RuleSet, list[list[Event]]]:
    """Draw rules, and events in batches: in any order, with repeats of messages, some of them before 1970."""
    chosen = draw(rules)
    origin = draw(st.sampled_from([0, -30 * SECOND - 1, -(10**15) + SECOND // 2]))
    seen = draw(
        st.lists(
            st.tuples(st.integers(0, 60), st.lists(identifier_keys, min_size=1, max_size=4).map(tuple)),
            min_size=1,
            max_size=25,
        )
    )
    events = [make_event(number, at, keys, chosen, origin=origin) for number, (at, keys) in enumerate(seen)]
    repeats = draw(st.lists(st.sampled_from(events), max_size=4))
    cuts = draw(st.lists(st.integers(1, 8), min_size=1, max_size=40))
    stream = [*events, *repeats]
    batches: list[list[Event]] = []
    for size in cuts:
        if stream:
            batches.append(stream[:size])
            stream = stream[size:]
    return chosen, [*batches, stream] if stream else batches
