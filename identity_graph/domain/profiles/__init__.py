"""Profiles: what a customer is like, derived from what events say of its identifiers, as the catalogue declares it."""
