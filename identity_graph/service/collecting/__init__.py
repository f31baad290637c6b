"""From a message to an event: collecting, observing, dead letters."""
