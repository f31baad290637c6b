"""``identity-graph rules``: check a rules file, try and apply it on the graph, and print the sets that ship."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from identity_graph.cli.rules.apply import apply, history, roll_back
from identity_graph.cli.rules.diff import diff
from identity_graph.domain.rules.file import PRESETS, read_preset
from identity_graph.domain.rules.rule_set import Limit, NamespaceRule, Normalization, RuleSet
from identity_graph.errors import RulesError
from identity_graph.service.rules.source import read_rules
from identity_graph.terminal import Console

rules_app = typer.Typer(
    help="Check a rules file, preview it on the graph, apply it, or print a preset to start from.",
    no_args_is_help=True,
)

_UNITS = (("day", 86_400_000_000), ("hour", 3_600_000_000), ("minute", 60_000_000), ("second", 1_000_000))


@rules_app.command("check")
def check(
    file: Annotated[str, typer.Argument(help="Rules file, or the name of a preset.", show_default=False)],
) -> None:
    """Check a rules file and show its rules; if it is wrong, show every problem with its line and exit with code 1."""
    name = Path(file).name
    try:
        rules = read_rules(file)
    except RulesError as error:
        _fail(f"{error.message}\n{name} is not valid; docs/rules.md explains every key.")
    else:
        _show(name, rules)


rules_app.command("diff")(diff)
rules_app.command("apply")(apply)
rules_app.command("rollback")(roll_back)
rules_app.command("history")(history)


@rules_app.command("show")
def show(name: Annotated[str, typer.Argument(help=f"One of {', '.join(PRESETS)}.")] = "default") -> None:
    """Print a preset: identity-graph rules show default > rules.yaml."""
    try:
        print(read_preset(name), end="")
    except RulesError as error:
        _fail(error.message)


def _fail(message: str) -> None:
    Console(stderr=True, soft_wrap=True).print(message, style="red")
    raise typer.Exit(1)


def _show(name: str, rules: RuleSet) -> None:
    console = Console(soft_wrap=True)
    count = len(rules.namespaces)
    console.print(f"{name} is valid: {count} namespace{'' if count == 1 else 's'}, strongest first.")
    console.print(_table(rules))
    undeclared = "are accepted, after these" if rules.accept_undeclared else "are ignored"
    console.print(
        f"Identifiers of other namespaces {undeclared}. A customer has at most {rules.max_identifiers} identifiers. "
        f"A session ends after {_span(rules.session_gap)} without an event. "
        f"Phone numbers without a country code are read as numbers of {rules.default_region}.",
        highlight=False,
    )


def _table(rules: RuleSet) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("namespace", "label", "limit", "conflict", "partners"):
        table.add_column(column, no_wrap=True)
    table.add_column("also")
    for rule in rules.namespaces.values():
        partners, remarks = str(rule.max_partners), ", ".join(_remarks(rule))
        table.add_row(rule.name, rule.label, _limit(rule.limit), rule.conflict, partners, remarks)
    return table


def _remarks(rule: NamespaceRule) -> Iterator[str]:
    if rule.normalize is not Normalization.EXACT:
        yield f"read as {rule.normalize}"
    if rule.scoped:
        yield "scoped"
    if rule.visitor:
        yield "visitor"
    if rule.blocked or rule.blocked_patterns:
        yield "own blocked values"


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return "any number"
    return str(limit.count) if limit.within is None else f"{limit.count} within {_span(limit.within)}"


def _span(microseconds: int) -> str:
    """Say a duration in words: ``1 day 2 hours``."""
    words: list[str] = []
    for unit, size in _UNITS:
        count, microseconds = divmod(microseconds, size)
        if count:
            words.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " ".join(words)
