"""Texts of Django's and allauth's that we show and that some of their catalogues lack: so they stand in ours.

Nobody imports this; whoever extracts finds it.
"""

from django.utils.translation import gettext_noop, ngettext_lazy, pgettext_lazy

TEXTS = (
    ngettext_lazy("%(num)d minute", "%(num)d minutes", "num"),
    gettext_noop("Current Password"),
    gettext_noop("Email"),
    pgettext_lazy("field label", "Login"),
    gettext_noop("Username or email"),
    gettext_noop("Filter navigation items"),
    gettext_noop("New Password"),
    gettext_noop("New Password (again)"),
    gettext_noop("Select all objects on this page for an action"),
    gettext_noop("Select this object for an action - {}"),
    gettext_noop("Show counts"),
    gettext_noop("Sidebar"),
    gettext_noop("Skip to main content"),
    gettext_noop("Toggle navigation"),
    gettext_noop("Use authenticator app or code"),
    gettext_noop("Use your password"),
    gettext_noop("View selected %(model)s"),
    gettext_noop("%s GB"),
    gettext_noop("Add link"),
    gettext_noop("After you’ve created a user, you’ll be able to edit more user options."),
    gettext_noop("Change or view list link"),
    gettext_noop("Disabled"),
    gettext_noop("Enabled"),
    gettext_noop("Model name"),
    gettext_noop("Password-based authentication"),
    gettext_noop("Raw passwords are not stored, so there is no way to see the user’s password."),
    gettext_noop("Reset password"),
    gettext_noop(
        "Whether the user will be able to authenticate using a password or not. If disabled, they may still be able "
        "to authenticate using other backends, such as Single Sign-On or LDAP."
    ),
    gettext_noop("Your password"),
    gettext_noop("hash"),
    gettext_noop("salt"),
)
