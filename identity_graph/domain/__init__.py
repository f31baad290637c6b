"""The pure heart: identifiers, rules, observations, resolution and sessions. No I/O, no clock, no database, no web."""
