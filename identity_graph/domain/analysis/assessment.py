"""What an experiment comes to: rates, differences, whether they may be chance, and whether the numbers can be trusted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from identity_graph.domain.analysis.experiments import HELD_OUT, ExperimentDraft
from identity_graph.domain.analysis.exposures import Exposed, ExposureLog
from identity_graph.domain.analysis.statistics import Interval, Tally, adjust, check_ratio, compare, newcombe, wilson
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant

MISMATCH = 0.001
"""Below this p-value the split is not the one that was meant, and the result is not to be trusted."""

CAUSES = (
    (
        "Lost exposures: one variant is logged later, or more often not at all, for example because its page is slower, fails, or "
        "is left before the log is sent. Compare the exposures of each variant by source, and log where the variant is decided."
    ),
    "Bots: one variant keeps out, or draws in, what is no person. Leave their traffic out of both.",
    "Redirects: one variant is behind a redirect, which some do not follow to the end. Redirect both, or none.",
    "Weights, hold-out or salt were changed somewhere on the way, or another program assigns as well.",
)
"""Why the split is another one, the likeliest first (Fabijan and others 2019, Diagnosing sample ratio mismatch)."""


@dataclass(frozen=True, slots=True)
class VariantResult:
    """A variant: who saw it, who of them converted, and how it compares with the first one.

    ``open`` are customers whose time to convert is not over. ``p_value`` is adjusted for the number of comparisons.
    """

    name: str
    customers: int
    conversions: int
    open: int
    rate: float
    interval: Interval | None
    difference: float | None
    difference_interval: Interval | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Whether customers were split as the weights say; ``causes`` are given where they were not."""

    p_value: float | None
    is_mismatch: bool
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """The results of an experiment, as of a moment. They count from ``decided_at`` on.

    ``in_two`` are customers who were exposed to two variants, as after a merge: they are left out. ``repeated`` are exposures
    after the first one. ``held_out`` is None where nobody was logged as held out.
    """

    as_of: Instant
    decided_at: Instant
    is_final: bool
    variants: tuple[VariantResult, ...]
    held_out: VariantResult | None
    in_two: int
    repeated: int
    early: int
    late: int
    unknown: int
    nobody: int
    sample_ratio: SampleRatio
    warnings: tuple[str, ...]


class Outcomes:
    """Takes customers who were exposed, one by one, with the moments at which they converted."""

    def __init__(self, experiment: ExperimentDraft, now: Instant) -> None:
        self._window = experiment.window.micros
        self._now = now
        self._customers: dict[str, int] = {}
        self._conversions: dict[str, int] = {}
        self._open: dict[str, int] = {}

    def add(self, exposed: Exposed, conversions: Iterable[Instant]) -> None:
        """Count a customer who was exposed to one variant. A conversion counts from the exposure on, and before its time is over."""
        until = exposed.since + self._window
        name = exposed.variant
        self._customers[name] = self._customers.get(name, 0) + 1
        self._conversions[name] = self._conversions.get(name, 0) + any(
            exposed.since <= at < until for at in conversions
        )
        self._open[name] = self._open.get(name, 0) + (self._now < until)

    def tally(self, name: str) -> Tally:
        """Give how many saw a variant, and how many of them converted."""
        return Tally(self._customers.get(name, 0), self._conversions.get(name, 0))

    def still_open(self, name: str) -> int:
        """Give how many may still convert."""
        return self._open.get(name, 0)


def assess(experiment: ExperimentDraft, log: ExposureLog, outcomes: Outcomes, now: Instant) -> Results:
    """Compare the variants of an experiment."""
    names = [one.name for one in experiment.variants]
    tallies = [outcomes.tally(name) for name in names]
    p_values = adjust([compare(tally, tallies[0]) for tally in tallies[1:]])
    held_out = outcomes.tally(HELD_OUT)
    p_value = check_ratio([one.customers for one in tallies], [one.weight for one in experiment.variants])
    is_mismatch = p_value is not None and p_value < MISMATCH
    is_final = now >= experiment.decided_at
    in_two = sum(one.in_two for one in log.customers.values())
    return Results(
        as_of=now,
        decided_at=experiment.decided_at,
        is_final=is_final,
        variants=tuple(_result(name, outcomes, tallies, number, p_values) for number, name in enumerate(names)),
        held_out=_compared(HELD_OUT, outcomes, held_out, tallies[0], None) if held_out.customers else None,
        in_two=in_two,
        repeated=sum(one.times - 1 for one in log.customers.values()),
        early=log.early,
        late=log.late,
        unknown=log.unknown,
        nobody=log.nobody,
        sample_ratio=SampleRatio(p_value, is_mismatch, CAUSES if is_mismatch else ()),
        warnings=(
            *_warn_early(experiment, is_final=is_final),
            *(_warn_mismatch(experiment, tallies) if is_mismatch else ()),
            *_warn_left_out(log, in_two),
        ),
    )


def _result(
    name: str, outcomes: Outcomes, tallies: Sequence[Tally], number: int, p_values: Sequence[float | None]
) -> VariantResult:
    if number:
        return _compared(name, outcomes, tallies[number], tallies[0], p_values[number - 1])
    own = tallies[0]
    return VariantResult(
        name, own.customers, own.conversions, outcomes.still_open(name), own.rate, wilson(own), None, None, None
    )


def _compared(name: str, outcomes: Outcomes, own: Tally, control: Tally, p_value: float | None) -> VariantResult:
    return VariantResult(
        name=name,
        customers=own.customers,
        conversions=own.conversions,
        open=outcomes.still_open(name),
        rate=own.rate,
        interval=wilson(own),
        difference=own.rate - control.rate if own.customers and control.customers else None,
        difference_interval=newcombe(own, control),
        p_value=p_value,
    )


def _warn_early(experiment: ExperimentDraft, *, is_final: bool) -> Iterable[str]:
    if not is_final:
        yield (
            f"The experiment is decided on {format_instant(experiment.decided_at)}, and not before. Who looks early, and stops when "
            "a difference shows, finds differences where there are none: p-values and intervals count for one look, at the end."
        )


def _warn_mismatch(experiment: ExperimentDraft, tallies: Sequence[Tally]) -> Iterable[str]:
    weights = [one.weight for one in experiment.variants]
    whole = sum(one.customers for one in tallies)
    expected = [whole * weight / sum(weights) for weight in weights]
    lacking = max(range(len(tallies)), key=lambda number: expected[number] - tallies[number].customers)
    yield (
        f"Customers are not split as the weights say (sample ratio mismatch): {experiment.variants[lacking].name!r} has "
        f"{tallies[lacking].customers:,} where {expected[lacking]:,.0f} were to be expected. So something else differs between the "
        "variants. Do not trust the result before you know the cause."
    )


def _warn_left_out(log: ExposureLog, in_two: int) -> Iterable[str]:
    if in_two:
        yield f"{in_two:,} customers were exposed to two variants, for example before two were merged, and are left out."
    if log.unknown:
        yield f"{log.unknown:,} exposures name a variant that this experiment does not have, and do not count."
