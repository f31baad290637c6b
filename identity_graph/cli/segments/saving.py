"""``identity-graph segments apply`` and ``delete``: save a file, and delete what nobody uses."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from identity_graph.cli.segments.base import File, Name, run
from identity_graph.cli.segments.checking import print_warnings
from identity_graph.domain.segments.read_models import SegmentState
from identity_graph.service.segments.source import read_segment_text
from identity_graph.terminal import Console

if TYPE_CHECKING:
    from identity_graph.domain.segments.read_models import StoredSegment
    from identity_graph.service.core import Service
    from identity_graph.service.segments.files import CheckedFile
    from identity_graph.service.segments.saving import Saved

_BETWEEN_LOOKS = 0.2


def apply(
    file: File,
    segment: Annotated[
        str | None,
        typer.Option(
            help="The segment that the file changes; so it gets another name.", show_default="that of its name"
        ),
    ] = None,
) -> None:
    """Save the segment of a file: the segment of its name is changed, or a new one is made. Then evaluate all customers.

    Stopped in between, the rest is done by a service.
    """
    source = read_segment_text(file)
    from identity_graph.service.segments.files import save_file

    console = Console(soft_wrap=True)

    async def save(service: "Service") -> "tuple[Saved, CheckedFile, StoredSegment]":
        saved, checked = await save_file(service.units, source, segment)
        with Console(stderr=True).status("Evaluating all customers …"):
            return saved, checked, await _evaluate(service, saved.segment.id)

    saved, checked, row = run(save)
    done = f"Version {row.version} of {row.name!r} is saved" if saved.changed else f"{row.name!r} is as it was"
    console.print(f"{done} ({row.id}).")
    console.print(checked.sentence)
    print_warnings(console, saved.warnings)
    console.print(f"It has {row.size:,} member{'' if row.size == 1 else 's'} now.")


async def _evaluate(service: "Service", id: str) -> "StoredSegment":
    """Evaluate all customers for a segment, or wait until a service that has the turn has done so."""
    from identity_graph.service.segments.files import read_overview
    from identity_graph.service.segments.turns import TurnLostError

    while True:
        with suppress(TurnLostError):
            await service.evaluator.catch_up()
        row = (await read_overview(service.units)).get(id)
        if row.state == SegmentState.LIVE:
            return row
        await asyncio.sleep(_BETWEEN_LOOKS)


def delete(name: Name) -> None:
    """Delete a segment that nothing uses: all members leave it. Its name is never used again."""
    from identity_graph.service.segments.files import read_overview
    from identity_graph.service.segments.saving import delete_segment

    async def delete_it(service: "Service") -> "StoredSegment":
        row = (await read_overview(service.units)).get(name)
        await delete_segment(service.units, row.id)
        await service.evaluator.catch_up()
        return row

    row = run(delete_it)
    Console(soft_wrap=True).print(f"{row.name!r} ({row.id}) is deleted.")
