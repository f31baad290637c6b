"""Whether the service can do its work."""

from identity_graph.service.core import Service
from identity_graph.store.driver.graph import again
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.health import numbers as health


async def check_ready(service: Service) -> None:
    """Tell what keeps events from being taken in, if anything is known to; else ask Neo4j for an answer.

    Raises:
        GraphUnavailableError: something does, or it gives none.
    """
    trouble = service.graph.trouble
    if trouble is not None:
        raise again(trouble)

    async def ask(tx: ReadTransaction) -> None:
        await health.check_answer(tx)

    await service.graph.read(ask)
