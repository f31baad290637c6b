"""What every resolver of one request has at hand."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import strawberry

from api.graphql.base.loaders import Loaders
from api.graphql.base.trail import Trail
from identity_graph.domain.access.masking import Mask
from identity_graph.domain.access.principals import Principal
from identity_graph.domain.audit.entries import Who
from identity_graph.domain.identity.read_models import CustomerIdentifier, CustomerView, TouchpointIdentifier
from identity_graph.domain.values.observations import Instant
from identity_graph.service.core import Service
from identity_graph.service.reads import Reads

if TYPE_CHECKING:
    from api.graphql.base.nodes import Node
    from api.graphql.customers.customers import Customer

SEALED = "~"
"""How ids and cursors begin whose content is sealed."""

R = TypeVar("R", CustomerIdentifier, TouchpointIdentifier)


@dataclass(slots=True)
class Context:
    """The service, the loaders of this request, the moment at which it came, and who asks.

    ``trail`` is what the audit log wants to know of it.
    ``customer_of`` makes a customer, and ``find_node`` any object, for those types on which the types of these are built.
    """

    service: Service
    loaders: Loaders
    received_at: Instant
    principal: Principal
    trail: Trail
    customer_of: "Callable[[CustomerView], Customer]"
    find_node: "Callable[[Info, str], Awaitable[Node | None]]"

    @classmethod
    def of(
        cls,
        service: Service,
        received_at: Instant,
        principal: Principal,
        customer_of: "Callable[[CustomerView], Customer]",
        find_node: "Callable[[Info, str], Awaitable[Node | None]]",
    ) -> "Context":
        """Make the context of a new request."""
        trail = Trail(service.audit, Who.of(principal), received_at)
        loaders = _new_loaders(service, principal)
        return cls(service, loaders, received_at, principal, trail, customer_of, find_node)

    @property
    def actor(self) -> str:
        """The name of who asks, as it is kept with what they change."""
        return self.principal.name

    @property
    def mask(self) -> Mask:
        """How who asks sees people."""
        return self.loaders.reads.mask

    def write_handle(self, text: str) -> str:
        """Write what an id or a cursor holds for who asks: sealed if it could hold a value that is hidden from them."""
        return SEALED + self.service.sealer.seal(text) if self.mask.hides else text

    def read_handle(self, handle: str) -> str:
        """Read what ``write_handle`` wrote; what was not sealed by this service leads nowhere."""
        if not handle.startswith(SEALED):
            return handle
        return self.service.sealer.unseal(handle.removeprefix(SEALED)) or ""

    def forget(self) -> None:
        """Forget what was read: something was written, and what follows in this request must see it."""
        self.loaders = _new_loaders(self.service, self.principal)

    def strongest_first(self, rows: Iterable[R]) -> list[R]:
        """Sort identifiers by the priority of their namespaces, then by key."""
        rules = self.service.rules

        def rank(row: R) -> tuple[int, str, str]:
            rule = rules.find_namespace(row.namespace)
            priority, name = rule.rank if rule else (len(rules.namespaces), row.namespace)
            return priority, name, row.key

        return sorted(rows, key=rank)


def _new_loaders(service: Service, principal: Principal) -> Loaders:
    return Loaders(Reads(service.graph, Mask.of(principal)), service.units.in_force)


Info = strawberry.Info[Context, None]
