"""``identity-graph segments recompute``: whether what is stored is what the facts give."""

from typing import TYPE_CHECKING, Annotated

import typer

from identity_graph.cli.segments.base import run
from identity_graph.terminal import Console

if TYPE_CHECKING:
    from identity_graph.domain.segments.read_models import Recomputed
    from identity_graph.service.core import Service
    from identity_graph.service.segments.files import Overview

_SHOWN = 20


def recompute(
    name: Annotated[str | None, typer.Argument(help="Name or id of a segment.", show_default="all segments")] = None,
    mend: Annotated[bool, typer.Option("--mend", help="Put right what differs.")] = False,
) -> None:
    """Evaluate all customers from scratch and compare with the members that are kept; where they differ, the exit code is 1.

    They are always equal. If they ever differ, that is an error of the service: report it, and use --mend.
    """
    from identity_graph.service.segments.files import read_overview
    from identity_graph.service.segments.recomputing import recompute as recompute_all

    async def work(service: "Service") -> "tuple[Recomputed, Overview]":
        overview = await read_overview(service.units)
        id = None if name is None else overview.get(name).id
        with Console(stderr=True).status("Evaluating all customers …"):
            return await recompute_all(service.evaluator, service.units, id, mend=mend), overview

    found, overview = run(work)
    console = Console(soft_wrap=True)
    asked = f"{found.customers:,} customers, {found.segments:,} segment{'' if found.segments == 1 else 's'}"
    if found.is_equal:
        console.print(f"The members that are kept are those that the facts give: {asked}.")
        return
    count = len(found.deviations)
    console.print(f"{count:,} membership{'' if count == 1 else 's'} differ{'s' if count == 1 else ''} ({asked}):")
    for one in found.deviations[:_SHOWN]:
        stored = "kept as a member" if one.stored else "not kept as a member"
        segment = overview.names.get(one.segment_id, one.segment_id)
        console.print(f"  {one.customer_id} is {stored} of {segment!r}; the facts say otherwise")
    if count > _SHOWN:
        console.print(f"  and {count - _SHOWN:,} more")
    console.print("They were put right." if found.mended else "Run it with --mend to put that right.")
    raise typer.Exit(1)
