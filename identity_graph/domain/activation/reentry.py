"""Which transitions a destination is told of: once, every time or with a cool-down, and exits that fit the entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from identity_graph.domain.activation.destinations import MessageKind, Reentry, Wants
from identity_graph.domain.segments.transitions import Transition, TransitionCause
from identity_graph.domain.values.observations import Instant


@dataclass(frozen=True, slots=True)
class Told:
    """What a destination was last told of a customer and a segment.

    ``number`` is that of the last transition that was decided about. ``entered_at`` is the last entry that it was told of,
    None for none; ``inside``: that entry was not followed by an exit.
    """

    number: int
    entered_at: Instant | None
    inside: bool


NOTHING = Told(0, None, False)
"""What is known of somebody of whom the destination never heard."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A transition that a destination is to be told of."""

    kind: MessageKind
    transition: Transition


Pair = tuple[str, str]
"""A segment and a customer."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to tell, in the order of the transitions, and what is known afterwards of the pairs that changed."""

    tellings: list[Telling]
    told: dict[Pair, Told]


def decide(wants: Wants, transitions: Iterable[Transition], known: Mapping[Pair, Told]) -> Decision:
    """Decide what to tell a destination. Transitions of a pair come in the order of their numbers; a repeat tells nothing.

    A destination that hears of entries hears of an exit only after an entry that it was told of. One that hears of exits
    alone hears of all.
    """
    tellings: list[Telling] = []
    told: dict[Pair, Told] = {}
    for transition in transitions:
        if not wants.wants_segment(transition.segment_id):
            continue
        pair = (transition.segment_id, transition.customer_id)
        before = told.get(pair) or known.get(pair, NOTHING)
        if transition.number <= before.number:
            continue
        if transition.entered:
            tells = _tells_entry(wants, transition, before)
            entered_at, inside = (transition.at, True) if tells else (before.entered_at, before.inside)
            kind = MessageKind.SEGMENT_ENTERED
        else:
            tells = MessageKind.SEGMENT_EXITED in wants.kinds and (
                before.inside or MessageKind.SEGMENT_ENTERED not in wants.kinds
            )
            entered_at, inside = before.entered_at, False
            kind = MessageKind.SEGMENT_EXITED
        told[pair] = Told(transition.number, entered_at, inside)
        if tells:
            tellings.append(Telling(kind, transition))
    return Decision(tellings, told)


def _tells_entry(wants: Wants, transition: Transition, before: Told) -> bool:
    if MessageKind.SEGMENT_ENTERED not in wants.kinds:
        return False
    if transition.cause is TransitionCause.INITIAL and not wants.initial:
        return False
    if before.entered_at is None or wants.reentry is Reentry.EVERY_TIME:
        return True
    if wants.reentry is Reentry.ONCE or wants.cool_down is None:
        return False
    return transition.at - before.entered_at >= wants.cool_down
