"""What the catalogue declares of a computed trait: which events count, what is taken of them, and what that comes to."""

from dataclasses import dataclass

from identity_graph.domain.profiles.conditions import Condition
from identity_graph.domain.profiles.trait_types import Policy, TraitClass, TraitType, ValueType


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A name for values for which all conditions hold: Gold, where the revenue is above 5,000."""

    name: str
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedType:
    """A computed trait. ``events`` are names; ``where`` are conditions by the path of a property.

    ``of`` is the path of the property whose values are taken, None where events are counted. ``within`` is the window before
    the moment at which somebody asks, in microseconds; None: all time. Of ``named`` the first that holds is the value.
    """

    name: str
    events: frozenset[str]
    policy: Policy
    where: tuple[tuple[str, Condition], ...] = ()
    of: str | None = None
    type: ValueType = ValueType.ANY
    size: int = 0
    within: int | None = None
    named: tuple[NamedValue, ...] = ()
    trait_class: TraitClass = TraitClass.QUANTITATIVE

    def as_trait(self) -> TraitType:
        """Give the trait whose claims its events would be."""
        return TraitType(name=self.name, type=self.type, policy=self.policy, size=self.size)
