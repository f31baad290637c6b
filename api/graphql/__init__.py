"""GraphQL: unified customers, their identifiers, links and journeys."""

from api.graphql.endpoint import router

__all__ = ["router"]
