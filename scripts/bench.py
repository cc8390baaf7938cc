"""`make bench`: every benchmark after the other; each prints one JSON line a figure."""

from __future__ import annotations

import subprocess
import sys

from prepare import PYTHON, prepare
from steps import ROOT, StepFailed


def main() -> int:
    prepare()
    benchmarks = sorted((ROOT / "benchmarks").glob("[a-z]*.py"))
    failed = [
        path.name
        for path in benchmarks
        if subprocess.run([PYTHON, path.relative_to(ROOT)], cwd=ROOT, check=False).returncode
    ]
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StepFailed:
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
