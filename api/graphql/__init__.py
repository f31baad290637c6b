"""GraphQL: unified customers, their identifiers, links and journeys."""

from api.graphql.transport.endpoint import router

__all__ = ["router"]
