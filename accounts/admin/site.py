"""The admin as a whole: its log-in is the portal's, and so is its name."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

# The admin's own log-in knows no rate limit and no second factor; allauth's does.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_title = _(
    "Administration"
)  # after the portal's name: templates/admin/base_site.html
admin.site.index_title = _("What to look after")

# allauth's own pages would show what is nobody's business (a session's key, what a second factor is made of), or what
# here is kept elsewhere (identity_provider.py).
for model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession):
    admin.site.unregister(model)
