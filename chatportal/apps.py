from django.apps import AppConfig


class ChatportalConfig(AppConfig):
    name = "chatportal"

    def ready(self) -> None:
        from chatportal import checks  # noqa: F401 (registers the system checks)
