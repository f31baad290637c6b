"""Whether the service can do its work."""

from identity_graph.service.core import Service
from identity_graph.store import health
from identity_graph.store.query import Transaction


async def check_ready(service: Service) -> None:
    """Ask Neo4j for an answer.

    Raises:
        GraphUnavailableError: it gives none.
    """

    async def ask(tx: Transaction) -> None:
        await health.check_answer(tx)

    await service.graph.read(ask)
