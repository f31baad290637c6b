"""What sources send, read into observations."""
