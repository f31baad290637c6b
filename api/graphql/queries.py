"""The entry points for reading."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.access.keys import AccessKeyQueries, find_access_key
from api.graphql.activation.alerts import AlertQueries, find_alert_node, find_alert_rule
from api.graphql.activation.destinations import ActivationQueries, find_destination
from api.graphql.analysis.experiments import ExperimentQueries, find_experiment
from api.graphql.analysis.journeys import AnalysisQueries
from api.graphql.audit.log import AuditQueries
from api.graphql.base.connections import After, First, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_cursor, encode_cursor, given
from api.graphql.base.identifiers import IdentifierInput, find_identifier, identifier_of, read_identifier_id
from api.graphql.base.nodes import (
    ACCESS_KEY,
    ALERT,
    ALERT_RULE,
    CHANGE,
    CUSTOMER,
    DEAD_LETTER,
    DESTINATION,
    ERASURE_RECEIPT,
    EXPERIMENT,
    IDENTIFIER,
    ORDER,
    PRIVACY_REQUEST,
    RFM_CUT,
    SEGMENT,
    SESSION,
    TOUCHPOINT,
    Node,
)
from api.graphql.base.scalars import DateTime, Id
from api.graphql.changes.changes import ChangeQueries, change_of
from api.graphql.collecting.operations import (
    DeadLetterConnection,
    IngestStats,
    dead_letter_of,
    dead_letter_page,
    read_ingest_stats,
)
from api.graphql.customers.customers import (
    Customer,
    CustomerConnection,
    LookupMatch,
    customer_of,
)
from api.graphql.customers.past import customer_by_id_at, matches_at
from api.graphql.explaining.explanations import ExplanationQueries
from api.graphql.explaining.violation_lists import ViolationQueries
from api.graphql.health.health import HealthQueries
from api.graphql.health.quality import QualityQueries
from api.graphql.journeys.journeys import session_of, touchpoint_of
from api.graphql.privacy.cases import PrivacyQueries, find_request
from api.graphql.privacy.erasure import find_receipt
from api.graphql.profiles.catalogues import CatalogueQueries
from api.graphql.profiles.orders import OrderQueries, find_order
from api.graphql.profiles.scores import ScoreQueries, find_cut
from api.graphql.rules.rule_sets import RuleSet, read_rules
from api.graphql.rules.rules import RuleQueries
from api.graphql.segments.filtering import Filter, filter_customers
from api.graphql.segments.queries import SegmentQueries, find_segment_by_id
from identity_graph.errors import InvalidInputError
from identity_graph.service.customers import listings
from identity_graph.service.customers.listings import CustomerOrder, CustomerPosition
from identity_graph.service.customers.lookup import find_all_keys, find_keys, lookup

strawberry.enum(CustomerOrder, description="The order of a list of customers.")

Value = Annotated[
    str, strawberry.argument(description="Any identifier, in any spelling: it is normalised like the data.")
]


AsOf = Annotated[
    DateTime | None,
    strawberry.argument(
        description="As known at this time. A customer then has only its `id`, `createdAt` and identifiers."
    ),
]


@strawberry.type
class Query(
    ChangeQueries,
    ExplanationQueries,
    ViolationQueries,
    HealthQueries,
    QualityQueries,
    RuleQueries,
    OrderQueries,
    ScoreQueries,
    CatalogueQueries,
    ActivationQueries,
    AlertQueries,
    AnalysisQueries,
    ExperimentQueries,
    SegmentQueries,
    AuditQueries,
    AccessKeyQueries,
    PrivacyQueries,
):
    """The entry points for reading."""

    @strawberry.field(description="Any object by its id; null if there is none.")
    async def node(self, info: Info, id: Id) -> Node | None:
        """Read an object; the prefix of the id tells its type."""
        return await find_node(info, str(id))

    @strawberry.field(
        description="A customer by `id` or by an identifier (`by`), exactly one of them. A merged id returns the surviving customer."
    )
    async def customer(
        self, info: Info, id: Id | None = UNSET, by: IdentifierInput | None = UNSET, as_of: AsOf = UNSET
    ) -> Customer | None:
        """Find a customer."""
        id, by, at = given(id), given(by), given(as_of)
        if (id is None) == (by is None):
            raise InvalidInputError("Give exactly one of `id` and `by`.")
        if at is not None:
            if by is None:
                return await customer_by_id_at(info, str(id), at)
            keys = find_keys(info.context.service.rules, by.value, by.namespace)
            return next((customer for _, customer in await matches_at(info, keys, at)), None)
        if by is None:
            row = await info.context.loaders.customers.load(str(id))
            return None if row is None else customer_of(row)
        for key in find_keys(info.context.service.rules, by.value, by.namespace):
            found = await info.context.loaders.identifiers.load(key)
            return None if found is None else customer_of(found.customer)
        return None

    @strawberry.field(
        description="Every identifier that a value may mean, strongest first; without a namespace all are tried. Empty if it is unknown."
    )
    async def lookup(
        self, info: Info, value: Value, namespace: str | None = UNSET, as_of: AsOf = UNSET
    ) -> list[LookupMatch]:
        """Look a value up."""
        at = given(as_of)
        if at is not None:
            reads, rules = info.context.loaders.reads, info.context.service.rules
            keys = await find_all_keys(reads, rules, value, given(namespace))
            return [LookupMatch(identifier=one, customer=whose) for one, whose in await matches_at(info, keys, at)]
        rows = await lookup(info.context.loaders.reads, info.context.service.rules, value, given(namespace))
        matches: list[LookupMatch] = []
        for row in rows:
            customer = customer_of(row.customer)
            matches.append(LookupMatch(identifier=identifier_of(info, row, customer), customer=customer))
        return matches

    @strawberry.field(
        description="All customers, or those that a rule holds for, anonymous ones too; by default those seen last first."
    )
    async def customers(
        self,
        info: Info,
        filter: Filter = UNSET,
        order_by: CustomerOrder | None = UNSET,
        first: First = 20,
        after: After = UNSET,
    ) -> CustomerConnection:
        """Read a page of all customers."""
        order: CustomerOrder = given(order_by) or CustomerOrder.LAST_SEEN_DESC
        reads = info.context.loaders.reads
        place, chosen = decode_cursor(order.name, after, int), given(filter)
        position = None if place is None else CustomerPosition(int(place[0]), place[1])
        if chosen is None:
            page = await listings.read_customer_list(reads, order, first=check_first(first), after=position)
            count = partial(listings.count_customers, reads)
        else:
            page, count = await filter_customers(info, chosen, order.value, first, position)
        edges, page_info = edges_of(
            page, customer_of, lambda row: encode_cursor(order.name, *listings.position_of(row, order))
        )
        return CustomerConnection(edges=edges, page_info=page_info, count=count)

    @strawberry.field(description="The rules in force, and their version.")
    async def rules(self, info: Info) -> RuleSet:
        """Read the rules."""
        return await read_rules(info)

    @strawberry.field(description="Messages that could not be accepted, newest first.")
    async def dead_letters(self, info: Info, first: First = 20, after: After = UNSET) -> DeadLetterConnection:
        """Read a page of the dead letters."""
        return await dead_letter_page(info, first, after)

    @strawberry.field(
        description="How many messages were accepted, repeated and dead-lettered, and which values were not identifiers and why."
    )
    async def ingest_stats(self, info: Info) -> IngestStats:
        """Read the counters."""
        return await read_ingest_stats(info)


async def find_node(info: Info, id: str) -> Node | None:
    """Read any object by its id; None when there is none."""
    loaders = info.context.loaders
    match id.partition("_")[0]:
        case kind if kind == CUSTOMER:
            row = await loaders.customers.load(id)
            return None if row is None else customer_of(row)
        case kind if kind == IDENTIFIER:
            key = read_identifier_id(info, id)
            return None if key is None else await find_identifier(info, key)
        case kind if kind == TOUCHPOINT:
            row = await loaders.touchpoints.load(id)
            return None if row is None else touchpoint_of(row)
        case kind if kind == SESSION:
            row = await loaders.sessions.load(id)
            return None if row is None else session_of(row)
        case kind if kind == CHANGE:
            row = await loaders.changes.load(id)
            return None if row is None else change_of(row)
        case kind if (find := _FINDERS.get(kind)) is not None:
            return await find(info, id)
        case _:
            return None


async def _find_dead_letter(info: Info, id: str) -> Node | None:
    row = await info.context.loaders.dead_letters.load(id)
    return None if row is None else dead_letter_of(row)


_FINDERS: dict[str, Callable[[Info, str], Awaitable[Node | None]]] = {
    ORDER: find_order,
    PRIVACY_REQUEST: find_request,
    RFM_CUT: find_cut,
    ALERT: find_alert_node,
    ALERT_RULE: find_alert_rule,
    DESTINATION: find_destination,
    ERASURE_RECEIPT: find_receipt,
    EXPERIMENT: find_experiment,
    SEGMENT: find_segment_by_id,
    ACCESS_KEY: find_access_key,
    DEAD_LETTER: _find_dead_letter,
}
