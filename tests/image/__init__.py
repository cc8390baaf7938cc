"""Building the image without an engine: the Dockerfile's instructions, each carried out in a root of its own."""
