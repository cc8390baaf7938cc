"""Which portal this is. pyproject.toml says the same, and the changelog what is new in it."""

VERSION = "0.1.0"
