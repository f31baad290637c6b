"""Cells of exported tables that are safe to open."""

import re

_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*")


def defuse(text: str) -> str:
    """Put ' in front of a text that a spreadsheet would take for a formula and run; numbers and phone numbers stay."""
    dangerous = text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    return f"'{text}" if dangerous and _NUMBER.fullmatch(text) is None else text
