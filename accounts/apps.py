from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        # Receivers of allauth's and Django's signals.
        from accounts import access, consequences, witness  # noqa: F401
