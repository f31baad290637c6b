"""Findings about data quality: what stands out in what sources send, and what to do about it.

Each threshold is a constant here. What is normal for one project is not for another: only values that do not fit the catalogue
ask for an act, since these are lost to everybody who reads the profile.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from identity_graph.domain.health.event_names import SimilarNames
from identity_graph.domain.health.findings import Finding, Level, worst_first
from identity_graph.domain.health.quality import COUNTED_DAYS, DataQuality, SourceVolume, TraitQuality
from identity_graph.domain.profiles.quality import STALE_DAYS
from identity_graph.domain.values.instants import DAY, format_day

ENOUGH = 20
"""Values, messages or customers below which a share says nothing."""

MISFIT_LOOK = 0.05
"""Share of the values of a trait that may not count before somebody should look."""

MISFIT_ACT = 0.25
"""Share of the values of a trait that may not count before something must be done."""

REPEATED_LOOK = 0.2
"""Share of the messages of a source that may be repeats before somebody should look."""

STALE_LOOK = 0.5
"""Share of the values that a source told that may be stale before somebody should look."""

SHOWN = 5
"""Findings of one kind that are told one by one; the last of them says how many more there are."""

T = TypeVar("T")


def find_quality_findings(quality: DataQuality) -> list[Finding]:
    """List what stands out in the numbers, what asks for an act first, and of each kind the worst first."""
    misfits = [one for one in quality.traits if _misfit_share(one) > MISFIT_LOOK]
    stale = [one for one in quality.traits if one.sampled.own >= ENOUGH and _stale_share(one) > STALE_LOOK]
    repeated = [
        one for one in quality.sources if one.accepted + one.repeated >= ENOUGH and one.repeated_share > REPEATED_LOOK
    ]
    return worst_first(
        [
            *_tell(sorted(misfits, key=_misfit_share, reverse=True), _of_misfits),
            *_tell([one for one in quality.sources if one.volume.is_unusual], _of_volume),
            *_tell(sorted(repeated, key=lambda one: one.repeated_share, reverse=True), _of_repeats),
            *_tell(quality.similar_names, _of_names),
            *_tell(sorted(stale, key=_stale_share, reverse=True), _of_stale),
        ]
    )


def _tell(found: Sequence[T], describe: Callable[[T], Finding]) -> Iterable[Finding]:
    told = [describe(one) for one in found[:SHOWN]]
    more = len(found) - SHOWN
    if more > 0:
        told[-1] = told[-1]._replace(advice=f"{told[-1].advice} There are {more} more of this kind: see `dataQuality`.")
    return told


def _misfit_share(one: TraitQuality) -> float:
    counted = one.counted
    return (counted.values - counted.fitting) / counted.values if counted.values >= ENOUGH else 0.0


def _stale_share(one: TraitQuality) -> float:
    return one.sampled.stale_share or 0.0


def _of_misfits(one: TraitQuality) -> Finding:
    counted, trait = one.counted, one.trait
    bad = counted.values - counted.fitting
    declared = f"the type {trait.type.value}" + (" and the allowed values" if trait.values else "")
    why = {
        counted.misfits: f"do not fit {declared}",
        counted.unsuited: f"cannot be used with the policy {trait.policy.value}",
        counted.too_large: "are too large",
    }[max(counted.misfits, counted.unsuited, counted.too_large)]
    example = f" One is in the event {counted.misfit}." if counted.misfit else ""
    return Finding(
        Level.ACT if _misfit_share(one) >= MISFIT_ACT else Level.LOOK,
        "values_do_not_fit",
        f'{bad:,} of {counted.values:,} values of the trait "{counted.name}" from "{counted.source}" do not count: most of '
        f"them {why}.",
        f"Correct them at the source, or change the trait in the catalogue (docs/data-quality.md#validity).{example}",
    )


def _of_volume(one: SourceVolume) -> Finding:
    volume = one.volume
    usual = volume.usual or 0
    day = format_day(volume.day * DAY)
    if not volume.messages:
        code, title = (
            "source_silent",
            f'"{one.source}" sent nothing on {day}; {usual:,.0f} messages are usual on that weekday.',
        )
    else:
        code = "volume_unusual"
        title = (
            f'"{one.source}" sent {volume.messages:,} new messages on {day}; {usual:,.0f} are usual on that weekday.'
        )
    advice = (
        "Was something released, or switched off, that day? If so, this ends by itself (docs/data-quality.md#volume)."
    )
    return Finding(Level.LOOK, code, title, advice)


def _of_repeats(one: SourceVolume) -> Finding:
    return Finding(
        Level.LOOK,
        "many_repeats",
        f'{one.repeated_share:.0%} of the messages of "{one.source}" in the last {COUNTED_DAYS} days repeat one that is known.',
        "Nothing counts twice. Does the sender retry messages that were answered, or is a file imported again and again "
        "(docs/data-quality.md#repeats)?",
    )


def _of_names(one: SimilarNames) -> Finding:
    names = ", ".join(f'"{name}"' for name in one.names)
    return Finding(
        Level.LOOK,
        "similar_event_names",
        f"These names of events may be one: {names}.",
        "Events of different names count apart. Give them one name at the source (docs/data-quality.md#names).",
    )


def _of_stale(one: TraitQuality) -> Finding:
    return Finding(
        Level.LOOK,
        "stale_values",
        f'{_stale_share(one):.0%} of the values of the trait "{one.counted.name}" from "{one.counted.source}" were told '
        f"more than {STALE_DAYS} days ago.",
        "Does the source still send it? Import it again where it is kept up to date (docs/data-quality.md#freshness).",
    )
