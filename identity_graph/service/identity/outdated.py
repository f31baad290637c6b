"""What a unit of work finds unconverted while rules are being applied: it is converted first, then the unit starts again."""

from collections.abc import Collection, Iterable

from identity_graph.domain.rules.difference import Difference
from identity_graph.domain.rules.normalization import read_key
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import RawIdentifier, namespace_of
from identity_graph.errors import IdentityGraphError
from identity_graph.store.collecting.readings import RawEvent, page_events
from identity_graph.store.driver.graph import Graph
from identity_graph.store.driver.query import ReadTransaction

EVENTS_AT_ONCE = 5000
"""Events that are read in one transaction."""


class OutdatedError(Exception):
    """Customers that matter were last resolved under other rules; they must be converted before."""

    def __init__(self, ids: Iterable[str]) -> None:
        super().__init__()
        self.ids = set(ids)


class UnreadError(Exception):
    """Something is not there, unless an event shows it that is still to be read under the rules in force.

    Each of ``wanted`` is what such an event would observe together; ``otherwise`` is the answer when there is none.
    """

    def __init__(self, wanted: Iterable[Collection[str]], otherwise: IdentityGraphError) -> None:
        super().__init__()
        self.wanted = [frozenset(keys) for keys in wanted]
        self.otherwise = otherwise


async def find_unread(
    graph: Graph, wanted: Collection[frozenset[str]], rules: RuleSet, difference: Difference, after: str
) -> list[str]:
    """Find the events, in the order of their ids after one of them, that show what is wanted under the rules in force.

    They are read page by page, in transactions of their own: this may take as long as the application takes to read them.
    """
    wanted = [keys for keys in wanted if any(difference.may_reread(namespace_of(key)) for key in keys)]
    namespaces = {namespace_of(key) for keys in wanted for key in keys}
    found: list[str] = []
    while wanted:
        page = await graph.read(lambda tx, after=after: _page(tx, after))
        if not page:
            break
        after = page[-1].id
        found += [event.id for event in page if _shows(event, wanted, namespaces, rules)]
    return found


async def _page(tx: ReadTransaction, after: str) -> list[RawEvent]:
    return await page_events(tx, after=after, limit=EVENTS_AT_ONCE)


def _shows(event: RawEvent, wanted: Collection[frozenset[str]], namespaces: set[str], rules: RuleSet) -> bool:
    texts = [text for text in event.identifiers if RawIdentifier.from_text(text).namespace in namespaces]
    if not texts:
        return False
    keys = {read_key(text, rules) for text in texts}
    return any(together <= keys for together in wanted)
