"""`make run`: set up what is missing, then become the portal."""

import os
import sys

from prepare import PYTHON, ROOT, prepare
from steps import StepFailed

if __name__ == "__main__":
    try:
        prepare()
    except StepFailed:
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. `make run` goes on where it stopped.")
    os.chdir(ROOT)
    # In this process's place, so that Ctrl-C and SIGTERM reach the portal itself.
    os.execv(PYTHON, [str(PYTHON), "manage.py", "serve", *sys.argv[1:]])
