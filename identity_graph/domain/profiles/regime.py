"""What a unit of work goes by: the rules and the catalogue in force, and the time."""

from dataclasses import dataclass, field

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.file import SHIPPED, load_catalogue
from identity_graph.domain.rules.versioned import VersionedRules
from identity_graph.domain.values.observations import Instant


@dataclass(frozen=True, slots=True)
class InForce(VersionedRules):
    """The rules and the catalogue in force, with their versions; the catalogue is the one that ships unless given."""

    catalogue: Catalogue = field(default_factory=load_catalogue)
    catalogue_version: int = SHIPPED

    def at(self, now: Instant) -> "Regime":
        """Give a unit of work what it goes by."""
        return Regime(self.rules, self.version, now, self.catalogue, self.catalogue_version)


@dataclass(frozen=True, slots=True)
class Regime(VersionedRules):
    """The rules and the catalogue in force, and the time at which a unit of work runs under them."""

    now: Instant
    catalogue: Catalogue = field(default_factory=load_catalogue)
    catalogue_version: int = SHIPPED
