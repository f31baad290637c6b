"""The schema."""

from collections.abc import Callable
from operator import attrgetter

import strawberry
from graphql import GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from api.graphql.access.keys import AccessKey
from api.graphql.activation.alerts import Alert, AlertRule
from api.graphql.activation.destinations import Destination
from api.graphql.analysis.experiments import Experiment
from api.graphql.audit.fields import record_root_fields
from api.graphql.base.context import Context
from api.graphql.base.identifiers import Identifier
from api.graphql.base.scalars import SCALARS
from api.graphql.changes.changes import Change
from api.graphql.collecting.operations import DeadLetter
from api.graphql.customers.customers import Customer, customer_of
from api.graphql.journeys.journeys import Session, Touchpoint
from api.graphql.mutations import Mutation
from api.graphql.privacy.erasure import ErasureReceipt
from api.graphql.profiles.orders import Order
from api.graphql.profiles.scores import RfmCut
from api.graphql.queries import Query, find_node
from api.graphql.segments.segments import Segment
from api.graphql.subscriptions import Subscription
from identity_graph.domain.access.principals import Principal
from identity_graph.domain.values.observations import Instant
from identity_graph.service.core import Service

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[
        AccessKey,
        Alert,
        AlertRule,
        Change,
        Customer,
        DeadLetter,
        Destination,
        ErasureReceipt,
        Experiment,
        Identifier,
        Order,
        RfmCut,
        Segment,
        Session,
        Touchpoint,
    ],
    config=StrawberryConfig(scalar_map=SCALARS),
)


def new_context(service: Service, received_at: Instant, principal: Principal) -> Context:
    """Make the context of a request to this schema."""
    return Context.of(service, received_at, principal, customer_of, find_node)


core_schema = schema._schema  # noqa: SLF001 - there is no other way to validate and execute a document that was parsed before
"""The same schema, as graphql-core executes it."""


ATTRIBUTE = "attribute"
"""What reads a field that is an attribute, among the extensions of the field."""


def read_attributes_directly(graphql_schema: GraphQLSchema) -> None:
    """Let fields that are attributes be read as such: a page has hundreds, and a general resolver takes longer.

    Only fields that Strawberry itself marks as plain: those with permissions, extensions or a resolver stay as they are.
    """
    for kind in graphql_schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            for field in kind.fields.values():
                definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
                if isinstance(definition, StrawberryField) and definition.is_basic_field:
                    read = field.extensions[ATTRIBUTE] = attrgetter(definition.python_name)
                    field.resolve = _resolver_of(read)


def _resolver_of(read: Callable[[object], object]) -> GraphQLFieldResolver:
    return lambda source, _info: read(source)


read_attributes_directly(core_schema)
record_root_fields(core_schema)
