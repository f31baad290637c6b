"""Commands about customers: lookup, why, changes."""
