"""The tables of ``doctor``."""

from rich.table import Table


def new_table(title: str, numbers: list[str]) -> Table:
    """Make a table of names and columns of numbers, which end at the same place."""
    table = Table(title, box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in numbers:
        table.add_column(name, justify="right")
    return table
