"""`make messages`: the catalogues of translations, brought up to date with what the sources say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = (
    *("node_modules", "staticfiles/*", "static/vendor/*", ".venv/*"),
    *("tests/*", "docs/*", "benchmarks/*", "scripts/*"),
)


def main() -> None:
    known = sorted(
        path.name for path in (ROOT / "locale").iterdir() if (path / "LC_MESSAGES").is_dir()
    )
    options = ["--no-location", "--no-obsolete", *(f"--ignore={each}" for each in LEFT_OUT)]
    for language in sys.argv[1:] or known:
        for domain in ("django", "djangojs"):
            command = [
                str(ROOT / ".venv/bin/python"),
                "manage.py",
                "makemessages",
                "-d",
                domain,
                "-l",
                language,
                *options,
            ]
            subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
