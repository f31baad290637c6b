"""Converting: customers of earlier rules are resolved under those in force.

A customer is converted as a whole: all its events are read anew where the rules read values otherwise, and what its
identifiers hold together is derived again. Its links to customers whose turn has not come yet stay refused until then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from identity_graph.domain.explaining.violations import IgnoredCode
from identity_graph.domain.identity.customers import TriggerKind
from identity_graph.domain.journeys.sessions import find_visitor
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.rules.difference import Difference
from identity_graph.domain.rules.normalization import read_stored
from identity_graph.domain.rules.ranking import find_strongest
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier
from identity_graph.domain.values.observations import UNBIND, Instant, Observation
from identity_graph.domain.values.pairs import Pair
from identity_graph.service.commit.unbinding import list_seen_pairs
from identity_graph.service.commit.writing import ignored_texts
from identity_graph.service.consent.writing import recount_consents
from identity_graph.service.identity.intake import lock_customers, outdated_customers
from identity_graph.service.identity.outdated import OutdatedError
from identity_graph.service.identity.revising import Revision, revise
from identity_graph.service.identity.writing import retire_identifiers, write_changes, write_resolution
from identity_graph.service.journeys.recutting import recut_sessions
from identity_graph.service.profiles.orders import refold_orders
from identity_graph.service.profiles.traits import recount_traits
from identity_graph.store.collecting import readings as reading_store
from identity_graph.store.collecting.readings import NewReading, Reading
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.identity import customers as customer_store


@dataclass(frozen=True, slots=True)
class Reread:
    """An event as it was read and as it is read now."""

    stored: Reading
    identifiers: tuple[Identifier, ...]
    ignored: list[str]

    @property
    def before(self) -> set[str]:
        """The keys that it observed until now."""
        return set(self.stored.keys)

    @property
    def after(self) -> set[str]:
        """The keys that it observes from now on."""
        return {identifier.key for identifier in self.identifiers}

    @property
    def is_changed(self) -> bool:
        """Whether it observes or links others than before."""
        return self.before != self.after or self.stored.ignored != self.ignored

    def says_otherwise(self, difference: Difference) -> bool:
        """Whether anything that is counted of it may differ: what it observes, or when that was."""
        return self.is_changed or (difference.retimed and self.stored.occurred_at < 0)

    def observation(self) -> Observation:
        """Give what it says from now on."""
        return Observation(
            source=self.stored.source,
            message_id=self.stored.message_id,
            occurred_at=self.stored.occurred_at,
            identifiers=self.identifiers,
        )


def reread(stored: Reading, rules: RuleSet) -> Reread:
    """Read a stored event under rules."""
    identifiers, ignored = read_stored(stored.identifiers, rules, stored.source)
    kept = [text for text in stored.ignored if text.startswith(f"{IgnoredCode.UNREADABLE_FIELD} ")]
    return Reread(stored, identifiers, kept + ignored_texts(ignored))


async def convert(
    tx: WriteTransaction,
    ids: Iterable[str],
    regime: Regime,
    difference: Difference,
    event_ids: Iterable[str] = (),
) -> None:
    """Resolve customers under the rules in force; ``event_ids`` are events without identifiers that are read anew, too.

    Others that are drawn in, because what the events of these say of them changes, are converted as well.
    """
    converting = set(ids)
    orphans = await reading_store.find_readings(tx, ids=sorted(event_ids)) if event_ids else []
    while True:
        keys = await _list_keys(tx, converting)
        changed: list[Reread] = []
        if difference.reads_events:
            stored = {row.id: row for row in [*orphans, *await reading_store.list_readings(tx, keys=sorted(keys))]}
            changed = [
                again for row in stored.values() if (again := reread(row, regime.rules)).says_otherwise(difference)
            ]
            drawn = await _find_outdated(tx, {k for e in changed for k in e.before ^ e.after}, regime.version)
            if not drawn <= converting:
                converting |= drawn
                continue
        revision = _plan(changed, keys, difference, await _list_unbound_pairs(tx, changed))
        try:
            intake, resolved = await revise(tx, revision, regime, converting)
        except OutdatedError as outdated:
            converting |= outdated.ids
            continue
        break
    if changed:
        # The events may link others whose turn has not come: when it comes, they are not left as they are.
        awaited = outdated_customers(intake.customers, regime.version).difference(converting)
        resolved = replace(resolved, awaited=resolved.awaited | awaited)
    await write_resolution(tx, intake, resolved, regime, TriggerKind.RULES)
    if changed:
        await write_readings(tx, changed, regime, intake.gone)
    await retire_identifiers(tx, intake, resolved)
    triggers = [str(regime.version)] * len(resolved.changes)
    await write_changes(tx, resolved, TriggerKind.RULES, triggers)


async def write_readings(tx: WriteTransaction, changed: list[Reread], regime: Regime, gone: frozenset[str]) -> None:
    """Write what events say from now on, and derive what hangs on them: sessions, traits, consents and orders."""
    rules = regime.rules
    rows: list[NewReading] = [
        {"id": event.stored.id, "keys": sorted(event.after), "ignored": event.ignored or None} for event in changed
    ]
    await reading_store.replace_readings(tx, rows=rows)
    visitors = {event.stored.visitor for event in changed if event.stored.visitor is not None}
    visitors.update(visitor.key for e in changed if (visitor := find_visitor(e.identifiers, rules)) is not None)
    await recut_sessions(tx, visitors, rules)
    owners: set[str] = set()
    for event in changed:
        if event.stored.has_traits:
            owners |= event.before - gone
            if event.identifiers:
                owners.add(find_strongest(event.identifiers, rules).key)
    await recount_traits(tx, owners, regime)
    givers = {key for one in changed if one.stored.has_consents for key in one.before | one.after}
    if givers - gone:
        await recount_consents(tx, givers - gone, regime)
    orders = (event.stored.order for event in changed if event.stored.order is not None)
    await refold_orders(tx, orders, regime)


async def find_waiting(tx: WriteTransaction, ids: Iterable[str], rule_version: int) -> list[str]:
    """Lock customers, and name those that still stand under earlier rules; merged ones do not stand at all."""
    rows = await customer_store.lock_customers(tx, ids=sorted(ids))
    return [row.id for row in rows if row.size is not None and row.rule_version != rule_version]


async def _list_keys(tx: ReadTransaction, ids: set[str]) -> set[str]:
    return {row.key for row in await customer_store.list_members(tx, ids=sorted(ids))} if ids else set()


async def _find_outdated(tx: WriteTransaction, keys: set[str], rule_version: int) -> set[str]:
    """Find the customers of identifiers that still stand under earlier rules."""
    owners = {row.customer_id for row in await customer_store.find_owners(tx, keys=sorted(keys))} if keys else set()
    return outdated_customers(await lock_customers(tx, owners), rule_version)


async def _list_unbound_pairs(tx: ReadTransaction, changed: list[Reread]) -> set[Pair]:
    """List the pairs that events unbind, or unbound until now, whose identifiers are read otherwise."""
    until: dict[str, Instant] = {}
    for event in changed:
        if event.stored.type == UNBIND:
            at = event.stored.occurred_at
            until.update({key: max(at, until.get(key, at)) for key in event.before | event.after})
    return await list_seen_pairs(tx, until) if until else set()


def _plan(changed: list[Reread], keys: set[str], difference: Difference, pairs: set[Pair]) -> Revision:
    return Revision(
        pairs=pairs,
        event_ids=[event.stored.id for event in changed],
        observed=[tuple(sorted(event.before)) for event in changed],
        readings=[event.observation() for event in changed if event.identifiers],
        keys=keys,
        recounts_partners=difference.recounts_any,
    )
