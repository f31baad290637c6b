"""The region of a slow resolution: customers loaded with all their identifiers and links."""

from collections import Counter
from collections.abc import Collection, Iterable

from identity_graph.domain.identity.derivation import BorderLink, Derivation, derive
from identity_graph.domain.identity.evidence import Link
from identity_graph.domain.identity.joining import CustomerState
from identity_graph.domain.identity.judgements import Judgement
from identity_graph.domain.identity.obstacles import ObstacleKind, Witness
from identity_graph.domain.identity.resolution import member_of
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.components import Components
from identity_graph.domain.values.identifiers import namespace_of
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.identity.in_force import read_in_force
from identity_graph.service.identity.intake import IdentifierState, Intake, lock_customers
from identity_graph.service.identity.outdated import OutdatedError
from identity_graph.store.driver.graph import ConflictError
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.identity import customers as customer_store
from identity_graph.store.identity import links as link_store


class Region:
    """A part of the graph that grows until nothing outside it can matter to it.

    ``members`` hold the new evidence. ``outer_customers`` tells for the far ends of border links whose they are. Of the
    customers that are still to be resolved under the rules in force only those in ``converting`` may belong to it.
    """

    def __init__(self, intake: Intake, regime: Regime, converting: Collection[str] = ()) -> None:
        self.customers: dict[str, CustomerState] = {}
        self.members: dict[str, IdentifierState] = {}
        self.outer_customers: dict[str, str] = {}
        self._intake = intake
        self._rules = regime.rules
        self._rule_version = regime.version
        self._converting = converting
        self._outdated_outers: set[str] = set()
        self._links: dict[Pair, Link] = {}
        self._witnesses: dict[Pair, Witness] = {}
        self._slow_keys: set[str] = set()
        self._judgements: set[Judgement] = set()
        self._judged: set[str] = set()

    async def find_neighbour_customers(self, tx: ReadTransaction, quarantined: frozenset[str]) -> set[str]:
        """Find the customers of all that identifiers, quarantined from now on, were observed with."""
        if not quarantined:
            return set()
        rows = await link_store.list_neighbours(tx, keys=sorted(quarantined))
        own = {id for key in quarantined if (id := self._intake.identifiers[key].customer_id) is not None}
        return own | {row.customer_id for row in rows}

    async def load(self, tx: WriteTransaction, customer_ids: set[str], keys: set[str]) -> tuple[set[str], set[str]]:
        """Add customers, locked, with their identifiers and links, and observed identifiers that are new.

        Returns the customers, and the new identifiers, that judgements join to these: they belong to the region, too.

        Raises:
            ConflictError: another writer moved an identifier in between.
            OutdatedError: some of them are still to be resolved under the rules in force.
        """
        ids = sorted(customer_ids - self.customers.keys())
        at_hand = {id: self._intake.customers[id] for id in ids if id in self._intake.customers}
        self.customers.update(at_hand)
        self.customers.update(await lock_customers(tx, [id for id in ids if id not in at_hand]))
        outdated = {id for id in ids if self.customers[id].rule_version != self._rule_version}.difference(
            self._converting
        )
        if outdated:
            raise OutdatedError(outdated)
        for row in await customer_store.list_members(tx, ids=ids) if ids else []:
            state = self._intake.identifiers.get(row.key) or IdentifierState.read(row)
            if state.customer_id != row.customer_id:
                raise ConflictError
            if row.key not in self._intake.gone:
                self.members[row.key] = state
        for key in keys:
            state = self._intake.identifiers[key]
            if state.customer_id is None:
                self.members[key] = state
        self._slow_keys |= keys
        released = sorted(self._intake.released)
        for row in await link_store.lock_links(tx, ids=ids, released=released) if ids else []:
            a, b = (row.key, row.other_key) if row.outgoing else (row.other_key, row.key)
            if (a, b) in self._intake.links.removed:
                continue
            self._links[a, b] = Link(a, b, row.first_seen, row.last_seen)
            self.outer_customers[row.other_key] = row.other_customer_id
            if row.other_rule_version != self._rule_version:
                self._outdated_outers.add(row.other_key)
            if row.witness is not None:
                self._witnesses[a, b] = Witness.decode(row.witness)
        if any(id in self.customers and key not in self.members for key, id in self.outer_customers.items()):
            raise ConflictError
        return await self._read_judgements(tx)

    async def _read_judgements(self, tx: ReadTransaction) -> tuple[set[str], set[str]]:
        unread = {key for key, state in self.members.items() if state.judged and key not in self._judged}
        self._judged |= unread
        # What names a judged identifier that the intake touches was read with it.
        in_force = await read_in_force(tx, unread - self._intake.identifiers.keys())
        in_force.update(self._intake.in_force)
        self._judgements |= in_force.judgements
        partners = {partner for key in unread for partner in in_force.partners_of(key)} - self.members.keys()
        customers = {in_force.customer_of[key] for key in partners if key in in_force.customer_of}
        return customers, {key for key in partners if key in self._intake.identifiers} - in_force.customer_of.keys()

    def derive(self) -> Derivation:
        """Derive the customers of this part as it is loaded now."""
        for link in self._intake.links:
            if link.a in self.members or link.b in self.members:
                self._links[link.a, link.b] = link
                self._note_outer(link.b if link.a in self.members else link.a)
        members = {
            key: member_of(state.identifier, state.last_seen, self._rules) for key, state in self.members.items()
        }
        inner: list[Link] = []
        border: list[BorderLink] = []
        find_witness, get_namespace, outdated = self._witnesses.get, self._rules.get_namespace, self._outdated_outers
        for link in self._active_links():  # an owner of much has thousands
            a, b = link.a, link.b
            if a in members and b in members:
                inner.append(link)
            else:
                near, far = (a, b) if a in members else (b, a)
                rule = get_namespace(namespace_of(far))
                border.append(BorderLink(link, near, far, rule, find_witness((a, b)), far in outdated))
        return derive(members, inner, self._judgements, self._rules, border)

    def _note_outer(self, key: str) -> None:
        """Note whose the far end of a link is that the intake made or moved."""
        id = self._intake.identifiers[key].customer_id
        if key not in self.members and id is not None:
            self.outer_customers[key] = id
            if self._intake.customers[id].rule_version != self._rule_version:
                self._outdated_outers.add(key)

    def changed_witnesses(self, outcome: Derivation) -> dict[Pair, str | None]:
        """Tell which links need another witness than the stored one, or none."""
        changed: dict[Pair, str | None] = {}
        for link in self._active_links():
            pair = (link.a, link.b)
            witness = outcome.refused.get(pair)
            if witness != self._witnesses.get(pair):
                changed[pair] = None if witness is None else witness.encode()
        return changed

    def awaited_customers(self, outcome: Derivation) -> set[str]:
        """Name the customers across borders of which only their turn can tell whether they are borders."""
        pending = [pair for pair, witness in outcome.refused.items() if witness.kind is ObstacleKind.PENDING]
        return {self.outer_customers[key] for pair in pending for key in pair if key not in self.members}

    def loads(self) -> dict[str, int]:
        """Count, for every observed identifier here, the stored identifiers that had to be looked at for it."""
        components = Components[str]()
        for link in self._active_links():
            if link.a in self.members and link.b in self.members:
                components.join(link.a, link.b)
        anchors: dict[str, str] = {}
        for key, state in self.members.items():
            if state.customer_id is not None:
                components.join(key, anchors.setdefault(state.customer_id, key))
        sizes = Counter(components.root(key) for key, state in self.members.items() if state.customer_id is not None)
        return {key: sizes[components.root(key)] for key in self._slow_keys if key in self.members}

    def _active_links(self) -> Iterable[Link]:
        known = {key for key, state in self.members.items() if state.quarantined} | self._intake.newly_quarantined
        # The far end of a link that the intake made may be one whose turn has not come; stored links are loaded without these.
        known.update(key for key, state in self._intake.identifiers.items() if state.quarantined)
        for link in self._links.values():
            if link.a not in known and link.b not in known:
                yield link
