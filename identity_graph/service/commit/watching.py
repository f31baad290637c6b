"""Events of names that alert rules have: noted in the transaction that stores them, and looked at after it."""

import asyncio
from collections.abc import Iterable, Sequence

from identity_graph.domain.activation.alert_rules import ANY_EVENT
from identity_graph.domain.values.observations import Event
from identity_graph.service.commit.taking_in import EventResult
from identity_graph.store.activation.alerts import create_alert_candidates
from identity_graph.store.driver.query import WriteTransaction


class Watch:
    """The names of events that are noted. Without names it costs nothing; whoever looks at alert rules sets them."""

    def __init__(self) -> None:
        self.names: frozenset[str] = frozenset()
        self._noted = asyncio.Event()

    async def note(self, tx: WriteTransaction, events: Sequence[Event], results: Iterable[EventResult]) -> bool:
        """Note the new events of watched names; of a rule for every event the earliest one of each customer."""
        ids: list[str] = []
        seen = set[str | None]()
        for event, result in zip(events, results, strict=True):
            if result.duplicate:
                continue
            if event.name in self.names:
                ids.append(event.id)
            elif ANY_EVENT in self.names and result.customer_id not in seen:
                seen.add(result.customer_id)
                ids.append(event.id)
        if ids:
            await create_alert_candidates(tx, ids=ids)
        return bool(ids)

    def announce(self) -> None:
        """Say that events were noted, after the commit."""
        self._noted.set()

    async def wait(self) -> None:
        """Wait until events were noted."""
        await self._noted.wait()
        self._noted.clear()
