"""Which language somebody is written to in: nobody's page is open then to say it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import translation

from accounts.models import SiteSettings


def language_of(person: Any) -> str:
    """The one that they chose, else the portal's."""
    for locale in (getattr(person, "locale", ""), SiteSettings.current().default_locale):
        if locale and translation.check_for_language(locale):
            return str(locale)
    return settings.LANGUAGE_CODE


def in_language_of(person: Any) -> Any:
    return translation.override(language_of(person))
