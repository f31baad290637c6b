"""The doctor in the terminal."""
