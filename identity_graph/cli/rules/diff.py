"""``identity-graph rules diff``: what other rules would come to on the graph as it is."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from identity_graph import terminal
from identity_graph.cli.terminal import OutputFormat, run_on_graph, shown_share
from identity_graph.domain.identity.customer_diff import DiffExample, RuleDiff
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.service.rules.source import read_rules
from identity_graph.terminal import Console

_SHOWN_KEYS = 12
_SHOWN_CUSTOMERS = 6


def diff(
    file: Annotated[str, typer.Argument(help="Rules file, or the name of a preset.", metavar="NEW.yaml")],
    examples: Annotated[int, typer.Option(help="Examples to show, the most striking first.", min=0, max=100)] = 5,
    format_: Annotated[OutputFormat, typer.Option("--format", help="How to print it.")] = OutputFormat.TEXT,
) -> None:
    """Tell which customers other rules would merge, split or leave as they are; nothing is changed."""
    new = read_rules(file)
    found = asyncio.run(_compare(new))
    if format_ is OutputFormat.JSON:
        typer.echo(terminal.as_json(as_json(found, examples), indent=True))
    else:
        print_diff(Console(soft_wrap=True), Path(file).name, found, examples)


def as_json(found: RuleDiff, examples: int) -> dict[str, Any]:
    """Write the outcome as JSON has it, in the names of GraphQL; identifiers are keys."""
    return {
        "customersBefore": found.customers_before,
        "customersAfter": found.customers_after,
        "merged": found.merged,
        "split": found.split,
        "unchanged": found.unchanged,
        "largest": found.largest,
        "examples": [{"before": one.before, "after": one.after} for one in found.examples[:examples]],
    }


def print_diff(console: Console, name: str, found: RuleDiff, examples: int) -> None:
    """Print the counts, some examples, and what to make of it."""
    width = max(len(f"{found.customers_before:,}"), len(f"{found.customers_after:,}"))
    for label, count in (
        ("customers now", found.customers_before),
        (f"customers under {name}", found.customers_after),
        ("would merge with another customer", found.merged),
        ("would split", found.split),
        ("would stay the same", found.unchanged),
    ):
        console.print(f"{count:>{width},}  {label}")
    if found.largest:
        console.print(f"\nThe largest new customers would have {_listed(found.largest)} identifiers.")
    for example in found.examples[:examples]:
        console.print()
        _print_example(console, example)
    console.print(f"\n{verdict(found)}")


def verdict(found: RuleDiff) -> str:
    """Say in a sentence what the outcome means."""
    changed = found.customers_before - found.unchanged
    if not changed and found.customers_after == found.customers_before:
        return "No customer would change. (Sessions, traits and labels may change when the rules are applied.)"
    share = changed / max(1, found.customers_before)
    amount = f"{changed:,} of {found.customers_before:,} customers ({share:.1%}) would change"
    if found.merged and found.split:
        what = "some would merge, others split"
    elif found.merged:
        what = "some would merge"
    elif found.split:
        what = "some would split"
    else:
        what = "none would merge or split"
    return (
        f"{amount}: {what}. Check the examples before you apply the rules; `identity-graph rules rollback` undoes it."
    )


def _print_example(console: Console, example: DiffExample) -> None:
    before, after = len(example.before), len(example.after)
    console.print(f"{before} customer{'' if before == 1 else 's'} now, {after} then", style="bold")
    for sign, style, customers in (("-", "red", example.before), ("+", "green", example.after)):
        for keys in customers[:_SHOWN_CUSTOMERS]:
            more = f" … and {len(keys) - _SHOWN_KEYS} more" if len(keys) > _SHOWN_KEYS else ""
            console.print(f"  {sign} {', '.join(keys[:_SHOWN_KEYS])}{more}", style=style)
        if len(customers) > _SHOWN_CUSTOMERS:
            console.print(f"  {sign} … and {len(customers) - _SHOWN_CUSTOMERS} more customers", style=style)


def _listed(sizes: list[int]) -> str:
    words = [f"{size:,}" for size in sizes]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


async def _compare(new: RuleSet) -> RuleDiff:
    from identity_graph.service.rules.preview import preview_rules

    with shown_share("Comparing") as show:
        return await run_on_graph(lambda graph: preview_rules(graph, new, on_progress=show))
