"""Models of attribution: which share of a conversion each visit before it gets."""

from collections.abc import Sequence
from enum import StrEnum

from identity_graph.domain.analysis.journeys import Visit
from identity_graph.domain.analysis.units import share_out
from identity_graph.domain.values.observations import Instant

_ONE = 2**53


class Model(StrEnum):
    """How a conversion is shared out among the visits before it."""

    FIRST = "FIRST"
    LAST = "LAST"
    LINEAR = "LINEAR"
    POSITION = "POSITION"
    TIME_DECAY = "TIME_DECAY"


def weigh(model: Model, visits: Sequence[Visit], half_life: Instant) -> list[int]:
    """Weigh the visits before a conversion, the first one first; there is at least one.

    FIRST and LAST give everything to one visit, and LINEAR the same to each. POSITION gives 40 percent to the first, 40 to the
    last, and shares 20 out among those between; of two visits each gets half. With TIME_DECAY a visit weighs half as much as one
    that is later by ``half_life``, in microseconds.
    """
    count = len(visits)
    match model:
        case Model.FIRST:
            return [1, *[0] * (count - 1)]
        case Model.LAST:
            return [*[0] * (count - 1), 1]
        case Model.LINEAR:
            return [1] * count
        case Model.POSITION:
            between = count - 2
            return [2 * between, *[1] * between, 2 * between] if between > 0 else [1] * count
        case _:
            last = visits[-1].at
            return [round(_ONE * 2.0 ** ((visit.at - last) / half_life)) for visit in visits]


def credit(units: int, model: Model, visits: Sequence[Visit], half_life: Instant) -> list[int]:
    """Share an amount in units out among the visits before a conversion; the shares add up to the amount."""
    return share_out(units, weigh(model, visits, half_life))
