"""Tests here work with an open service."""

from tests.asking import service

__all__ = ["service"]
