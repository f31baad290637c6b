"""Funnels, paths, attribution and experiments over all customers as they are now."""
