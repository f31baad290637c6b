"""A segment as somebody names it in a command: a file, or a template that ships with the package."""

from pathlib import Path
from typing import NamedTuple

from identity_graph.domain.segments.ready import read_template, template_names
from identity_graph.errors import SegmentError


class SegmentText(NamedTuple):
    """The text of a segment file, and what messages call the file."""

    text: str
    name: str


def read_segment_text(name: str | Path) -> SegmentText:
    """Read the text of a file; a name that is no file may be that of a template.

    Raises:
        SegmentError: there is neither, or the file is no text.
    """
    path = Path(name)
    try:
        return SegmentText(path.read_text("utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        raise SegmentError(f"{name} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error
    except OSError as error:
        if str(name) in template_names():
            return SegmentText(read_template(str(name)), f"{name}.yaml")
        raise SegmentError(
            f"{name} cannot be read as a segment ({error.strerror}). Give a file, or the name of a template: "
            f"{', '.join(template_names())}."
        ) from error
