"""All that is stored of a person, as they get it: JSON for other systems, and a page for themselves."""

import json
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from typing import Any

FORMAT = "identity-graph-personal-data/1"
"""What the first field of the JSON says."""

SCHEMA = files("identity_graph.domain.privacy") / "personal-data.schema.json"
"""The JSON Schema of the JSON. It ships with the package."""

PersonalData = Mapping[str, Any]
"""What the schema describes."""

PARTS = ("identifiers", "traits", "consents", "orders", "segments", "events")
"""The lists in it, in the order in which they are shown."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Your data</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ border-bottom: 1px solid #ccc; padding: .3rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }}
</style>
</head>
<body>
<h1>Your data</h1>
<p>All that is stored about you, as of {made_at}. Request {request}.</p>
{parts}
</body>
</html>
"""


def read_schema() -> dict[str, Any]:
    """Read the JSON Schema."""
    return json.loads(SCHEMA.read_text("utf-8"))


def write_page(data: PersonalData) -> str:
    """Write a page in HTML that a browser shows without running or fetching anything; all values are escaped."""
    parts = "\n".join(_write_part(name, data[name]) for name in PARTS)
    return _PAGE.format(made_at=_cell(data["made_at"]), request=_cell(data["request"]), parts=parts)


def _write_part(name: str, rows: Iterable[Mapping[str, Any]]) -> str:
    rows = list(rows)
    title = f"<h2>{escape(name.capitalize())} ({len(rows)})</h2>"
    if not rows:
        return f"{title}\n<p>None.</p>"
    columns = list(rows[0])
    head = "".join(f"<th>{escape(column.replace('_', ' '))}</th>" for column in columns)
    body = "\n".join(f"<tr>{''.join(f'<td>{_cell(row[column])}</td>' for column in columns)}</tr>" for row in rows)
    return f"{title}\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return escape(text.encode("utf-8", "replace").decode())
