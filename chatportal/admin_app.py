"""Django's admin as an app with our arrangement. Apart from apps.py, where Django would take it for this app's own."""

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    default_site = "chatportal.administration.Administration"
