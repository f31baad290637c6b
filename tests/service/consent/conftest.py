"""A service, for the tests of this folder."""

from tests.asking import service

__all__ = ["service"]
