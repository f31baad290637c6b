"""Small random worlds: rules and events in which everything that resolution knows of happens soon."""

from hypothesis import strategies as st

from identity_graph.domain.evidence import find_ambiguous
from identity_graph.domain.identifiers import Identifier, IgnoredIdentifier, RawIdentifier
from identity_graph.domain.observations import Channel, Event
from identity_graph.domain.rules import Conflict, Limit, NamespaceRule, RuleSet

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
        namespaces={rule.name: rule for rule in rules}, max_identifiers=max_identifiers, session_gap=10 * SECOND
    )


def make_event(number: int, at: int, keys: tuple[str, ...], rules: RuleSet, *, source: str = "test") -> Event:
    """Make an event of identifiers seen together at a second."""
    identifiers = tuple(sorted({Identifier.from_key(key) for key in keys}, key=lambda identifier: identifier.key))
    ambiguous = find_ambiguous(identifiers, rules)
    return Event(
        source=source,
        message_id=f"m{number}",
        occurred_at=at * SECOND,
        identifiers=identifiers,
        type="track",
        name="Seen",
        received_at=1_000 * SECOND,
        channel=Channel.WEB if number % 2 else Channel.STORE,
        raw_identifiers=tuple(RawIdentifier(*identifier) for identifier in identifiers),
        ignored=tuple(
            IgnoredIdentifier(*identifier, "ambiguous_observation")
            for identifier in identifiers
            if identifier in ambiguous
        ),
        properties={"number": number},
        traits={"name": f"n{number}"} if number % 3 == 0 else {},
    )


identifier_keys = st.sampled_from([f"{namespace}:{value}" for namespace, values in VALUES.items() for value in values])

any_rules = st.builds(
    make_rules,
    conflict=st.sampled_from(Conflict),
    max_identifiers=st.sampled_from([3, 5, 500]),
    max_partners=st.sampled_from([1, 2, 50]),
    window=st.sampled_from([None, 20 * SECOND]),
)


@st.composite
def worlds(draw: st.DrawFn, rules: st.SearchStrategy[RuleSet] = any_rules) -> tuple[RuleSet, list[list[Event]]]:
    """Draw rules, and events in batches: in any order, with repeats of messages."""
    chosen = draw(rules)
    seen = draw(
        st.lists(
            st.tuples(st.integers(0, 60), st.lists(identifier_keys, min_size=1, max_size=4).map(tuple)),
            min_size=1,
            max_size=25,
        )
    )
    events = [make_event(number, at, keys, chosen) for number, (at, keys) in enumerate(seen)]
    repeats = draw(st.lists(st.sampled_from(events), max_size=4))
    cuts = draw(st.lists(st.integers(1, 8), min_size=1, max_size=40))
    stream = [*events, *repeats]
    batches: list[list[Event]] = []
    for size in cuts:
        if stream:
            batches.append(stream[:size])
            stream = stream[size:]
    return chosen, [*batches, stream] if stream else batches
