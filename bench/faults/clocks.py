"""A service whose clock can be set: libfaketime stands between it and the system, and reads an offset from a file."""

import os
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import libfaketime
import requests

HOUR = 3600
_LIBRARY = Path(libfaketime.__file__).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
_MISSED_SECONDS = 60


class Clock:
    """The wall clock of a process. Monotonic clocks are not touched, since nobody can set these."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._write(0)
        self.environment = {
            "LD_PRELOAD": f"{_LIBRARY}:{os.environ['LD_PRELOAD']}" if os.environ.get("LD_PRELOAD") else str(_LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_CACHE_DURATION": "1",
            "NO_FAKE_STAT": "1",
        }

    def jump(self, seconds: int, url: str) -> None:
        """Set the clock this far from the true time, and check that the service has it.

        Raises:
            RuntimeError: it has not.
        """
        self._write(seconds)
        deadline = time.monotonic() + _MISSED_SECONDS
        while time.monotonic() < deadline:
            time.sleep(0.5)
            try:
                shown = requests.get(f"{url}/health/live", timeout=5).headers["date"]
            except requests.RequestException:
                continue
            if abs(parsedate_to_datetime(shown).timestamp() - time.time() - seconds) < _MISSED_SECONDS:
                return
        raise RuntimeError(f"The clock of the service did not jump by {seconds} seconds.")

    def _write(self, seconds: int) -> None:
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{seconds:+d}\n")
        beside.replace(self._file)
