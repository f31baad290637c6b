"""The words of consents."""

import strawberry

from identity_graph.domain.consent.permission import Refusal
from identity_graph.domain.consent.statements import ConsentState

__all__ = ["ConsentState", "Refusal"]

strawberry.enum(ConsentState, description="What somebody said to a purpose.")
strawberry.enum(Refusal, name="ConsentRefusal", description="Why data may not be used.")
