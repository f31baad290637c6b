"""CDNOW: the real purchase history that ships as a data file in the Python package ``lifetimes``."""

from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path

from identity_graph.errors import NotFoundError

CDNOW_PURCHASES = 69_659
"""Purchases in the file, made by 23,570 customers between January 1997 and June 1998."""


def find_purchases() -> Path:
    """Find the purchase history: a header, then customer, date, number of CDs and dollars, set apart by spaces.

    The package is located but never imported, since what it depends on is not installed.

    Raises:
        NotFoundError: the package, or the file in it, is not there.
    """
    spec = find_spec("lifetimes")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "datasets" / "CDNOW_master.txt"
        if path.is_file():
            return path
    raise NotFoundError(
        "The demo reads the data file of the package lifetimes, which is not installed: run make setup."
    )


def find_mapping() -> Path:
    """Find the mapping that reads the purchase history as store orders by ``crm_id``."""
    with as_file(files("identity_graph.demo") / "cdnow.yaml") as path:
        return path
