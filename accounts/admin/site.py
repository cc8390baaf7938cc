"""The admin as a whole: its log-in is the portal's, and so is its name."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

# The admin's own log-in knows no rate limit and no second factor; allauth's does.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_title = _(
    "Administration"
)  # after the portal's name: templates/admin/base_site.html
admin.site.index_title = _("What to look after")
