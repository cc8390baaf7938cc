"""Keeps a filled portal of the present version, for the test that later ones take it over.

    .venv/bin/python -m tests.upgrades.make

Run it before a version is tagged, and commit the file.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from chatportal.version import VERSION
from tests.places import Place

FOLDER = Path(__file__).resolve().parent
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="  # of no real portal
ENVIRONMENT = {
    "FIELD_ENCRYPTION_KEYS": KEY,
    "SECRET_KEY": "of no real portal either, and long enough for it",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder) / "data")
        place.environment |= ENVIRONMENT
        place.filled()
        path = FOLDER / f"{VERSION}.zip"
        path.unlink(missing_ok=True)
        print(place.does("backup", str(path)))


if __name__ == "__main__":
    main()
