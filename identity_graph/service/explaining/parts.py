"""Parts of the graph, read to be derived again under other evidence: nothing is locked and nothing is written."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from identity_graph.domain.identity.derivation import BorderLink, Derivation, derive
from identity_graph.domain.identity.evidence import Link
from identity_graph.domain.identity.judgements import Judgement, Verdict
from identity_graph.domain.identity.obstacles import Witness
from identity_graph.domain.identity.read_models import ActiveJudgement, LinkView
from identity_graph.domain.identity.resolution import member_of
from identity_graph.domain.rules.partners import find_partner_scope, has_too_many_partners
from identity_graph.domain.rules.rule_set import NamespaceRule
from identity_graph.domain.rules.versioned import VersionedRules
from identity_graph.domain.values.identifiers import Identifier, namespace_of
from identity_graph.domain.values.pairs import Pair
from identity_graph.store.corrections import judgements as judgement_store
from identity_graph.store.customers import links as reading_links
from identity_graph.store.driver.graph import ConflictError
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.explaining import parts as store
from identity_graph.store.explaining.parts import CustomerStateRow, PartLinkRow, QuarantinedLinkRow
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.identity.customers import CustomerMember


@dataclass(slots=True)
class Part:
    """One customer as it is stored. ``links`` are those without a quarantined end, by pair, the border's included.

    ``observed`` are, of a customer that was judged, all links inside it.
    """

    state: CustomerStateRow
    members: dict[str, CustomerMember] = field(default_factory=dict[str, CustomerMember])
    links: dict[Pair, PartLinkRow] = field(default_factory=dict[Pair, PartLinkRow])
    observed: dict[Pair, LinkView] = field(default_factory=dict[Pair, LinkView])

    def find_link(self, pair: Pair) -> PartLinkRow | LinkView | None:
        """Give what was observed of a pair inside the customer; None when it was not."""
        return self.links.get(pair) or self.observed.get(pair)

    def holding_links(self) -> dict[Pair, PartLinkRow]:
        """Give the links that count inside the customer: an end that is nobody's has none."""
        return {
            pair: link
            for pair, link in self.links.items()
            if all(key in self.members and not self.members[key].ambiguous for key in pair)
        }


@dataclass(frozen=True, slots=True)
class Without:
    """What is left out of a derivation: all that is known of a pair.

    ``released`` are identifiers that are no longer quarantined when that pair is gone.
    """

    pair: Pair
    released: frozenset[str] = frozenset()


