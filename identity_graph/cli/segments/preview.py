"""``identity-graph segments preview``: what a file would come to before it is saved."""

from typing import TYPE_CHECKING, Any

import typer

from identity_graph import terminal
from identity_graph.cli.segments.base import File, Format, Language, run
from identity_graph.cli.segments.checking import print_warnings
from identity_graph.cli.terminal import OutputFormat
from identity_graph.domain.values.instants import format_instant
from identity_graph.service.segments.source import SegmentText, read_segment_text
from identity_graph.terminal import Console

if TYPE_CHECKING:
    from identity_graph.service.core import Service
    from identity_graph.service.segments.files import CheckedFile
    from identity_graph.service.segments.overlap import Overlap
    from identity_graph.service.segments.preview import SegmentPreview

    Found = tuple[CheckedFile, SegmentPreview, list[tuple[str, Overlap]]]


def preview(file: File, language: Language = "en", format_: Format = OutputFormat.TEXT) -> None:
    """Tell how many customers a file would let in as they are now, which ones, and what else they are in; nothing is saved."""
    source = read_segment_text(file)
    checked, found, overlap = run(lambda service: _read(service, source, language))
    if format_ is OutputFormat.JSON:
        typer.echo(terminal.as_json(_as_json(checked, found, overlap), indent=True))
        return
    console = Console(soft_wrap=True)
    console.print(checked.sentence)
    size = (
        f"{found.size:,}" if found.least == found.most else f"about {found.size:,} ({found.least:,} to {found.most:,})"
    )
    asked = f"{found.share:.1%} of {found.audience:,} customers that it looks among"
    console.print(f"{size} would be in: {asked}. Days are those of {found.time_zone}.")
    if found.sample:
        console.print(f"Some of them: {', '.join(found.sample[:5])}")
    for name, one in overlap:
        console.print(f"{one.size:,} of them are in {name!r}, too.")
    print_warnings(console, found.warnings)


async def _read(service: "Service", source: SegmentText, language: str) -> "Found":
    from identity_graph.service.clock import now_instant
    from identity_graph.service.segments.files import check_file, read_overview
    from identity_graph.service.segments.overlap import read_overlap
    from identity_graph.service.segments.preview import Proposal, preview_segment

    overview, now = await read_overview(service.units), now_instant()
    checked, own = await check_file(service.units, source, language), overview.find_own(source)
    draft, in_force = checked.draft, service.units.in_force
    proposal = Proposal(rule=draft.rule, audience=draft.audience, own=own)
    found = await preview_segment(service.graph, proposal, in_force, now)
    but = () if own is None else (own,)
    overlap = await read_overlap(service.graph, draft.rule, draft.audience, in_force, now, but=but)
    return checked, found, [(overview.names.get(one.segment_id, one.segment_id), one) for one in overlap]


def _as_json(checked: "CheckedFile", found: "SegmentPreview", overlap: "list[tuple[str, Overlap]]") -> dict[str, Any]:
    return {
        "sentence": checked.sentence,
        "size": found.size,
        "least": found.least,
        "most": found.most,
        "share": found.share,
        "audienceSize": found.audience,
        "asOf": format_instant(found.as_of),
        "timeZone": found.time_zone,
        "sample": found.sample,
        "overlap": [{"segment": name, "size": one.size} for name, one in overlap],
        "warnings": found.warnings,
    }
