"""Ready segments: templates that ship with the package, to save as they are or to change."""

from functools import cache
from importlib.resources import files

from identity_graph.domain.segments.file import SegmentDraft, parse_segment


@cache
def load_templates() -> dict[str, SegmentDraft]:
    """Load all templates by their names, such as ``cart-abandoners``."""
    return {name: parse_segment(read_template(name), name=f"{name}.yaml") for name in template_names()}


def template_names() -> list[str]:
    """List the names of the templates."""
    folder = files("identity_graph.domain.segments") / "templates"
    return sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))


def read_template(name: str) -> str:
    """Read the text of a template."""
    return (files("identity_graph.domain.segments") / "templates" / f"{name}.yaml").read_text("utf-8")
