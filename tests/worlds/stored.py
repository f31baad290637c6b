"""What is stored, read back plainly, and what must be true of it."""

import json
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from identity_graph.domain.identity.evidence import gather
from identity_graph.domain.identity.judgements import NO_CORRECTIONS, Corrections, Judgement, Verdict
from identity_graph.domain.identity.resolution import (
    RefusedLink,
    Resolution,
    find_quarantined,
    member_of,
    refusal_code,
    resolve,
)
from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.file import load_catalogue
from identity_graph.domain.profiles.trait_values import fit
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier, namespace_of
from identity_graph.domain.values.observations import Event
from identity_graph.store.driver.graph import Graph
from tests.worlds.profiles import reference_traits, told_by
from tests.worlds.session_reference import reference_sessions
from tests.worlds.shopping import reference_orders


def instant(expression: str) -> str:
    """Write the Cypher that reads a moment as microseconds, in another way than the product."""
    second = f"datetime.truncate('second', {expression}).epochSeconds"
    return f"CASE WHEN {expression} IS NOT NULL THEN {second} * 1000000 + {expression}.microsecond END"


@dataclass(slots=True)
class Stored:
    """The graph as rows."""

    identifiers: dict[str, dict[str, Any]]
    links: dict[tuple[str, str], dict[str, Any]]
    customers: dict[str, dict[str, Any]]
    merged: dict[str, list[str]]

    def homeless(self) -> dict[str, list[str]]:
        """Give the identifiers that have another number of customers than one, with these."""
        return {key: row["customers"] for key, row in self.identifiers.items() if len(row["customers"]) != 1}

    def parts(self) -> frozenset[frozenset[str]]:
        """Give the customers as sets of keys."""
        members: dict[str, set[str]] = {}
        for key, row in self.identifiers.items():
            members.setdefault(row["customers"][0], set()).add(key)
        return frozenset(frozenset(keys) for keys in members.values())

    def refused(self, rules: RuleSet, judgements: Collection[Judgement] = ()) -> frozenset[RefusedLink]:
        """Give the refused links with the codes that a reader would see."""
        refused: set[RefusedLink] = set()
        apart = {
            frozenset((self.identifiers[j.a]["customers"][0], self.identifiers[j.b]["customers"][0]))
            for j in judgements
            if j.verdict is Verdict.DIFFERENT and j.a in self.identifiers and j.b in self.identifiers
        }
        for a, b in self.links:
            left, right = self.identifiers[a], self.identifiers[b]
            mine, theirs = left["customers"][0], right["customers"][0]
            if mine != theirs:
                code = refusal_code(
                    quarantined=bool(left["quarantined"] or right["quarantined"]),
                    ambiguous=bool(left["ambiguous"] or right["ambiguous"]),
                    judged=frozenset((mine, theirs)) in apart,
                    size=self.customers[mine]["size"] + self.customers[theirs]["size"],
                    max_size=rules.max_identifiers,
                )
                refused.add(RefusedLink(a, b, code))
        return frozenset(refused)


IDENTIFIERS = f"""MATCH (i:Identifier) RETURN i.key AS key, labels(i) AS labels, {instant("i.first_seen")} AS first_seen,
  {instant("i.last_seen")} AS last_seen, i.partners AS partners, i.quarantined AS quarantined, i.ambiguous AS ambiguous,
  COLLECT {{ MATCH (i)-[:BELONGS_TO]->(c) RETURN c.id }} AS customers"""
LINKS = f"""MATCH (a)-[l:OBSERVED_WITH]->(b) RETURN a.key AS a, b.key AS b, {instant("l.first_seen")} AS first_seen,
  {instant("l.last_seen")} AS last_seen, l.count AS count, l.sources AS sources, l.witness AS witness"""
CUSTOMERS = f"""MATCH (c:Customer) WHERE NOT c:Former RETURN c.id AS id, {instant("c.first_seen")} AS first_seen,
  {instant("c.last_seen")} AS last_seen, c.size AS size, c.counts AS counts, c.contested AS contested,
  c.contested_by_window AS contested_by_window"""
MERGED = """MATCH (c:Former) RETURN c.id AS id, COUNT { (c)<-[:BELONGS_TO]-() } AS members,
  COLLECT { MATCH (c)-[:MERGED_INTO*]->(s) WHERE NOT s:Former RETURN s.id } AS into"""
