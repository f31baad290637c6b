"""Words of rules and of memberships."""

import strawberry

from api.graphql.consent.enums import ConsentState
from identity_graph.domain.segments.read_models import SegmentState
from identity_graph.domain.segments.rule_tree import Audience, Measure, Metric, Occurrence, Operator
from identity_graph.domain.segments.transitions import TransitionCause

__all__ = [
    "Audience",
    "ConsentState",
    "Measure",
    "Metric",
    "Occurrence",
    "Operator",
    "SegmentState",
    "TransitionCause",
]

strawberry.enum(Operator, description="How a value is compared. The type of the value decides which of them there are.")
strawberry.enum(Metric, description="A number, a stage or a channel that the profile derives.")
strawberry.enum(Measure, description="What the matching events come to.")
strawberry.enum(Occurrence, description="Which of several events is meant: any, the first ever, or the last so far.")
strawberry.enum(
    Audience,
    description="Among whom a segment looks: those who are known by more than a cookie or a device, or all.",
)
strawberry.enum(
    SegmentState,
    description="What is being done for a segment: FILLING it for the first time, CHANGING it to a changed rule aside, SETTLING: the "
    "changed rule is in force, and who entered and left by it is being told; else it is LIVE.",
)
strawberry.enum(
    TransitionCause,
    description="Why a membership was looked at and found to be another one. INITIAL is the first filling of a segment.",
)
