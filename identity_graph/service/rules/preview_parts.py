"""Closed parts of the graph, derived under other rules without writing: nothing outside a part can matter to it.

A part grows along the links that are not quarantined under the other rules and along ``same`` judgements. Where these
rules read and link as those in force do, the stored links are the evidence; otherwise the events are read again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson

from identity_graph.domain.identity.customer_diff import RuleDiff
from identity_graph.domain.identity.derivation import derive
from identity_graph.domain.identity.evidence import Evidence, Link, Seen
from identity_graph.domain.identity.judgements import Verdict
from identity_graph.domain.identity.obstacles import Member
from identity_graph.domain.identity.resolution import find_quarantined, member_of
from identity_graph.domain.rules.difference import Difference
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.rules.partners import has_too_many_partners
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.components import Components
from identity_graph.domain.values.identifiers import Identifier, namespace_of
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.commit.converting import reread
from identity_graph.service.identity.partners import count_partners
from identity_graph.service.rules.judged_otherwise import JudgedOtherwise
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.collecting.readings import Reading
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.rules import previews


@dataclass(slots=True)
class PreviewPart:
    """What would be derived: members and links that are not quarantined, and the customers that there are now.

    ``read_as`` names, for identifiers of now, what their raw values would be read as; ``newcomers`` are identifiers that
    nobody has now.
    """

    before: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    links: list[Link] = field(default_factory=list[Link])
    read_as: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    newcomers: dict[str, Seen] = field(default_factory=dict[str, Seen])

    def tally(self, diff: RuleDiff, judged: JudgedOtherwise, rules: RuleSet, counted: set[str]) -> None:
        """Derive each of the components and add what comes out.

        ``counted`` are customers, and keys that nobody has now, whose components were added before: a part may hold some
        that it had to look at.
        """
        for members, links, before in self._components(judged):
            if not counted.isdisjoint(before) or not counted.isdisjoint(members):
                continue
            outcome = derive(members, links, judged.of(members), rules)
            newcomers = (
                {key: self.newcomers[key] for key in members if key in self.newcomers} if self.newcomers else None
            )
            diff.add([frozenset(self.before[id]) for id in before], outcome.parts, self.read_as, newcomers)

    def _components(self, judged: JudgedOtherwise) -> Iterable[tuple[dict[str, Member], list[Link], list[str]]]:
        components = Components[str]()
        for link in self.links:
            components.join(link.a, link.b)
        for judgement in judged.of(self.members):
            # Two that differ are no reason to be one component: each may have been counted without the other.
            both = judgement.a in self.members and judgement.b in self.members
            if both and judgement.verdict is Verdict.SAME:
                components.join(judgement.a, judgement.b)
        for key, others in self.read_as.items():
            for other in others & self.members.keys():
                components.join(key, other)
        for keys in self.before.values():
            first = next(iter(keys), "")
            for key in keys:
                components.join(key, first)
        found: dict[str, tuple[dict[str, Member], list[Link], list[str]]] = defaultdict(lambda: ({}, [], []))
        for key, member in self.members.items():
            found[components.root(key)][0][key] = member
        for link in self.links:
            found[components.root(link.a)][1].append(link)
        for id, keys in self.before.items():
            if keys:
                found[components.root(next(iter(keys)))][2].append(id)
        return found.values()


async def load_stored(
    tx: ReadTransaction, ids: Iterable[str], judged: JudgedOtherwise, rules: RuleSet, difference: Difference
) -> PreviewPart:
    """Load the part that holds these customers from the links as they are stored."""
    part = PreviewPart()
    links: dict[Pair, Link] = {}
    quarantined: set[str] = set()
    wanted = set(ids)
    while wanted:
        loading = sorted(wanted)
        part.before.update({id: set() for id in loading})
        keys: list[str] = []
        members = await previews.list_preview_members(tx, ids=loading)
        crowded = await _find_crowded(tx, {row.key: row.partners for row in members}, difference, rules)
        for row in members:
            part.before[row.customer_id].add(row.key)
            part.members[row.key] = member_of(Identifier.from_key(row.key), row.last_seen, rules)
            keys.append(row.key)
        quarantined |= crowded
        wanted = await _find_owners(tx, judged.same_as(keys) - part.members.keys())
        rows = await previews.list_preview_links(tx, ids=loading, left_out=sorted(crowded))
        far = {row.other_key: row.other_partners for row in rows if row.other_customer_id is not None}
        quarantined |= await _find_crowded(tx, far, difference, rules)
        for row in rows:
            if row.other_key in quarantined:
                continue
            if row.other_customer_id is not None:
                wanted.add(row.other_customer_id)
            a, b = (row.key, row.other_key) if row.outgoing else (row.other_key, row.key)
            links[a, b] = Link(a, b, row.first_seen, row.last_seen)
        wanted -= part.before.keys()
    # Events that came in meanwhile may have moved the far end of a link.
    part.links = [link for link in links.values() if link.a in part.members and link.b in part.members]
    return part


class Rereader:
    """Loads parts from events, read under other rules.

    ``events_of`` names, for every identifier that some event would newly hold, all such events.
    """

    def __init__(self, old: RuleSet, new: RuleSet, judged: JudgedOtherwise, events_of: Mapping[str, list[str]]) -> None:
        self._old = old
        self._new = new
        self._judged = judged
        self._events_of = events_of

    async def load(self, tx: ReadTransaction, ids: Iterable[str], keys: Iterable[str]) -> tuple[PreviewPart, set[str]]:
        """Load the part that holds these customers and keys; also return all keys whose evidence is in it."""
        part = PreviewPart()
        evidence = Evidence()
        events: set[str] = set()
        complete: set[str] = set()
        ownerless: set[str] = set()
        customers, wanted = set(ids), set(keys)
        while customers or wanted:
            customers |= await _find_owners(tx, wanted)
            loading = sorted(customers - part.before.keys())
            part.before.update({id: set() for id in loading})
            owned: set[str] = set()
            for row in await previews.list_preview_members(tx, ids=loading) if loading else []:
                part.before[row.customer_id].add(row.key)
                owned.add(row.key)
            readings = await reading_store.list_readings(tx, keys=sorted(owned)) if owned else []
            more = sorted({id for key in owned | wanted for id in self._events_of.get(key, ())} - events)
            readings += await reading_store.find_readings(tx, ids=more) if more else []
            complete |= owned | wanted
            for row in readings:
                if row.id not in events:
                    events.add(row.id)
                    self._add(row, evidence, part)
            unknown = evidence.identifiers.keys() - complete - ownerless
            rows = await customer_store.find_owners(tx, keys=sorted(unknown)) if unknown else []
            ownerless |= unknown - {row.key for row in rows}
            quarantined = self._find_quarantined(evidence)
            read_as = part.read_as.keys() | {key for keys in part.read_as.values() for key in keys}
            customers, wanted = set(), (ownerless | read_as | self._judged.same_as(complete)) - complete
            for a, b in evidence.links:
                for near, far in ((a, b), (b, a)):
                    if near in complete and far not in complete and near not in quarantined:
                        wanted.add(far)
        part.members = {key: member for key, member in self._members_of(evidence).items() if key in complete}
        owned = set[str]().union(*part.before.values())
        part.newcomers = {key: evidence.identifiers[key] for key in part.members.keys() - owned}
        held = part.members.keys() - self._find_quarantined(evidence)
        part.links = [link for (a, b), link in evidence.links.items() if a in held and b in held]
        return part, complete

    def _add(self, row: Reading, evidence: Evidence, part: PreviewPart) -> None:
        again = reread(row, self._new)
        evidence.add(again.observation(), self._new, self._judged.corrections)
        if again.is_changed:
            for text in row.identifiers:
                before, after = read_key(text, self._old), read_key(text, self._new)
                if before is not None and after is not None and before != after:
                    part.read_as.setdefault(before, set()).add(after)

    def _find_quarantined(self, evidence: Evidence) -> set[str]:
        """Right for those whose evidence is complete."""
        return find_quarantined(evidence.links, self._members_of(evidence), self._judged.corrections.overruled)

    def _members_of(self, evidence: Evidence) -> dict[str, Member]:
        return {
            key: member_of(seen.identifier, seen.last_seen, self._new) for key, seen in evidence.identifiers.items()
        }


async def _find_crowded(
    tx: ReadTransaction, partners: Mapping[str, str | None], difference: Difference, rules: RuleSet
) -> set[str]:
    """Find the identifiers that are quarantined under other rules.

    ``partners`` are JSON, as counted under the rules in force, None of identifiers that are never quarantined.
    """
    may_differ = [key for key, text in partners.items() if text is not None and difference.recounts(namespace_of(key))]
    counted = await count_partners(tx, may_differ, rules)
    stored = {key: orjson.loads(text) for key, text in partners.items() if text not in _NONE and key not in counted}
    return {
        key
        for key, own in (counted | stored).items()
        if has_too_many_partners(own, rules.get_namespace(namespace_of(key)))
    }


async def _find_owners(tx: ReadTransaction, keys: set[str]) -> set[str]:
    return {row.customer_id for row in await customer_store.find_owners(tx, keys=sorted(keys))} if keys else set()


_NONE = (None, "{}")
"""Partners of an identifier that has none, or is never quarantined."""