SESSIONS = f"""MATCH (s:Session)-[:OF]->(o) RETURN s.id AS id, s.visitor AS visitor, {instant("s.started_at")} AS started_at,
  {instant("s.ended_at")} AS ended_at, s.channel AS channel, s.touchpoint_count AS count, o.key AS owner,
  s.first_source AS source,
  COLLECT {{ MATCH (s)<-[:IN]-(e) WHERE substring(e.id, 4) = substring(s.id, 4) RETURN e.campaign_name }} AS campaigns,
  COLLECT {{ MATCH (s)<-[:IN]-(e) RETURN e.message_id }} AS members"""
EVENTS = """MATCH (e:Event) RETURN e.message_id AS id, COUNT { (e)-[:IN]->() } AS sessions,
  COLLECT { MATCH (e)-[:OBSERVED]->(i) RETURN i.key } AS keys,
  [e.owner] AS owner, COLLECT { MATCH (e)-[:IN]->()-[:OF]->(o) RETURN o.key } AS owners"""
TRAITS = f"""MATCH (i:Identifier)-[:HAS_TRAIT]->(t:Trait) RETURN i.key AS key, t.name AS name, t.value AS value,
  {instant("t.observed_at")} AS at, t.source AS source, coalesce(t.deleted, false) AS deleted,
  COUNT {{ (t)<-[:HAS_TRAIT]-() }} AS owners"""
ORDERS = f"""MATCH (o:Order) RETURN o.id AS id, o.scope AS scope, o.order_id AS order_id, o.state AS state,
  {instant("o.placed_at")} AS placed_at, {instant("o.at")} AS at, o.currency AS currency, o.total AS total,
  o.revenue AS revenue, o.refunded AS refunded, o.shipping AS shipping, o.tax AS tax, o.discount AS discount,
  o.lines AS lines, o.problems AS problems,
  COLLECT {{ MATCH (o)-[:OF]->(i:Identifier) RETURN i.key }} AS owners,
  COLLECT {{ MATCH (o)<-[:REPORTS]-(e) RETURN e.message_id }} AS messages"""
ALL_TRAITS = "MATCH (t:Trait) RETURN elementId(t) AS trait"

Rows = list[dict[str, Any]]


async def read_all(graph: Graph, *queries: str) -> list[Rows]:
    """Read several things in one statement: a property does so thousands of times."""
    parts = [
        f"CALL () {{ CALL () {{ {query} }} RETURN collect({_row_of(query)}) AS rows{number} }}"
        for number, query in enumerate(queries)
    ]
    text = " ".join(parts)
    found = await graph.run(f"{text} RETURN [{', '.join(f'rows{number}' for number in range(len(queries)))}] AS found")
    return found[0]["found"]


def _row_of(query: str) -> str:
    names = re.findall(r" AS (\w+)(?=,|\s*$)", query)
    return "{" + ", ".join(f"{name}: {name}" for name in names) + "}"


async def read_stored(graph: Graph) -> Stored:
    """Read everything that resolution writes."""
    return _stored(*await read_all(graph, IDENTIFIERS, LINKS, CUSTOMERS, MERGED))


def _stored(identifiers: Rows, links: Rows, customers: Rows, merged: Rows) -> Stored:
    same("members of customers that were merged", {row["id"]: row["members"] for row in merged if row["members"]}, {})
    pairs = Counter((row["a"], row["b"]) for row in links)
    same("pairs with several links", {pair: count for pair, count in pairs.items() if count > 1}, {})
    return Stored(
        {row["key"]: row for row in identifiers},
        {(row["a"], row["b"]): row for row in links},
        {row["id"]: row for row in customers},
        {row["id"]: row["into"] for row in merged},
    )


