#!/usr/bin/env python
"""Run an administrative command of the portal."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatportal.settings")
    from django.core.management import execute_from_command_line

    from chatportal.refusal import CannotStart

    try:
        execute_from_command_line(sys.argv)
    except CannotStart as refusal:
        sys.exit(str(refusal))
