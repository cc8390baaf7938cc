"""What stops the portal at its start: a sentence for the person who runs it, never a traceback."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured


class CannotStart(ImproperlyConfigured):
    """The message says what is wrong and what to do, and holds no secret."""
