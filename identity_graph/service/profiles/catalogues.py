"""The catalogue in force: read from the graph, and written down in one that has none."""

from identity_graph.domain.profiles.catalogue import Catalogue, fingerprint
from identity_graph.domain.profiles.difference import DERIVATION
from identity_graph.domain.profiles.file import SHIPPED, load_catalogue, parse_stored_catalogue
from identity_graph.domain.profiles.read_models import StoredCatalogue
from identity_graph.domain.rules.status import RuleSetStatus
from identity_graph.domain.values.observations import Instant
from identity_graph.store.collecting import counters as counter_store
from identity_graph.store.driver.instants import nanoseconds, seconds
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction
from identity_graph.store.profiles import catalogues as catalogue_store

_DEFAULT = "default"


async def adopt_catalogue(tx: WriteTransaction, now: Instant) -> StoredCatalogue:
    """Give the catalogue in force; in a graph without one, the one that ships becomes its first.

    A graph that has events already, of a version of the product that knew no catalogue, is brought under it.
    """
    found = await catalogue_store.find_catalogue(tx)
    if found:
        return found[0]
    await catalogue_store.lock_catalogues(tx)
    if not await catalogue_store.find_catalogue(tx):
        catalogue = load_catalogue()
        is_empty = not (await counter_store.count_events(tx))[0].total
        await catalogue_store.create_catalogue(
            tx,
            version=1,
            yaml=catalogue.yaml,
            fingerprint=fingerprint(catalogue),
            applied_by=_DEFAULT,
            status=RuleSetStatus.ACTIVE if is_empty else RuleSetStatus.APPLYING,
            replaces=[] if is_empty else [SHIPPED],
            derivation=DERIVATION,
            at_s=seconds(now),
            at_ns=nanoseconds(now),
        )
    (adopted,) = await catalogue_store.find_catalogue(tx)
    return adopted


async def get_catalogue(tx: ReadTransaction) -> StoredCatalogue:
    """Read the catalogue in force: the one that ships where the graph has none."""
    found = await catalogue_store.find_catalogue(tx)
    if found:
        return found[0]
    catalogue = load_catalogue()
    return StoredCatalogue(
        version=SHIPPED,
        yaml=catalogue.yaml,
        fingerprint=fingerprint(catalogue),
        applied_by=_DEFAULT,
        applied_at=0,
        status=RuleSetStatus.ACTIVE,
        progress=1.0,
        error=None,
        replaces=[],
        derivation=0,
    )


async def read_version(tx: ReadTransaction, version: int) -> Catalogue:
    """Read the catalogue of a version."""
    if version == SHIPPED:
        return load_catalogue()
    (stored,) = await catalogue_store.list_catalogues(tx, versions=[version])
    return parse_stored_catalogue(stored.yaml, name=f"catalogue version {version}")
