from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import access, password, witness  # noqa: F401 (receivers of allauth's and Django's signals)

        witness.watch_second_factors()
