"""What ``doctor`` tells of data quality, in the terminal and for programs."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import RenderableType

from identity_graph.cli.doctor.tables import new_table
from identity_graph.domain.health.quality import DataQuality, ImportedColumns, SourceVolume, TraitQuality
from identity_graph.domain.health.volumes import Volume
from identity_graph.domain.values.instants import DAY, format_day, format_instant
from identity_graph.terminal import Text

TRAITS_SHOWN = 15
"""Traits that the terminal shows: those of most claims; ``--format json`` has all."""


def render_quality(quality: DataQuality, unused: Sequence[ImportedColumns]) -> Iterable[RenderableType]:
    """Lay out what sources sent, their traits, and the columns of files that nobody reads."""
    yield _render_sources(quality.sources)
    if quality.traits:
        yield Text()
        yield _render_traits(quality)
    if unused:
        yield Text()
        columns = new_table("Files with columns that their mapping does not name", [])
        columns.add_column("columns")
        for one in unused:
            columns.add_row(Text(one.file), Text(", ".join(one.columns)))
        yield columns


def describe_quality(quality: DataQuality, unused: Sequence[ImportedColumns]) -> dict[str, Any]:
    """Describe data quality for programs."""
    sample = quality.sample
    return {
        "counted_at": format_instant(quality.counted_at),
        "since": format_day(quality.first_day * DAY),
        "sample": {
            "customers": sample.customers,
            "all": sample.is_all,
            "taken_at": format_instant(sample.taken_at),
        },
        "sources": [
            one._asdict()
            | {
                "repeated_share": one.repeated_share,
                "last_day": format_day(one.last_day * DAY),
                "volume": _describe_volume(one.volume),
            }
            for one in quality.sources
        ],
        "events": [one._asdict() | {"volume": _describe_volume(one.volume)} for one in quality.events],
        "traits": [_describe_trait(one) for one in quality.traits],
        "similar_event_names": [one._asdict() for one in quality.similar_names],
        "unused_columns": [
            {"file": one.file, "source": one.source, "columns": one.columns, "imported_at": format_instant(one.at)}
            for one in unused
        ],
    }


def _render_sources(sources: Iterable[SourceVolume]) -> RenderableType:
    table = new_table("Source, last 35 days", ["new", "repeated", "last", "yesterday", "usual"])
    for one in sources:
        usual = one.volume.usual
        table.add_row(
            Text(one.source),
            f"{one.accepted:,}",
            f"{one.repeated_share:.0%}",
            format_day(one.last_day * DAY),
            f"{one.volume.messages:,}",
            "" if usual is None else f"{usual:,.0f}",
        )
    return table


def _render_traits(quality: DataQuality) -> RenderableType:
    sample = quality.sample
    of = "all customers" if sample.is_all else f"{sample.customers:,} customers by chance"
    table = new_table(f"Trait of a source ({of})", ["claims", "valid", "filled", "stale"])
    ranked = sorted(quality.traits, key=lambda one: -one.counted.claims)
    for one in ranked[:TRAITS_SHOWN]:
        table.add_row(
            Text(f"{one.counted.source}: {one.counted.name}"),
            f"{one.counted.claims:,}",
            _share(one.counted.validity) if one.trait.declared else "undeclared",
            _share(one.sampled.completeness),
            _share(one.sampled.stale_share),
        )
    if len(ranked) > TRAITS_SHOWN:
        table.add_row(Text(f"and {len(ranked) - TRAITS_SHOWN} more: --format json", style="dim"))
    return table


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _describe_volume(volume: Volume) -> dict[str, Any]:
    return volume._asdict() | {
        "day": format_day(volume.day * DAY),
        "ratio": volume.ratio,
        "unusual": volume.is_unusual,
    }


def _describe_trait(one: TraitQuality) -> dict[str, Any]:
    counted, sampled = one.counted, one.sampled
    return {
        "source": counted.source,
        "name": counted.name,
        "declared": one.trait.declared,
        "type": one.trait.type.value,
        "validity": {
            "claims": counted.claims,
            "deletions": counted.deletions,
            "misfits": counted.misfits,
            "unsuited": counted.unsuited,
            "too_large": counted.too_large,
            "share": counted.validity,
            "newest_at": None if counted.newest is None else format_instant(counted.newest),
            "example_id": counted.misfit,
        },
        "completeness": {
            "customers": sampled.customers,
            "filled": sampled.filled,
            "own": sampled.own,
            "share": sampled.completeness,
        },
        "freshness": {
            "newest_at": None if sampled.newest is None else format_instant(sampled.newest),
            "values": sampled.own,
            "stale": sampled.stale,
            "stale_share": sampled.stale_share,
        },
    }
