"""What a preview of other rules reads; nothing is locked or written."""

from typing import NamedTuple

from identity_graph.domain.values.observations import Instant
from identity_graph.store.driver.query import ReadTransaction, query


class PreviewMember(NamedTuple):
    """An identifier of a customer. ``partners`` is JSON, None when it is never quarantined."""

    customer_id: str
    key: str
    last_seen: Instant
    partners: str | None


class PreviewLink(NamedTuple):
    """A link, seen from ``key``. ``other_customer_id`` is None inside a customer, ``other_partners`` is as above."""

    key: str
    other_key: str
    other_customer_id: str | None
    other_partners: str | None
    outgoing: bool
    first_seen: Instant
    last_seen: Instant


class JudgementInForce(NamedTuple):
    """A judgement as it was said (``a``, ``b``) and as it is read under the rules in force."""

    verdict: str
    a: str
    b: str | None
    key_a: str | None
    key_b: str | None
    until: Instant | None


@query("rules/list_preview_members")
async def list_preview_members(tx: ReadTransaction, *, ids: list[str]) -> list[PreviewMember]: ...


@query("rules/list_preview_links")
async def list_preview_links(tx: ReadTransaction, *, ids: list[str], left_out: list[str]) -> list[PreviewLink]: ...


@query("rules/list_preview_judgements")
async def list_preview_judgements(tx: ReadTransaction) -> list[JudgementInForce]: ...