async def check_stored(
    graph: Graph,
    events: list[Event],
    rules: RuleSet,
    judgements: Collection[Judgement] = (),
    corrections: Corrections = NO_CORRECTIONS,
    retracted: Collection[str] = (),
    *,
    may_end: bool = False,
    catalogue: Catalogue | None = None,
) -> Resolution:
    """Check that the stored graph is what follows from the facts, and that all that is kept beside it is right.

    ``retracted`` are ids of events that were taken back. ``may_end``: customers may have lost all their identifiers.
    ``catalogue`` is the one in force, else the one that ships.
    """
    taken_back = [event for event in events if event.id in retracted]
    events = [event for event in events if event.id not in retracted]
    expected = resolve(events, judgements, rules, corrections)
    evidence = gather(events, rules, corrections)
    *rows, sessions, touchpoints, claims, traits, orders = await read_all(
        graph, IDENTIFIERS, LINKS, CUSTOMERS, MERGED, SESSIONS, EVENTS, TRAITS, ALL_TRAITS, ORDERS
    )
    stored = _stored(*rows)
    same("identifiers without exactly one customer", stored.homeless(), {})
    same("customers", stored.parts(), expected.customers)
    same("refused links", stored.refused(rules, judgements), expected.refused)
    same("quarantined", {k for k, row in stored.identifiers.items() if row["quarantined"]}, expected.quarantined)
    same("ambiguous owners", {k for k, row in stored.identifiers.items() if row["ambiguous"]}, expected.ambiguous)
    owners = {row["customers"][0] for row in stored.identifiers.values()}
    same("customers with members", owners, set(stored.customers))
    lost = {id: into for id, into in stored.merged.items() if len(into) != 1 and not (may_end and not into)}
    same("merged ids without one survivor", lost, {})
    for key, seen in evidence.identifiers.items():
        row = stored.identifiers[key]
        same(f"first and last seen of {key}", (row["first_seen"], row["last_seen"]), (seen.first_seen, seen.last_seen))
        same(
            f"labels of {key}", set(row["labels"]), {"Identifier", rules.get_namespace(seen.identifier.namespace).label}
        )
    _check_links(stored, evidence.links, rules)
    _check_customers(stored, rules, expected)
    members = {k: member_of(s.identifier, s.last_seen, rules) for k, s in evidence.identifiers.items()}
    quarantined = find_quarantined(stored.links, members) - corrections.overruled
    same("quarantined by the stored links", quarantined, expected.quarantined)
    _compare_sessions(sessions, touchpoints, events, rules, taken_back)
    _compare_traits(claims, traits, events, rules, catalogue or load_catalogue())
    _compare_orders(orders, events, rules)
    return expected


def same(what: str, stored: object, expected: object) -> None:
    """Compare, and say what differs."""
    if isinstance(stored, set | frozenset) and isinstance(expected, set | frozenset):
        assert stored == expected, f"{what}: stored alone {stored - expected}, expected alone {expected - stored}"
    assert stored == expected, f"{what}: stored {stored}, expected {expected}"


def _check_links(stored: Stored, links: dict[tuple[str, str], Any], rules: RuleSet) -> None:
    same("pairs that are linked", set(stored.links), set(links))
    partners: dict[str, Counter[str]] = {key: Counter() for key in stored.identifiers}
    for (a, b), link in links.items():
        row = stored.links[a, b]
        pair = f"{a} and {b}"
        times = (link.first_seen, link.last_seen)
        same(f"first and last seen of {pair}", (row["first_seen"], row["last_seen"]), times)
        same(f"count of {pair}", row["count"], link.count)
        same(f"sources of {pair}", set(row["sources"]), set(link.sources))
        for end, other in ((a, b), (b, a)):
            identifier, own = Identifier.from_key(other), rules.get_namespace(namespace_of(end))
            rule = rules.get_namespace(identifier.namespace)
            if rule.limit is not None and (rule.limit.count == 1 or rule.rank < own.rank):
                partners[end][rule.scope_of(identifier.value)] += 1
        ends = [stored.identifiers[a], stored.identifiers[b]]
        refused = ends[0]["customers"] != ends[1]["customers"]
        quarantined = any(end["quarantined"] for end in ends)
        same(f"whether {pair} have a witness", row["witness"] is not None, refused and not quarantined)
    for key, counted in partners.items():
        same(f"partners of {key}", json.loads(stored.identifiers[key]["partners"]), counted)


def _check_customers(stored: Stored, rules: RuleSet, expected: Resolution) -> None:
    members: dict[str, dict[str, Any]] = {}
    for key, identifier in stored.identifiers.items():
        members.setdefault(identifier["customers"][0], {})[key] = identifier
    borders: dict[str, list[dict[str, Any]]] = {}
    for (a, b), link in stored.links.items():
        ends = {stored.identifiers[key]["customers"][0] for key in (a, b)}
        if link["witness"] and len(ends) == 2:
            for end in ends:
                borders.setdefault(end, []).append(link)
    for customer_id, row in stored.customers.items():
        own = members[customer_id]
        who = f"of {sorted(own)}"
        same(f"size {who}", row["size"], len(own))
        same(f"first seen {who}", row["first_seen"], min(i["first_seen"] for i in own.values()))
        same(f"last seen {who}", row["last_seen"], max(i["last_seen"] for i in own.values()))
        counts: Counter[str] = Counter()
        for key in own:
            identifier = Identifier.from_key(key)
            rule = rules.get_namespace(identifier.namespace)
            if rule.limit is not None:
                counts[rule.scope_of(identifier.value)] += 1
        same(f"counts {who}", json.loads(row["counts"]), counts)
        border = borders.get(customer_id, [])
        by_window = any(json.loads(link["witness"])[0] == "window" for link in border)
        same(f"contested {who}", bool(row["contested"]), bool(border))
        same(f"contested by window {who}", bool(row["contested_by_window"]), by_window)


