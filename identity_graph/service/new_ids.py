"""New ids: opaque, stable, with a prefix that says what they name."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

_noting: ContextVar[list[str] | None] = ContextVar("noting", default=None)


def new_id(prefix: str) -> str:
    """Make an id such as ``cus_3f2b…``: the prefix and 122 random bits in hex."""
    id = f"{prefix}_{uuid4().hex}"
    noted = _noting.get()
    if noted is not None:
        noted.append(id)
    return id


@contextmanager
def noting_new_ids(noted: list[str]) -> Generator[None]:
    """Note all ids that are made inside."""
    token = _noting.set(noted)
    try:
        yield
    finally:
        _noting.reset(token)
