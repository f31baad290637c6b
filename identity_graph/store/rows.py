"""Rows that write queries take: maps as Cypher's UNWIND reads them."""

from typing import Any

Rows = list[dict[str, Any]]
"""One map per row; the keys are those that the query's file reads from ``row``."""
