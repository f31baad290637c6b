"""What has become of a version of the rules, or of the catalogue."""

import strawberry

from identity_graph.domain.rules.status import RuleSetStatus

__all__ = ["RuleSetStatus"]

strawberry.enum(RuleSetStatus, description="The status of a rule set, or of a catalogue.")
