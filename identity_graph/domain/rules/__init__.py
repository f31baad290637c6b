"""The rules: what they are, how a file of them is read, and what they make of a value."""
