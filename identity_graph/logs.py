"""Where log lines go: to standard error, so that what a command prints can be piped on."""

import sys
from typing import Any

import structlog


def log_to_stderr() -> None:
    """Write each log line to what is standard error at that moment."""
    structlog.configure(logger_factory=_make_logger)


def _make_logger(*_: Any) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)
