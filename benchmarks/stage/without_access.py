"""As sending_only.py, without authentication and access: nobody is asked who they are, what they may use, how much.

The baseline of benchmarks/access.py, and for nothing else: whoever names a member is that member.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from benchmarks.stage.sending_only import *  # noqa: F403
from benchmarks.stage.sending_only import MIDDLEWARE as WITH_ACCESS

LEFT_OUT = ("sessions", "contrib.auth", "accounts.", "contrib.messages")
MIDDLEWARE = [
    "benchmarks.stage.without_access.NobodyAsks",
    *(name for name in WITH_ACCESS if not any(part in name for part in LEFT_OUT)),
]
SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410"]


class NobodyAsks:
    """Takes the member from a header, and has every door of access stand open."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        from accounts.models import SiteSettings, User
        from conversations import turns
        from upstream.models.language_model import LanguageModelQuerySet

        def usable_by(models: Any, user: Any) -> Any:
            found = models.filter(is_enabled=True).select_related("provider")
            return found.order_by("-is_default", "position", "title")

        LanguageModelQuerySet.usable_by = usable_by  # type: ignore[method-assign]
        turns.reserve = lambda *_args, **_more: None
        self.portal = SiteSettings()
        self.member = lru_cache(User.objects.get)
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        request.user = self.member(username=request.headers.get("X-Member", "member-0"))
        request.session = {}
        request.portal = self.portal
        return self.get_response(request)
