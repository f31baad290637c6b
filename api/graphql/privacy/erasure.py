"""Entry points for erasing people."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.base.context import Info
from api.graphql.base.cursors import given
from api.graphql.base.identifiers import IdentifierInput
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import DateTime, Id
from api.graphql.customers.customers import Customer, customer_of
from identity_graph.domain.privacy.preserving import Preserve as PreserveKind
from identity_graph.domain.privacy.receipts import ReceiptView
from identity_graph.service.corrections.corrections import Named
from identity_graph.service.privacy import requests

strawberry.enum(
    PreserveKind,
    name="Preserve",
    description="What an erasure keeps of orders, without the person. AMOUNTS: scope, order id, day, state and amounts; AMOUNTS_AND_LINES: the lines as well.",
)
Preserve = Annotated[
    PreserveKind | None,
    strawberry.argument(
        description="What is kept of orders, hung on nobody, where the law wants accounts; by default nothing."
    ),
]


@strawberry.type(description="What an erasure would delete.")
class ErasurePreview:
    """What an erasure would delete."""

    identifiers: int = strawberry.field(
        description="Identifiers that nobody else uses. Those that others use, too, stay theirs."
    )
    events: int = strawberry.field(description="The events of the customer's journey.")
    traits: int
    segments: int = strawberry.field(description="Segments that the customer is in.")
    orders: int = strawberry.field(
        description="Orders of which these events tell. With `preserve`, their amounts are kept without the person."
    )
    ids: strawberry.Private[list[str]]

    @strawberry.field(
        description="Other customers that were seen with identifiers of this one. They keep what is theirs."
    )
    async def shared_with(self, info: Info) -> list[Customer]:
        """Read the customers."""
        rows = await info.context.loaders.customers.load_many(self.ids)
        return [customer_of(row) for row in rows if row is not None]


@strawberry.type(description="That somebody was erased, signed. It has nothing of the person.")
class ErasureReceipt(Node):
    """A receipt."""

    erased_at: DateTime
    identifiers: int = strawberry.field(description="How many identifiers were erased.")
    events: int = strawberry.field(description="How many events were erased.")
    preserved_orders: int = strawberry.field(description="How many orders were kept without the person.")
    signature: str = strawberry.field(
        description="All of it in one word, signed with the key of the audit log: `erasure1:<id>:<microseconds>:<identifiers>:"
        "<events>:<preserved orders>:<entries of the audit log>:<its root>:<public key>:<signature>`."
    )


@strawberry.type(description="The receipt of an erasure.")
class EraseResult:
    """What became of an erasure."""

    receipt: ErasureReceipt


@strawberry.type
class PrivacyMutations:
    """The entry points for erasing people."""

    @strawberry.mutation(description="Tell what erasing the customer of an identifier would delete. Nothing changes.")
    async def preview_erasure(self, info: Info, by: IdentifierInput) -> ErasurePreview:
        """Preview an erasure."""
        found = await requests.preview_erasure(info.context.service, Named(by.namespace, by.value))
        return ErasurePreview(
            identifiers=found.identifiers,
            events=found.events,
            traits=found.traits,
            segments=found.segments,
            orders=found.orders,
            ids=found.shared_with,
        )

    @strawberry.mutation(
        description="Erase the customer of an identifier for good. Messages that come again, or late, do not bring the person back; "
        "a new consent given with `setConsent` does. The reason is not kept."
    )
    async def erase_customer(
        self, info: Info, by: IdentifierInput, reason: str, preserve: Preserve = UNSET
    ) -> EraseResult:
        """Erase a customer."""
        whom, kept = Named(by.namespace, by.value), given(preserve)
        row = await requests.erase_customer(info.context.service, whom, reason, kept)
        info.context.forget()
        return EraseResult(receipt=receipt_of(row))


def receipt_of(row: ReceiptView) -> ErasureReceipt:
    """Make a receipt of what is stored."""
    return ErasureReceipt(
        id=Id(row.id),
        erased_at=DateTime(row.erased_at),
        identifiers=row.identifiers,
        events=row.events,
        preserved_orders=row.preserved_orders,
        signature=row.signature,
    )


async def find_receipt(info: Info, id: str) -> ErasureReceipt | None:
    """Find a receipt by its id."""
    row = await requests.find_receipt(info.context.service, id)
    return None if row is None else receipt_of(row)
