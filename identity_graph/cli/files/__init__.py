"""Commands about files: import, export, simulate."""
