"""How a customer's card looks in the terminal, whatever is on it."""

from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table

from identity_graph.domain.identity.read_models import CustomerIdentifier
from identity_graph.terminal import Text


def make_table(title: str, *others: str) -> Table:
    """Make a table of a card; its first column is never wrapped."""
    table = Table(title, *others, box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    table.columns[0].no_wrap = True
    return table


def one_line(text: str, style: str = "dim") -> Text:
    """Make a cell of one line: where there is no room for all of it, the end is left out."""
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def add_identifier(table: Table, row: CustomerIdentifier, found: str, *others: str) -> None:
    """Add the row of an identifier; the one that led to the customer stands out."""
    style = "bold green" if row.key == found else ""
    table.add_row(Text(row.namespace, style="cyan"), Text(row.value, style=style), *others)


def make_panel(content: RenderableType, customer_id: str, note: str) -> Panel:
    """Frame a card: the customer's id above, a note below."""
    return Panel(
        content,
        title=Text(customer_id, style="bold"),
        subtitle=Text(note, style="dim"),
        title_align="left",
        subtitle_align="left",
        padding=(1, 2),
    )