async def check_sessions(graph: Graph, events: list[Event], rules: RuleSet, retracted: Collection[Event] = ()) -> None:
    """Compare the stored sessions with those of a slow and plain reference."""
    sessions, touchpoints = await read_all(graph, SESSIONS, EVENTS)
    _compare_sessions(sessions, touchpoints, events, rules, retracted)


def _compare_sessions(
    rows: Rows, touchpoints: Rows, events: list[Event], rules: RuleSet, retracted: Collection[Event]
) -> None:
    stored = {
        (
            row["visitor"],
            row["started_at"],
            row["ended_at"],
            row["channel"],
            row["source"],
            *row["campaigns"],
            row["count"],
            row["owner"],
            frozenset(row["members"]),
        )
        for row in rows
    }
    same("sessions", stored, set(reference_sessions(events, rules)))
    same("number of sessions", len(rows), len(stored))
    first = {event.message_id: event for event in reversed(events)}
    events_known = set(first) | {event.message_id for event in retracted}
    same("events", {row["id"] for row in touchpoints}, events_known)
    for row in touchpoints:
        if row["id"] in first:
            identifiers = first[row["id"]].identifiers
            same(f"sessions of {row['id']}", row["sessions"], 1 if identifiers else 0)
            same(f"keys of {row['id']}", sorted(row["keys"]), sorted(identifier.key for identifier in identifiers))
            same(f"owner of {row['id']}", row["owner"], row["owners"] or [None])
        else:
            same(
                f"what {row['id']}, taken back, observes", (row["keys"], row["sessions"], row["owner"]), ([], 0, [None])
            )


ORDER_PROBLEMS = {"exceeds": "refunds", "differs": "amounts", "contested": "identifiers"}
"""What may be wrong with all messages of an order together, and under which path it is told."""


def _tells(problems: str | None, path: str) -> bool:
    return any(problem["path"] == path for problem in json.loads(problems or "[]"))


def _compare_orders(rows: Rows, events: list[Event], rules: RuleSet) -> None:
    stored = {
        row["order_id"]: {
            "state": row["state"],
            "placed_at": row["placed_at"],
            "at": row["at"],
            "currency": row["currency"],
            "amounts": tuple(Decimal(row[name]) for name in ("total", "revenue", "refunded")),
            "beside": tuple(None if row[n] is None else Decimal(row[n]) for n in ("shipping", "tax", "discount")),
            "lines": len(json.loads(row["lines"] or "[]")),
            **{name: _tells(row["problems"], path) for name, path in ORDER_PROBLEMS.items()},
            "owner": row["owners"][0] if row["owners"] else None,
            "messages": sorted(row["messages"]),
        }
        for row in rows
    }
    same("orders with several owners", [row["order_id"] for row in rows if len(row["owners"]) > 1], [])
    same("number of orders", len(rows), len(stored))
    expected = reference_orders(events, rules)
    same("orders", set(stored), set(expected))
    for order_id, order in stored.items():
        same(f"order {order_id}", order, expected[order_id])


def _compare_traits(rows: Rows, traits: Rows, events: list[Event], rules: RuleSet, catalogue: Catalogue) -> None:
    same("traits with another number of owners than one", [row for row in rows if row["owners"] != 1], [])
    same("number of traits", len(traits), len(rows))
    told = told_by(reversed(events), rules)
    owners = {one.owner: one.owner for claims in told.values() for one in claims}
    values = reference_traits(reversed(events), owners, rules, catalogue)
    shown = {(row["key"], row["name"]): json.loads(row["value"]) for row in rows if not row["deleted"]}
    same(
        "traits",
        {place: json.dumps(v, sort_keys=True) for place, v in shown.items()},
        {p: v.value for p, v in values.items()},
    )
    same("deleted traits", {row["value"] for row in rows if row["deleted"]} - {"null"}, set())
    claims = [(name, *claim) for name, own in told.items() for claim in own]
    types = {name: catalogue.trait(name) for name in told}
    fitting = [c for c in claims if c[3] is None or not types[c[0]].declared or fit(c[3], types[c[0]]) is not None]
    last = {(owner, name): order[:2] for name, order, owner, _ in sorted(fitting, key=lambda claim: claim[1])}
    same("what was said last", {(row["key"], row["name"]): (row["at"], row["source"]) for row in rows}, last)
