"""Every code that the collector and the commands answer with has a page that says what to do."""

from pathlib import Path

import pytest

import api.collector.errors as of_collector
import identity_graph.errors as of_package
import identity_graph.service.applying.steps as of_versions
import identity_graph.service.corrections.judging as of_judgements
import identity_graph.service.corrections.retracting as of_retractions
import identity_graph.service.segments.saving as of_segments
from identity_graph.domain.collecting.segment.messages import RejectionCode
from identity_graph.errors import IdentityGraphError

FOLDER = Path(__file__).parents[2] / "docs" / "errors"
CODES = sorted(
    {
        kind.code
        for module in (of_package, of_collector, of_versions, of_judgements, of_retractions, of_segments)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, IdentityGraphError)
    }
    | {code.value for code in RejectionCode}
    | {"METHOD_NOT_ALLOWED"}
)


@pytest.mark.parametrize("code", CODES)
def test_a_code_has_a_page_that_says_what_to_do(code: str) -> None:
    text = (FOLDER / f"{code}.md").read_text("utf-8")

    assert text.startswith(f"# {code}\n")
    assert "**What to do.**" in text
    assert f"]({code}.md)" in (FOLDER / "README.md").read_text("utf-8")
