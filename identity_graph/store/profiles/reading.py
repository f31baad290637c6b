"""Reading the traits of customers, and the claims behind them."""

from typing import NamedTuple, TypedDict

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, query


class CustomerTrait(NamedTuple):
    """A trait of one of a customer's identifiers; ``value`` is JSON, ``state`` the tally of its claims."""

    customer_id: str
    name: str
    value: str
    observed_at: Instant
    source: str
    message_id: str
    identifier_key: str
    policy: str | None
    state: str | None


class TraitCountRow(NamedTuple):
    """How many traits a customer has."""

    customer_id: str
    traits: int


class ClaimsAfter(TypedDict):
    """A trait of a customer, in the ``spellings`` that its name may have in JSON, and the claim after which a page begins."""

    customer_id: str
    name: str
    spellings: list[str]
    before_s: int | None
    before_ns: int | None
    before_source: str
    before_message_id: str


class ClaimingEvent(NamedTuple):
    """An event whose traits may hold a name: its identifiers, and those of them that are the customer's ``own``."""

    customer_id: str
    name: str
    type: str
    observed_at: Instant
    source: str
    message_id: str
    traits: str
    own: list[str]
    keys: list[str]


@query("profiles/list_traits_of_customers")
async def list_traits_of_customers(
    tx: ReadTransaction, *, customer_ids: list[str], names: list[str] | None, together: list[str], most: int
) -> list[CustomerTrait]: ...


@query("profiles/count_traits_of_customers")
async def count_traits_of_customers(tx: ReadTransaction, *, customer_ids: list[str]) -> list[TraitCountRow]: ...


@query("profiles/page_claims")
async def page_claims(tx: ReadTransaction, *, rows: list[ClaimsAfter], limit: int) -> list[ClaimingEvent]: ...
