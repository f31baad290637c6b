"""Why a customer is in a segment or not, condition by condition."""

import strawberry

from api.graphql.base.context import Info
from api.graphql.base.scalars import JSON, DateTime
from api.graphql.segments.loading import load_names, load_terms
from api.graphql.segments.segments import Language, Pin, pin_of
from identity_graph.domain.segments import evaluation
from identity_graph.domain.segments.naming import name_segments
from identity_graph.domain.segments.read_models import MembershipExplained
from identity_graph.domain.segments.rule_tree import All
from identity_graph.domain.segments.sentences import say_condition
from identity_graph.domain.segments.values import as_plain


@strawberry.type(description="A condition of a rule, asked of one customer.")
class ConditionResult:
    """A condition with its answer."""

    holds: bool
    actual: JSON | None = strawberry.field(
        description="The value that the condition compares, such as the number of orders; null for those that join others."
    )
    children: list["ConditionResult"] = strawberry.field(description="The conditions that this one joins.")
    result: strawberry.Private[evaluation.ConditionResult]

    @strawberry.field(description="What the condition means.")
    async def sentence(self, info: Info, language: Language = "en") -> str:
        """Say the condition."""
        rule = name_segments(self.result.rule, await load_names(info, self.result.rule))
        return say_condition(rule, await load_terms(info), language or "en")


@strawberry.type(description="How a customer stands to a segment, and why.")
class Membership:
    """A membership, explained."""

    member: bool = strawberry.field(description="Whether the customer is in, by the rule or by a pin.")
    since: DateTime | None = strawberry.field(description="When the customer entered; null for one who is not in.")
    conditions: list[ConditionResult] = strawberry.field(
        description="The conditions of the rule as the facts are now; all of them must hold."
    )
    next_at: DateTime | None = strawberry.field(
        description="The next moment at which the answer may change if no fact does; null if there is none."
    )
    fault: str | None = strawberry.field(description="Why the rule cannot be evaluated: then it lets nobody in.")
    pin: Pin | None = strawberry.field(description="What a person decided, which outranks the rule.")
    in_audience: bool = strawberry.field(
        description="Whether the customer belongs to the audience that the segment looks among."
    )


def membership_of(explained: MembershipExplained) -> Membership:
    """Make a membership of what was found."""
    membership, result, pin = explained
    found = membership_of_rule(membership.member, result)
    found.since = None if membership.since is None else DateTime(membership.since)
    found.pin = None if pin is None else pin_of(pin)
    return found


def membership_of_rule(member: bool, result: evaluation.Result) -> Membership:
    """Make a membership of what a rule alone gives."""
    root = result.condition
    several = root.children if isinstance(root.rule, All) and result.fault is None else (root,)
    return Membership(
        member=member,
        since=None,
        conditions=[condition_of(one) for one in several],
        next_at=None if result.next_at is None else DateTime(result.next_at),
        fault=result.fault,
        pin=None,
        in_audience=result.in_audience,
    )


def condition_of(result: evaluation.ConditionResult) -> ConditionResult:
    """Make a condition of its result."""
    return ConditionResult(
        holds=result.holds,
        actual=None if result.actual is None else JSON(as_plain(result.actual)),
        children=[condition_of(child) for child in result.children],
        result=result,
    )
