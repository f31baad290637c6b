"""Customers as they are shown: lookup, cards, lists and history."""
