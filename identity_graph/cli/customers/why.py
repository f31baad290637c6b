"""``identity-graph why``: in the terminal, why two identifiers are one customer's, or why they are not."""

import asyncio
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.panel import Panel

from identity_graph.cli.terminal import opened_service
from identity_graph.domain.explaining.sentences import how_seen, name
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.domain.values.instants import format_minute
from identity_graph.errors import InvalidInputError, NotFoundError
from identity_graph.service.clock import now_instant
from identity_graph.service.core import Service
from identity_graph.service.customers.cards import read_identifiers
from identity_graph.service.customers.lookup import lookup as look_up
from identity_graph.service.explaining.explaining import Explanation, explain
from identity_graph.service.explaining.shown_links import ShownLink, seen_on_the_way
from identity_graph.service.reads import Reads
from identity_graph.settings import Settings
from identity_graph.terminal import Console, Text

End = Annotated[
    str, typer.Argument(help="An identifier in any spelling; `namespace:value` if the value alone may mean several.")
]


def why(a: End, b: End) -> None:
    """Explain why two identifiers belong to the same customer, or why they do not."""
    settings = Settings()  # pyright: ignore[reportCallIssue]
    ends, found = asyncio.run(_read(settings, a, b))
    Console().print(render_explanation(*ends, found))


async def find_end(service: Service, text: str) -> RawIdentifier:
    """Find out which identifier a text means: ``namespace:value``, or a value that means one known identifier.

    Raises:
        InvalidInputError: it may mean several.
        NotFoundError: none of what it may mean is known.
    """
    namespace, colon, value = text.partition(":")
    if colon and value.strip() and service.rules.find_namespace(namespace) is not None:
        return RawIdentifier(namespace, value)
    found = await look_up(Reads(service.graph), service.rules, text)
    if len(found) > 1:
        keys = ", ".join(row.key for row in found)
        raise InvalidInputError(f"{text} may mean {keys}. Say which one: {found[0].key}", value=text)
    if not found:
        raise NotFoundError(
            f"Nothing found for {text}. The spelling does not matter; a value that was not taken as an identifier is named "
            "with its namespace: namespace:value",
            value=text,
        )
    return RawIdentifier(found[0].namespace, found[0].value)


async def explain_ends(service: Service, a: str, b: str) -> tuple[tuple[RawIdentifier, RawIdentifier], Explanation]:
    """Find both ends and explain how they are related."""
    ends = await find_end(service, a), await find_end(service, b)
    keys = [key for end in ends if (key := read_key(end.text, service.rules)) is not None]
    await read_identifiers(Reads(service.graph), keys)  # fails where a customer is restricted
    return ends, await explain(service.graph, *ends, service.units.in_force.at(now_instant()))


def render_explanation(one: RawIdentifier, other: RawIdentifier, found: Explanation) -> RenderableType:
    """Lay an explanation out for the terminal."""
    parts: list[RenderableType] = [Text(found.text)]
    if found.path:
        parts += [Text(), _render_path(found)]
    if found.blocked_by:
        parts += [Text(), _render_between(found)]
    title, style = ("The same customer", "bold green") if found.linked else ("Not the same customer", "bold yellow")
    ends = f"{one.namespace} {one.value}  ·  {other.namespace} {other.value}"
    return Panel(
        Group(*parts),
        title=Text(title, style=style),
        subtitle=Text(ends, style="dim"),
        title_align="left",
        subtitle_align="left",
        padding=(1, 2),
    )


def _render_path(found: Explanation) -> RenderableType:
    """Show a path from top to bottom: an identifier, what links it to the next one, and so on."""
    walked = seen_on_the_way(found.path, _start(found.path))
    lines = [Text(name(walked[0].a), style="bold")]
    for link, seen in zip(found.path, walked, strict=True):
        line = Text("  ╎ " if link.refused else "  │ ", style="dim")
        lines += [line.append(how_seen(seen)).append_text(_mark(link)), Text(name(seen.b), style="bold")]
    return Group(*lines)


def _start(path: list[ShownLink]) -> str:
    """Find the end at which a path begins: the one that its second link does not touch."""
    first = path[0].pair
    return first[0] if len(path) == 1 or first[0] not in path[1].pair else first[1]


def _mark(link: ShownLink) -> Text:
    if link.refused is not None:
        return Text(f"  {link.refused}", style="not dim yellow")
    return Text("  bridge", style="not dim cyan") if link.is_bridge else Text()


def _render_between(found: Explanation) -> RenderableType:
    lines = [Text("What keeps them apart", style="bold")]
    for item in found.blocked_by:
        lines += [
            Text(item.code, style="yellow").append(f"  since {format_minute(item.at)} UTC", style="dim"),
            Text(item.message),
        ]
    return Group(*lines)


async def _read(settings: Settings, a: str, b: str) -> tuple[tuple[RawIdentifier, RawIdentifier], Explanation]:
    async with opened_service(settings) as service:
        return await explain_ends(service, a, b)
