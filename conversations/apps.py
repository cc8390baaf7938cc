from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        from accounts.leaving import keepers
        from conversations import keeper
        from conversations.generation.waiting import waiting_by_provider
        from upstream.pool.figures import waiting_counters

        keepers.append(keeper)  # accounts does not know what is kept for people
        waiting_counters.append(waiting_by_provider)  # upstream does not know who waits
