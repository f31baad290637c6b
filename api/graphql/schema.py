"""The schema, and the limits of what one document may ask for."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from api.graphql.customers import Customer
from api.graphql.identifiers import Identifier
from api.graphql.journeys import Session, Touchpoint
from api.graphql.mutations import Mutation
from api.graphql.operations import DeadLetter
from api.graphql.queries import Query
from api.graphql.scalars import SCALARS

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[Customer, DeadLetter, Identifier, Session, Touchpoint],
    config=StrawberryConfig(scalar_map=SCALARS),
)

core_schema = schema._schema  # noqa: SLF001 - there is no other way to validate and execute a document that was parsed before
"""The same schema, as graphql-core executes it."""
