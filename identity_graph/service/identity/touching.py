"""Taking note of the customers whose identifiers changed: as a whole, where they merge, split, or lose what they had."""

from collections.abc import Iterable

from identity_graph.domain.identity.customers import ChangeKind, TriggerKind
from identity_graph.domain.profiles.inputs import EVERYTHING
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.profiles.touched import MarkCause
from identity_graph.service.identity.intake import Intake
from identity_graph.service.identity.resolving import Resolved

_ALL = (EVERYTHING,)
_CAUSES = {ChangeKind.MERGED: MarkCause.MERGE, ChangeKind.SPLIT: MarkCause.SPLIT, ChangeKind.ERASED: MarkCause.ERASURE}
_KINDS = {
    TriggerKind.RULES: MarkCause.RULES,
    TriggerKind.RETRACTION: MarkCause.RETRACTION,
    TriggerKind.ERASURE: MarkCause.ERASURE,
}


def touch_revised(intake: Intake, resolved: Resolved, regime: Regime, kind: TriggerKind) -> None:
    """Take note of all customers that a revision looked at: anything of them may be other than it was."""
    if regime.touched.watched is None:
        return
    cause = _KINDS.get(kind, MarkCause.EVENT)
    touch_changes(resolved, regime)
    _touch_all({*intake.customers, *resolved.customer_of.values(), *resolved.ended}, regime, cause)


def touch_resolved(intake: Intake, resolved: Resolved, regime: Regime) -> None:
    """Take note of the customers that new evidence changed."""
    touch_changes(resolved, regime)
    touched = regime.touched
    for id, customer in resolved.created.items():
        touched.touch_customer(id, _ALL, customer.last_seen)
    slow = {resolved.customer_of[key] for key in resolved.slow_loads if key in resolved.customer_of}
    _touch_all(slow | resolved.ended, regime, MarkCause.EVENT)
    for id, customer in (resolved.updated | resolved.touched).items():
        before = intake.customers.get(id)
        if before is None or before.size != customer.size:
            touched.touch_customer(id, ("identifiers", "links", "all_traits"), customer.last_seen)
        if before is None or before.first_seen != customer.first_seen:
            touched.touch_customer(id, ("first_seen",), customer.last_seen)
    for state in intake.identifiers.values():
        if state.earlier:
            touched.touch_key(state.key, ("identifiers",), state.last_seen)
    if touched.watched is not None and touched.watched.links:
        for a, b in intake.links.new:
            for key in (a, b):
                touched.touch_key(key, ("links",), intake.identifiers[key].last_seen)


def touch_changes(resolved: Resolved, regime: Regime) -> None:
    """Take note of customers that merged, split, or gave identifiers to each other."""
    for change in resolved.changes:
        _touch_all(change.customers, regime, _CAUSES.get(change.kind, MarkCause.EVENT))
    _touch_all({*resolved.merged, *resolved.merged.values()}, regime, MarkCause.MERGE)


def _touch_all(ids: Iterable[str], regime: Regime, cause: MarkCause) -> None:
    for id in ids:
        regime.touched.touch_customer(id, _ALL, regime.now, cause)
