"""Who asks: the key or the token of a request, and where it came from."""

from dataclasses import replace

from starlette.types import Scope

from identity_graph.domain.access.keys import Refusal
from identity_graph.domain.access.principals import Principal
from identity_graph.service.core import Service


async def identify(service: Service, credential: str, scope: Scope) -> Principal | Refusal:
    """Tell who comes with a key or a token, and from which address; or why it is refused.

    Raises:
        GraphUnavailableError: Neo4j does not answer, and the key is none of the settings.
    """
    found = await service.keys.identify(credential)
    client = scope.get("client")
    return found if isinstance(found, Refusal) or client is None else replace(found, address=client[0])


def explain_refusal(refusal: Refusal) -> str:
    """Say why nothing was executed, and what to do."""
    if refusal is Refusal.MISSING:
        return "GraphQL needs a key or a token: `Authorization: Bearer <key>`."
    return f"The key or token {refusal.value}: send another one, as `Authorization: Bearer <key>`."
