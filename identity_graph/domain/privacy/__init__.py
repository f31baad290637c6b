"""Requests of people about their data, and what erasure leaves behind."""
