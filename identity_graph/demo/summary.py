"""The summary that the demo prints: rich tables of what the service answered."""

import json
import subprocess
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from identity_graph.demo.findings import Findings
from identity_graph.demo.service import RunningService, command_path

RECUT = "mutation { recutRfm { cut { version population recency frequency monetary currency } } }"

_LINE = 120
"""Characters of an object with objects in it that is written on one line."""

QUERY = """{{
  lookup(value: "{value}") {{
    customer {{
      identifiers {{ namespace value }}
      profile {{
        lifecycle {{ stage since reason }}
        rfm {{ score recencyDays frequency monetary {{ amount currency }} cut {{ version }} }}
        orders(first: 2) {{ edges {{ node {{ orderId state total {{ amount }} refunded {{ amount }} }} }} }}
        affinities(by: CATEGORY, first: 2) {{ name orders share }}
        preferredChannel {{ channel scores {{ channel contacts responses }} }}
        computed {{ name value }}
      }}
      journey(first: 3) {{ edges {{ node {{ occurredAt channel name }} }} }}
    }}
  }}
}}"""


def print_counts(console: Console, findings: Findings) -> None:
    """Print how many identifiers became how many customers."""
    console.rule("[bold]Result")
    console.print(
        f"[bold]{findings.identifiers:,}[/] identifiers became [bold]{findings.customers:,}[/] customers; "
        f"the largest has {findings.largest} identifiers."
    )
    table = Table("namespace", "identifiers", show_edge=False)
    table.columns[1].justify = "right"
    for namespace, count in sorted(findings.by_namespace.items(), key=lambda item: -item[1]):
        table.add_row(namespace, f"{count:,}")
    console.print(table)
    ignored = ", ".join(f"{namespace} {code} {count:,}" for namespace, code, count in sorted(findings.ignored))
    console.print(
        f"Events: {findings.accepted:,} taken, {findings.duplicates:,} repeats changed nothing, "
        f"{findings.dead_lettered:,} set aside. Values that were not identifiers: {ignored or 'none'}."
    )


def print_score(console: Console, findings: Findings, people: int) -> None:
    """Print precision and recall against the truth of the simulation."""
    score = findings.score
    console.rule("[bold]Compared with the truth of the simulation")
    table = Table(show_header=False, show_edge=False)
    table.add_row("people who were simulated", f"{people:,}")
    table.add_row("identifiers with one owner", f"{score.identifiers:,}")
    table.add_row("left out, since several people used them", f"{score.excluded:,}")
    table.add_row("pairwise precision", f"[bold green]{score.precision:.4f}[/]")
    table.add_row("pairwise recall", f"[bold green]{score.recall:.4f}[/]")
    table.add_row("highest recall that the messages allow", f"{score.best_recall:.4f}")
    console.print(table)
    console.print(
        "[dim]A pair is two identifiers of one person. Cookies that never signed in cannot be told from strangers: hence the "
        "highest recall. What keeps precision below 1 are typing errors, recycled numbers and shared devices.[/]"
    )


def print_cut(console: Console, cut: dict[str, Any]) -> None:
    """Print by which boundaries customers are scored."""
    console.rule("[bold]How customers are scored")
    console.print(
        f"RFM cut {cut['version']}, made now among {cut['population']:,} customers who bought something, by the boundaries of "
        "the catalogue:"
    )
    table = Table("digit", "5", "4", "3", "2", "1", show_edge=False)
    for name, text, values in (
        ("recency", "up to {} days ago", cut["recency"]),
        ("frequency", "from {} purchases", cut["frequency"]),
        ("monetary", f"from {{}} {cut['currency']}", cut["monetary"]),
    ):
        table.add_row(name, *(text.format(value) for value in values), "the rest")
    console.print(table)


def print_card(console: Console, service: RunningService, findings: Findings) -> None:
    """Print one customer as ``identity-graph lookup`` shows it."""
    _, value = findings.example
    console.rule("[bold]One customer")
    console.print(f"$ identity-graph lookup {value}", style="dim", highlight=False)
    command = [str(command_path()), "lookup", value]
    environment = {**service.environment, "COLUMNS": str(console.width)}
    if console.is_terminal:
        environment["FORCE_COLOR"] = "1"
    subprocess.run(command, env=environment, check=True)


def print_query(console: Console, service: RunningService, findings: Findings) -> None:
    """Print a GraphQL query that can be pasted as it is, and what the service answers to it."""
    query = QUERY.format(value=findings.example[1])
    console.rule("[bold]The same in GraphQL")
    _print_code(console, query.strip(), "graphql")
    console.rule("answers", style="dim")
    _print_code(console, format_json({"data": service.ask(query)}), "json")


def _print_code(console: Console, code: str, language: str) -> None:
    """Print code with neither frame nor cut, so that it can be copied."""
    highlighted = Syntax(code, language, background_color="default").highlight(code)
    highlighted.rstrip()
    console.print(highlighted, soft_wrap=True)


def print_addresses(console: Console, service: RunningService, findings: Findings) -> None:
    """Print where to go on: the terminal, GraphiQL, Neo4j Browser, the collector."""
    neo4j = service.neo4j
    _, value = findings.example
    console.rule("[bold]Go on here")
    for name, text in (
        ("Terminal", "open a second one, and let the commands find the demo:"),
        ("", f"export IDENTITY_GRAPH_DATA_DIR={service.environment['IDENTITY_GRAPH_DATA_DIR']}"),
        ("", f"{command_path()} journey {value}"),
        ("GraphiQL", f"{service.url}/graphql"),
        ("", f"admin key {service.admin_key}"),
        ("Neo4j Browser", f"{neo4j.http_url}/browser/"),
        ("", f"connect to {neo4j.uri} as {neo4j.user}, password {neo4j.password}"),
        ("", "try MATCH (i:Identifier)-[:BELONGS_TO]->(c:Customer) RETURN * LIMIT 50"),
        ("Segment SDKs", f"host {service.url}, write key {service.write_key}"),
    ):
        console.print(f"[bold]{name:<14}[/]", end="")
        console.print(text, markup=False, soft_wrap=True)


def format_json(value: Any, indent: str = "") -> str:
    """Write JSON with a short object without lists on one line, so that a list of them reads as a table."""
    inner = indent + "  "
    if isinstance(value, dict) and not _fits_on_a_line(value):
        lines = [f"{inner}{json.dumps(key)}: {format_json(part, inner)}" for key, part in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(inner + format_json(part, inner) for part in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def _fits_on_a_line(value: dict[str, Any]) -> bool:
    text = json.dumps(value, ensure_ascii=False)
    has_parts = any(isinstance(part, dict | list) for part in value.values())
    return not has_parts or (len(text) <= _LINE and "[" not in text)
