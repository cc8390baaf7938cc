"""Where everything is found."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog, set_language

from accounts.views import passwords, sessions, single_sign_on
from chatportal import health, installing
from chatportal.doctor import door

catalog = JavaScriptCatalog.as_view(packages=["chatportal", "conversations"])


handler400 = "chatportal.error_pages.bad_request"
handler403 = "chatportal.error_pages.permission_denied"
handler404 = "chatportal.error_pages.page_not_found"
handler500 = "chatportal.error_pages.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("doctor/echo/", door.echo, name="doctor-echo"),
    path("doctor/drip/", door.drip, name="doctor-drip"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("service-worker.js", installing.service_worker, name="service-worker"),
    path("offline/", installing.offline, name="offline"),
    path("script-texts.js", login_not_required(catalog), name="javascript-catalog"),
    path("admin/", admin.site.urls),
    path(
        "accounts/signup/", login_not_required(RedirectView.as_view(pattern_name="accounts:join"))
    ),
    path("accounts/password/reset/", passwords.password_reset, name="account_reset_password"),
    path("accounts/sessions/", sessions.session_list, name="usersessions_list"),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("accounts/connections/", include("allauth.socialaccount.urls")),
    path(
        "accounts/single-sign-on/<slug:provider_id>/",
        single_sign_on.single_sign_on,
        name="openid_connect_login",
    ),
    path(
        "accounts/single-sign-on/<slug:provider_id>/return/",
        single_sign_on.single_sign_on_return,
        name="openid_connect_callback",
    ),
    path("accounts/", include("allauth.account.urls")),
    path("", include("accounts.urls")),
    path("", include("upstream.urls")),
    path("", include("conversations.urls")),
]
