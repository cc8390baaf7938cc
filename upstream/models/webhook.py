"""Where administrators want to be told, beside the admin and e-mail."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.secrets import EncryptedTextField


class Webhook(models.Model):
    class Kind(models.TextChoices):
        SLACK = "slack", "Slack"
        WECOM = "wecom", "WeCom (企业微信)"
        FEISHU = "feishu", "Feishu (飞书)"
        ANY = "any", _("Any URL (JSON)")

    title = models.CharField(_("title"), max_length=80)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.SLACK)
    url = EncryptedTextField(_("URL"))  # whoever has it can write there
    may_be_private = models.BooleanField(_("may be on a private network"), default=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    @property
    def shown_url(self) -> str:
        """Its host, without the part that lets one write there."""
        parts = urlsplit(self.url or "")
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}/…" if host else ""
