"""``identity-graph segments why``: why a customer is in a segment or not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from identity_graph import terminal
from identity_graph.cli.segments.base import Format, Language, Name, run
from identity_graph.cli.terminal import OutputFormat
from identity_graph.domain.segments.naming import name_segments
from identity_graph.domain.segments.rule_tree import All, AnyOf, MetricRule, Not, TraitRule
from identity_graph.domain.segments.sentences import say_condition
from identity_graph.domain.segments.values import as_plain
from identity_graph.domain.values.instants import format_minute
from identity_graph.terminal import Console, Text

if TYPE_CHECKING:
    from identity_graph.domain.segments.evaluation import ConditionResult
    from identity_graph.domain.segments.read_models import MembershipExplained, StoredSegment
    from identity_graph.service.core import Service
    from identity_graph.service.segments.files import Overview

_LONGEST = 60


class Explained(NamedTuple):
    """Why a customer is in a segment or not; ``overview`` tells by which terms, and the names of other segments."""

    segment: "StoredSegment"
    customer_id: str
    found: "MembershipExplained"
    overview: "Overview"


def why(
    name: Name,
    customer: Annotated[
        str, typer.Argument(help="Any identifier of the customer, in any spelling, or its id.", show_default=False)
    ],
    language: Language = "en",
    format_: Format = OutputFormat.TEXT,
) -> None:
    """Show why a customer is in a segment or not: each condition with the value that counts, as the facts are now."""
    found = run(lambda service: _explain(service, name, customer))
    if not found:
        Console(stderr=True, soft_wrap=True).print(
            f"Nothing found for {customer}. The spelling does not matter; was it ever sent or imported?"
        )
        raise typer.Exit(1)
    if format_ is OutputFormat.JSON:
        typer.echo(terminal.as_json([as_json(one, language) for one in found], indent=True))
        return
    console = Console(soft_wrap=True)
    for one in found:
        print_explained(console, one, language)


async def _explain(service: "Service", name: str, customer: str) -> list[Explained]:
    from identity_graph.service.customers.cards import read_customers
    from identity_graph.service.customers.lookup import lookup
    from identity_graph.service.reads import Reads
    from identity_graph.service.segments.files import read_overview
    from identity_graph.service.segments.members import explain_membership

    overview, reads = await read_overview(service.units), Reads(service.graph)
    segment = overview.get(name)
    (by_id,) = await read_customers(reads, [customer])
    matches = [] if by_id is not None else await lookup(reads, service.rules, customer, None)
    ids = [match.customer_id for match in matches] if by_id is None else [by_id.id]
    return [
        Explained(segment, id, await explain_membership(service.units, segment.id, id), overview)
        for id in dict.fromkeys(ids)
    ]


def print_explained(console: Console, one: Explained, language: str) -> None:
    """Print an answer: whether the customer is in, and each condition."""
    membership, result, pin = one.found
    since = "" if membership.since is None else f" since {format_minute(membership.since)}"
    console.print(f"{one.customer_id} is {'' if membership.member else 'not '}in {one.segment.name!r}{since}.")
    if pin is not None:
        decided = "in" if pin.member else "not in"
        console.print(
            f"{pin.actor!r} decided on {format_minute(pin.at)}: {decided}, whatever the rule says. {pin.reason}"
        )
    if result.fault is not None:
        console.print(f"The rule has a fault and lets nobody in: {result.fault}")
        return
    if not result.in_audience:
        console.print("Known by a cookie or a device alone, so not one of those that the segment looks among.")
    for condition in _top(result.condition):
        _print_condition(console, condition, one.overview, language, 0)
    if result.next_at is not None:
        console.print(f"If nothing happens, this may change on {format_minute(result.next_at)}.", style="dim")


def as_json(one: Explained, language: str) -> dict[str, Any]:
    """Write an answer as JSON has it, in the names of GraphQL."""
    membership, result, pin = one.found

    def written(condition: "ConditionResult") -> dict[str, Any]:
        return {
            "sentence": _say(condition, one.overview, language),
            "holds": condition.holds,
            "actual": as_plain(condition.actual),
            "children": [written(child) for child in condition.children],
        }

    return {
        "segmentId": one.segment.id,
        "customerId": one.customer_id,
        "member": membership.member,
        "pinned": None if pin is None else pin.member,
        "inAudience": result.in_audience,
        "fault": result.fault,
        "conditions": [written(condition) for condition in _top(result.condition)],
    }


def _print_condition(
    console: Console, condition: "ConditionResult", overview: "Overview", language: str, level: int
) -> None:
    mark = "✓" if condition.holds else "✗"
    line = Text(f"{'  ' * level}{mark} ", style="green" if condition.holds else "red")
    rule = condition.rule
    if isinstance(rule, All | AnyOf):
        line.append("all of these:" if isinstance(rule, All) else "at least one of these:")
    elif isinstance(rule, Not) and isinstance(rule.rule, All | AnyOf):
        line.append("not:")
    else:
        line.append(_say(condition, overview, language))
        line.append(_tell_actual(condition), style="dim")
        console.print(line)
        return
    console.print(line)
    for child in condition.children:
        _print_condition(console, child, overview, language, level + 1)


def _top(condition: "ConditionResult") -> "Sequence[ConditionResult]":
    return condition.children if isinstance(condition.rule, All) else (condition,)


def _tell_actual(condition: "ConditionResult") -> str:
    """Tell the value that a condition compares; of one that is turned round, that of the one inside."""
    while isinstance(condition.rule, Not):
        condition = condition.children[0]
    if condition.actual is None:
        return "  (unknown)" if isinstance(condition.rule, TraitRule | MetricRule) else ""
    return f"  ({_short(as_plain(condition.actual))})"


def _say(condition: "ConditionResult", overview: "Overview", language: str) -> str:
    return say_condition(name_segments(condition.rule, overview.names), overview.terms, language)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else terminal.as_json(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
