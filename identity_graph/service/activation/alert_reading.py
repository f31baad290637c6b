"""Reading alerts that were told."""

from identity_graph.domain.activation.read_models import AlertView
from identity_graph.service.positions import Page, cut
from identity_graph.service.reads import Reads
from identity_graph.store.activation import alerts as store


async def read_alerts(reads: Reads, *, first: int, before: int) -> Page[AlertView]:
    """Read a page of the alerts, the last one first."""
    return cut(await reads.run(store.page_alerts_back.call(before=before, limit=first + 1)), first)


async def count_alerts(reads: Reads) -> int:
    """Count the alerts that were told: as many as the position of the last one."""
    return (await reads.run(store.find_last_alert.call()))[0].position


async def find_alert(reads: Reads, id: str) -> AlertView | None:
    """Find an alert that was told."""
    return next(iter(await reads.run(store.find_told_alerts.call(ids=[id]))), None)
