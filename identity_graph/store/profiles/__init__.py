"""Traits."""
