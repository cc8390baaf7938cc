"""Where everything is found."""

from typing import NoReturn

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.urls import include, path
from django.views.i18n import JavaScriptCatalog

from chatportal import health

catalog = JavaScriptCatalog.as_view(packages=["chatportal", "conversations"])


@login_not_required
def no_such_page(request: HttpRequest) -> NoReturn:
    """Stands where a page would be that only works with mail."""
    raise Http404


handler400 = "chatportal.error_pages.bad_request"
handler403 = "chatportal.error_pages.permission_denied"
handler404 = "chatportal.error_pages.page_not_found"
handler500 = "chatportal.error_pages.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("script-texts.js", login_not_required(catalog), name="javascript-catalog"),
    path("admin/", admin.site.urls),
    *([] if settings.PORTAL_SENDS_MAIL else [path("accounts/password/reset/", no_such_page)]),
    path("accounts/", include("allauth.account.urls")),
    path("", include("accounts.urls")),
    path("", include("upstream.urls")),
    path("", include("conversations.urls")),
]
