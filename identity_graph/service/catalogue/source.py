"""A catalogue as somebody names it in a command: a file, or the one that ships with the package."""

from pathlib import Path

from identity_graph.domain.profiles.catalogue import Catalogue
from identity_graph.domain.profiles.file import load_catalogue, parse_catalogue
from identity_graph.errors import CatalogueError

DEFAULT = "default"
"""What the catalogue that ships is called."""


def read_catalogue(name: str | Path) -> Catalogue:
    """Read the catalogue of a file; ``default``, when no file is called that, is the one that ships.

    Raises:
        CatalogueError: there is no such file, or it does not hold what it should.
    """
    path = Path(name)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{name} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error
    except OSError as error:
        if str(name) == DEFAULT:
            return load_catalogue()
        raise CatalogueError(
            f"{name} cannot be read as a catalogue ({error.strerror}). Give a file, or `{DEFAULT}` for the one that ships."
        ) from error
    return parse_catalogue(text, name=path.name)
