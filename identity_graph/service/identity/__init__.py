"""The part of a transaction that decides who is who, and writes it."""
