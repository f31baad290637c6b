"""Moments as they are typed in a terminal."""

from datetime import date
from zoneinfo import ZoneInfo

import typer

from identity_graph.domain.values.instants import parse_instant
from identity_graph.domain.values.observations import Instant


def read_time(option: str, text: str) -> Instant:
    """Read a date, which means its midnight in UTC, or a moment with its offset from UTC.

    Raises:
        BadParameter: it is neither; ``option`` is named in the message.
    """
    try:
        return parse_instant(f"{date.fromisoformat(text.strip())}T00:00:00Z")
    except ValueError:
        pass
    try:
        return parse_instant(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} {error}. Write 2026-01-31 or 2026-01-31T08:00:00Z.", param_hint=option
        ) from error


def read_zone(option: str, name: str) -> ZoneInfo:
    """Read the name of a time zone.

    Raises:
        BadParameter: nobody knows it; ``option`` is named in the message.
    """
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise typer.BadParameter(
            f"{name!r} is no time zone. Write it as in Asia/Shanghai, or UTC.", param_hint=option
        ) from error
