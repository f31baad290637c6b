"""What the catalogue declares of a trait: its type, its class, and which of several claims is the customer's value."""

from dataclasses import dataclass
from enum import StrEnum

LONGEST_TRAIT_NAME = 255
"""Characters that the name of a trait may have."""


class ValueType(StrEnum):
    """What the values of a trait are."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    LIST = "list"
    OBJECT = "object"
    ANY = "any"


class TraitClass(StrEnum):
    """Which of the four classes of customer data a trait belongs to."""

    IDENTITY = "identity"
    DESCRIPTIVE = "descriptive"
    QUANTITATIVE = "quantitative"
    QUALITATIVE = "qualitative"


class TraitGroup(StrEnum):
    """Which part of its class shows a trait."""

    NAMES = "names"
    CONTACTS = "contacts"
    ACCOUNTS = "accounts"
    DEMOGRAPHICS = "demographics"
    HOUSEHOLD = "household"
    OCCUPATION = "occupation"
    INTERESTS = "interests"
    MOTIVATION = "motivation"
    OPINION = "opinion"
    ATTITUDE = "attitude"
    OTHER = "other"


GROUPS: dict[TraitClass, tuple[TraitGroup, ...]] = {
    TraitClass.IDENTITY: (TraitGroup.NAMES, TraitGroup.CONTACTS, TraitGroup.ACCOUNTS, TraitGroup.OTHER),
    TraitClass.DESCRIPTIVE: (
        TraitGroup.DEMOGRAPHICS,
        TraitGroup.HOUSEHOLD,
        TraitGroup.OCCUPATION,
        TraitGroup.INTERESTS,
        TraitGroup.OTHER,
    ),
    TraitClass.QUANTITATIVE: (TraitGroup.OTHER,),
    TraitClass.QUALITATIVE: (TraitGroup.MOTIVATION, TraitGroup.OPINION, TraitGroup.ATTITUDE, TraitGroup.OTHER),
}
"""The groups of each class."""


class Policy(StrEnum):
    """How the claims of a customer become one value."""

    NEWEST = "newest"
    OLDEST = "oldest"
    SOURCE_PRIORITY = "source_priority"
    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    FIRST = "first"
    LAST = "last"
    MOST_FREQUENT = "most_frequent"
    TOP = "top"
    UNION = "union"
    DISTINCT_COUNT = "distinct_count"
    ACTIVE_DAYS = "active_days"


NUMBERS = frozenset({ValueType.INTEGER, ValueType.DECIMAL})
RANKED = NUMBERS | {ValueType.DATE, ValueType.MOMENT}
"""Types of which one value is the smallest."""

NEEDED_TYPES: dict[Policy, frozenset[ValueType]] = {
    Policy.SUM: NUMBERS,
    Policy.MEAN: NUMBERS,
    Policy.MIN: RANKED,
    Policy.MAX: RANKED,
}
"""The types that a policy works with; any other policy works with all."""

LISTABLE = NUMBERS | {ValueType.TEXT, ValueType.DATE}
"""Types whose allowed values can be listed."""

_RESULTS: dict[Policy, ValueType] = {
    Policy.COUNT: ValueType.INTEGER,
    Policy.MEAN: ValueType.DECIMAL,
    Policy.TOP: ValueType.LIST,
    Policy.UNION: ValueType.LIST,
    Policy.DISTINCT_COUNT: ValueType.INTEGER,
    Policy.ACTIVE_DAYS: ValueType.INTEGER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitType:
    """A trait as the catalogue declares it, or, not ``declared``, as one that it does not know.

    ``values`` are the allowed ones, none for all; ``sources`` those of ``source_priority``, the most trusted first;
    ``size`` is how many values ``top`` shows; ``expected`` says that a complete profile has it.
    """

    name: str
    type: ValueType = ValueType.ANY
    trait_class: TraitClass = TraitClass.DESCRIPTIVE
    group: TraitGroup = TraitGroup.OTHER
    policy: Policy = Policy.NEWEST
    personal: bool = False
    expected: bool = False
    declared: bool = True
    values: tuple[str | int | float, ...] = ()
    sources: tuple[str, ...] = ()
    size: int = 0

    @property
    def result(self) -> ValueType:
        """The type of the customer's value: a sum of integers is one, a count of texts is no text."""
        return _RESULTS.get(self.policy, self.type)


def undeclared(name: str) -> TraitType:
    """Make the type of a trait that the catalogue does not declare: any value, the newest; it may be personal."""
    return TraitType(name=name, personal=True, declared=False)