class Parts:
    """Customers that were read so far, with all that people said about their identifiers."""

    def __init__(self, in_force: VersionedRules) -> None:
        self.rules = in_force.rules
        self.rule_version = in_force.version
        self.customers: dict[str, Part] = {}
        self.judgements: dict[str, ActiveJudgement] = {}
        self._quarantined_links: dict[str, list[QuarantinedLinkRow]] = {}

    async def load_known(self, tx: ReadTransaction, ids: Collection[str]) -> list[str]:
        """Read customers, and return those of them that there are.

        Raises:
            ConflictError: a writer changed them meanwhile.
        """
        rows = await store.list_customer_states(tx, ids=list(ids)) if ids else []
        known = [row.id for row in rows]
        await self.load(tx, known)
        return known

    async def load(self, tx: ReadTransaction, ids: Collection[str]) -> None:
        """Read customers, and those that ``same`` judgements lead to.

        Raises:
            ConflictError: a writer changed them meanwhile.
        """
        wanted = sorted(set(ids) - self.customers.keys())
        while wanted:
            for row in await store.list_customer_states(tx, ids=wanted):
                self.customers[row.id] = Part(row)
            if any(id not in self.customers for id in wanted):
                raise ConflictError
            for member in await customer_store.list_members(tx, ids=wanted):
                self.customers[member.customer_id].members[member.key] = member
            for link in await store.list_part_links(tx, ids=wanted):
                self.customers[link.customer_id].links[pair_of(link.key, link.other_key)] = link
            judged = [id for id in wanted if self.customers[id].state.judged]
            wanted = await self._load_judgements(tx, judged) if judged else []

    async def load_quarantined(self, tx: ReadTransaction, keys: Iterable[str]) -> None:
        """Read the links of quarantined identifiers."""
        wanted = sorted(set(keys) - self._quarantined_links.keys())
        self._quarantined_links.update({key: [] for key in wanted})
        for row in await store.list_links_of_quarantined(tx, keys=wanted) if wanted else []:
            self._quarantined_links[row.key].append(row)

    def quarantined_pairs(self, part: Part) -> Iterable[Without]:
        """Name the pairs inside a customer without which a quarantined end would no longer be one."""
        found: dict[Pair, set[str]] = {}
        for key in part.members.keys() & self._quarantined_links.keys():
            for link in self._quarantined_links[key]:
                if link.other_key in part.members and self._is_released(part.members[key], link.other_key):
                    found.setdefault(pair_of(key, link.other_key), set()).add(key)
        return [Without(pair, frozenset(released)) for pair, released in found.items()]

    def may_be_released(self, part: Part) -> set[str]:
        """Name the quarantined members that have one partner too many."""
        return {
            key
            for key, member in part.members.items()
            if member.quarantined
            and max(json.loads(member.partners).values(), default=0) == self._max_partners(key) + 1
        }

    def _is_released(self, member: CustomerMember, without: str) -> bool:
        counts: dict[str, int] = json.loads(member.partners)
        scope = find_partner_scope(Identifier.from_key(without), Identifier.from_key(member.key), self.rules)
        if scope in counts:
            counts[scope] -= 1
        return not has_too_many_partners(counts, self.rules.get_namespace(namespace_of(member.key)))

    def _max_partners(self, key: str) -> int:
        return self.rules.get_namespace(namespace_of(key)).max_partners

    async def _load_judgements(self, tx: ReadTransaction, ids: list[str]) -> list[str]:
        """Read the judgements on customers; return the customers that they lead to and that are not read yet."""
        rows = await judgement_store.list_judgements_of_customers(tx, ids=ids)
        self.judgements.update({row.id: row for row in rows})
        for link in await reading_links.list_links_of_customers(tx, customer_ids=ids):
            self.customers[link.customer_id].observed[link.a, link.b] = link
        led_to = {id for row in rows if row.verdict == Verdict.SAME for id in (row.customer_a, row.customer_b) if id}
        return sorted(led_to - self.customers.keys())

    def same_rows(self, part: Part) -> dict[Pair, ActiveJudgement]:
        """Give the ``same`` judgements inside a customer by pair; of several the first that was made."""
        found: dict[Pair, ActiveJudgement] = {}
        for row in sorted(self.judgements.values(), key=lambda row: (row.at, row.id)):
            if row.verdict == Verdict.SAME and row.b is not None and row.a in part.members and row.b in part.members:
                found.setdefault(pair_of(row.a, row.b), row)
        return found

    def closure(self, ids: Iterable[str]) -> set[str]:
        """Add the customers that ``same`` judgements lead to."""
        closed = set(ids)
        while True:
            led_to = {
                other
                for row in self.judgements.values()
                if row.verdict == Verdict.SAME
                for one, other in ((row.customer_a, row.customer_b), (row.customer_b, row.customer_a))
                if one in closed and other is not None
            }
            if led_to <= closed:
                return closed
            closed |= led_to

    def derive(self, ids: Collection[str], without: Without | None = None) -> tuple[Derivation, set[str]]:
        """Derive customers that were read. Returns the outcome and the customers that it cannot be proven without.

        Raises:
            ConflictError: what was read does not fit together.
        """
        parts = [self.customers[id] for id in ids]
        members = {
            key: member_of(Identifier.from_key(key), member.last_seen, self.rules)
            for part in parts
            for key, member in part.members.items()
            if self._rule_of(key) is not None
        }
        left_out = None if without is None else without.pair
        inner: dict[Pair, Link] = {}
        border: dict[Pair, BorderLink] = {}
        outer: dict[str, str] = {}
        for part in parts:
            for pair, row in part.links.items():
                link = Link(*pair, row.first_seen, row.last_seen)
                rule = self._rule_of(row.other_key)
                if pair == left_out or row.key not in members or rule is None:
                    continue  # an identifier that the rules no longer know is about to go
                if row.other_key in members:
                    inner[pair] = link
                elif row.other_customer_id in ids:
                    raise ConflictError
                else:
                    outer[row.other_key] = row.other_customer_id
                    border[pair] = self._border(link, row, rule)
        if without is not None and without.released:
            self._release(without, members, inner, border, outer)
        judgements = [judgement for judgement in self._judgements() if (judgement.a, judgement.b) != left_out]
        outcome = derive(members, inner.values(), judgements, self.rules, border.values())
        return outcome, {outer[key] for key in outcome.unproven}

    def _release(
        self,
        without: Without,
        members: Collection[str],
        inner: dict[Pair, Link],
        border: dict[Pair, BorderLink],
        outer: dict[str, str],
    ) -> None:
        """Let the links of identifiers count that are no longer quarantined."""
        for key in without.released:
            for row in self._quarantined_links[key]:
                pair = pair_of(key, row.other_key)
                if pair == without.pair or (row.other_quarantined and row.other_key not in without.released):
                    continue
                link, rule = Link(*pair, row.first_seen, row.last_seen), self._rule_of(row.other_key)
                if row.other_key in members:
                    inner[pair] = link
                elif rule is not None:
                    outer[row.other_key] = row.other_customer_id
                    border[pair] = BorderLink(link, key, row.other_key, rule, None)

    def _rule_of(self, key: str) -> NamespaceRule | None:
        return self.rules.find_namespace(namespace_of(key))

    def _border(self, link: Link, row: PartLinkRow, rule: NamespaceRule) -> BorderLink:
        witness = None if row.witness is None else Witness.decode(row.witness)
        return BorderLink(link, row.key, row.other_key, rule, witness, row.other_rule_version != self.rule_version)

    def _judgements(self) -> set[Judgement]:
        return {
            Judgement.of(Verdict(row.verdict), row.a, row.b)
            for row in self.judgements.values()
            if row.verdict in set(Verdict) and row.b is not None and row.a != row.b
        }


def pair_of(one: str, other: str) -> Pair:
    """Put two keys in order."""
    return (one, other) if one < other else (other, one)
