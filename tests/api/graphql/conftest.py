"""Tests here ask GraphQL without a network, or run commands on the graph that it answers from."""

from tests.asking import ask, client, life, run, see, service

__all__ = ["ask", "client", "life", "run", "see", "service"]
