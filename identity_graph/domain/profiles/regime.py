"""What a unit of work goes by: the rules and the catalogue in force, and the time."""

from dataclasses import dataclass, field

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.file import SHIPPED, load_catalogue
from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.profiles.touched import Touched
from identity_graph.domain.rules.versioned import VersionedRules
from identity_graph.domain.values.observations import Instant


@dataclass(frozen=True, slots=True)
class InForce(VersionedRules):
    """The rules and the catalogue in force, with their versions; the catalogue is the one that ships unless given.

    ``watched`` is what segments read of customers, None without any; ``segments_version`` is that of the set of them.
    ``salt`` is that of tombstones, None while nobody was erased; ``has_bars``: requests
    of people bar the use of their data.
    """

    catalogue: Catalogue = field(default_factory=load_catalogue)
    catalogue_version: int = SHIPPED
    segments_version: int = 0
    watched: Inputs | None = None
    salt: str | None = None
    has_bars: bool = False

    def at(self, now: Instant) -> "Regime":
        """Give a unit of work what it goes by."""
        return Regime(
            self.rules,
            self.version,
            now,
            self.catalogue,
            self.catalogue_version,
            Touched(self.watched, has_bars=self.has_bars),
            self.salt,
        )


@dataclass(frozen=True, slots=True)
class Regime(VersionedRules):
    """The rules and the catalogue in force, and the time at which a unit of work runs under them.

    ``touched`` takes note of the customers that it changes.
    """

    now: Instant
    catalogue: Catalogue = field(default_factory=load_catalogue)
    catalogue_version: int = SHIPPED
    touched: Touched = field(default_factory=Touched, compare=False)
    salt: str | None = None
