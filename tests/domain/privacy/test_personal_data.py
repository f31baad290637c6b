"""Personal data as people get them."""

from typing import Any

import jsonschema_rs

from identity_graph.domain.privacy.personal_data import FORMAT, PARTS, read_schema, write_page

EMPTY: dict[str, Any] = {
    "format": FORMAT,
    "made_at": "2026-01-01T12:00:00Z",
    "request": "prq_1",
    "customer": "cus_1",
    **{name: [] for name in PARTS},
}
TRAIT = {"name": "note", "value": "<script>alert(1)</script>", "observed_at": "2026-01-01T12:00:00Z", "source": "web"}


def test_the_schema_takes_what_is_whole_and_refuses_what_is_not() -> None:
    schema = jsonschema_rs.validator_for(read_schema())
    assert schema.is_valid({**EMPTY, "traits": [TRAIT]})
    assert not schema.is_valid({**EMPTY, "traits": [{"name": "note"}]})
    assert not schema.is_valid({**EMPTY, "secrets": []})
    assert not schema.is_valid({name: value for name, value in EMPTY.items() if name != "events"})


def test_the_page_shows_everything_and_runs_nothing() -> None:
    traits = [TRAIT, {**TRAIT, "name": "\udcff&", "value": {"a": [1, None]}}, {**TRAIT, "value": None}]
    page = write_page({**EMPTY, "traits": traits})
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{&quot;a&quot;: [1, null]}" in page
    assert "<h2>Traits (3)</h2>" in page
    assert "<h2>Events (0)</h2>\n<p>None.</p>" in page
    assert "<td></td>" in page
