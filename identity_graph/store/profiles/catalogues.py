"""The catalogues that profiles were and are derived under, and the progress of applying them."""

from identity_graph.domain.profiles.read_models import StoredCatalogue
from identity_graph.domain.rules.read_models import Application
from identity_graph.store.driver.query import ReadTransaction, WriteTransaction, query


@query("profiles/find_catalogue")
async def find_catalogue(tx: ReadTransaction) -> list[StoredCatalogue]: ...


@query("profiles/list_catalogues")
async def list_catalogues(tx: ReadTransaction, *, versions: list[int]) -> list[StoredCatalogue]: ...


@query("profiles/page_catalogues")
async def page_catalogues(tx: ReadTransaction, *, before: int, limit: int) -> list[StoredCatalogue]: ...


@query("profiles/create_catalogue")
async def create_catalogue(
    tx: WriteTransaction,
    *,
    version: int,
    yaml: str,
    fingerprint: str,
    applied_by: str,
    status: str,
    replaces: list[int],
    derivation: int,
    at_s: int,
    at_ns: int,
) -> None: ...


@query("profiles/lock_catalogues")
async def lock_catalogues(tx: WriteTransaction) -> None: ...


@query("profiles/lock_application")
async def lock_application(tx: WriteTransaction, *, version: int) -> list[Application]: ...


@query("profiles/save_application")
async def save_application(
    tx: WriteTransaction, *, version: int, phase: str, cursor: str, seen: int, progress: float
) -> None: ...


@query("profiles/supersede_application")
async def supersede_application(tx: WriteTransaction, *, version: int) -> None: ...


@query("profiles/finish_application")
async def finish_application(tx: WriteTransaction, *, version: int) -> None: ...


@query("profiles/fail_application")
async def fail_application(tx: WriteTransaction, *, version: int, error: str) -> None: ...
