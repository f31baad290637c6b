"""Customers, now and at an earlier moment."""
