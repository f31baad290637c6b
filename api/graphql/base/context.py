"""What every resolver of one request has at hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import strawberry

from api.graphql.base.loaders import Loaders
from identity_graph.domain.identity.read_models import CustomerIdentifier, TouchpointIdentifier
from identity_graph.domain.values.observations import Instant
from identity_graph.service.core import Service
from identity_graph.service.reads import Reads

R = TypeVar("R", CustomerIdentifier, TouchpointIdentifier)


@dataclass(slots=True)
class Context:
    """The service, the loaders of this request, who asks (the name of the key), and the moment at which it came."""

    service: Service
    loaders: Loaders
    received_at: Instant
    actor: str

    @classmethod
    def of(cls, service: Service, received_at: Instant, actor: str) -> "Context":
        """Make the context of a new request."""
        return cls(service, _new_loaders(service), received_at, actor)

    def forget(self) -> None:
        """Forget what was read: something was written, and what follows in this request must see it."""
        self.loaders = _new_loaders(self.service)

    def strongest_first(self, rows: Iterable[R]) -> list[R]:
        """Sort identifiers by the priority of their namespaces, then by key."""
        rules = self.service.rules

        def rank(row: R) -> tuple[int, str, str]:
            rule = rules.find_namespace(row.namespace)
            priority, name = rule.rank if rule else (len(rules.namespaces), row.namespace)
            return priority, name, row.key

        return sorted(rows, key=rank)


def _new_loaders(service: Service) -> Loaders:
    return Loaders(Reads(service.graph), service.rules.max_identifiers)


Info = strawberry.Info[Context, None]
