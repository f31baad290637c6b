"""Events that come when something of them may be due already: retention looks at them again."""

from collections.abc import Iterable

from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.values.instants import DAY
from identity_graph.domain.values.observations import Event
from identity_graph.store.driver.query import WriteTransaction
from identity_graph.store.privacy.retention import mark_overdue_events

_SLACK = DAY
"""Retention goes through events by time, and has passed by what happened before; a commit does not take so long."""


async def mark_overdue(tx: WriteTransaction, events: Iterable[Event], regime: Regime) -> None:
    """Note which events came so late that retention may have passed their time."""
    limits = regime.catalogue.retention.limits
    if limits:
        late = [event.id for event in events if event.occurred_at <= regime.now - limits[0] + _SLACK]
        if late:
            await mark_overdue_events(tx, ids=late)
