"""The page of all settings, generated from ``Settings``."""

from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from identity_graph.settings import Settings

GROUPS: dict[str, str] = {
    "": "The service",
    "max_connections": "Connections",
    "head_": "Connections",
    "body_": "Connections",
    "neo4j_": "Neo4j",
    "admin_": "Keys",
    "write_": "Keys",
    "commit_": "Commits",
}
"""Headings by the beginning of a setting's name; the longest beginning counts."""

HEAD = """\
<!-- Generated from identity_graph/settings.py by `make docs`; do not edit. -->

# Settings

Settings are environment variables. An option of a command overrides its setting; without either, the default
applies. An invalid setting ends the command with [BAD_SETTINGS](errors/BAD_SETTINGS.md). Secrets
are never shown or logged. [Operations](operations.md) explains how to use settings.
"""

_TYPES: dict[Any, str] = {str: "text", int: "integer", float: "number", bool: "true or false", Path: "path"}
_LIST = "list, separated by commas"
_FOLDERS = {"data_dir": "user's data folder", "cache_dir": "user's cache folder"}


def render_settings(settings: type[Settings] = Settings) -> str:
    """Write the page: under each heading a table of name, default, values and meaning."""
    sections: dict[str, list[str]] = {title: [] for title in GROUPS.values()}
    for name, field in settings.model_fields.items():
        prefix = max((prefix for prefix in GROUPS if name.startswith(prefix)), key=len)
        sections[GROUPS[prefix]].append(_row(name, field))
    parts = [HEAD]
    for title, rows in sections.items():
        table = ["| setting | default | values | meaning |", "|---|---|---|---|", *rows]
        parts.append(f"\n## {title}\n\n" + "\n".join(table) + "\n")
    return "".join(parts)


def _row(name: str, field: FieldInfo) -> str:
    meaning = (field.description or "").replace("|", "\\|")
    return f"| `IDENTITY_GRAPH_{name.upper()}` | {_default(name, field)} | {_values(field)} | {meaning} |"


def _default(name: str, field: FieldInfo) -> str:
    if name in _FOLDERS:
        return f"in the {_FOLDERS[name]}"
    if field.default is None or field.default == () or _is_mapping(field):
        return "none"
    return f"`{field.default}`"


def _values(field: FieldInfo) -> str:
    kinds: Any = field.annotation
    if get_origin(kinds) is tuple:
        return _LIST
    if _is_mapping(field):
        return "JSON, secret"
    for kind in get_args(kinds) if isinstance(kinds, UnionType) else (kinds,):
        if kind is SecretStr:
            return "secret"
        if kind is not NoneType:
            return _range(_TYPES[kind], field)
    raise TypeError(kinds)


def _is_mapping(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is dict


def _range(kind: str, field: FieldInfo) -> str:
    bounds = {type(bound): bound for bound in field.metadata}
    low, high = bounds.get(Ge), bounds.get(Le)
    if low is not None and high is not None:
        return f"{kind}, {low.ge:g} to {high.le:g}"
    pattern = next((bound.pattern for bound in field.metadata if getattr(bound, "pattern", None)), None)
    return kind if pattern is None else f"{kind} like `{pattern}`"
