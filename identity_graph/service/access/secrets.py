"""What the service keeps secret for itself: random bytes, made once and kept in the graph, the same for all processes."""

import base64
import secrets

from identity_graph.store.access import keys as store
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import WriteTransaction

MASKING = "masking"
"""The secret by which ids and positions are sealed that would show a value."""

_BYTES = 64


async def read_secret(graph: Graph, name: str) -> bytes:
    """Read a secret of 64 bytes; it is made when there is none yet.

    Raises:
        GraphUnavailableError: Neo4j does not answer.
    """
    fresh = base64.b64encode(secrets.token_bytes(_BYTES)).decode()

    async def work(tx: WriteTransaction) -> str:
        (row,) = await store.save_secret(tx, name=name, secret=fresh)
        return row.secret

    return base64.b64decode(await graph.write(work))
