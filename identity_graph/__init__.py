"""Identity Graph: one customer out of every trace a person leaves."""

__version__ = "0.1.0"
