"""How much a spool may hold: so many bytes, and a share of what the disk has left."""

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """``most_bytes`` of entries, and at most ``disk_share`` (0 to 1) of what would be free without the spool."""

    most_bytes: int
    disk_share: float

    def allowed(self, folder: Path, taken: int) -> int:
        """Tell how many bytes a spool may have that takes so many on the disk of ``folder``."""
        return min(self.most_bytes, int(self.disk_share * (shutil.disk_usage(folder).free + taken)))
