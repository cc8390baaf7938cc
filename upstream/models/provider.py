"""A configured upstream service: which dialect it speaks, where it is, how long it may be silent."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.secrets import EncryptedTextField
from upstream.adapters import ADAPTERS
from upstream.models.cooling import Cooling
from upstream.models.offering import ProviderOfferedTo


def kinds() -> list[tuple[str, Any]]:
    """What a provider may be: the dialects that are registered, by their titles."""
    return [(kind, _(adapter.title)) for kind, adapter in ADAPTERS.items()]


class Provider(Cooling):
    class Kind:
        """The kinds that something in the portal treats in a way of their own."""

        OPENAI_CHAT = "openai_chat"
        CHATGPT_TOKEN = "chatgpt_token"

    class Origin(models.TextChoices):
        """Who set it up; what the portal set up itself it finds again at the next start."""

        ADMINISTRATOR = "administrator", _("An administrator")
        ENVIRONMENT = "environment", _("The environment")
        ENVIRONMENT_TOKEN = "environment-token", _("The environment, for an access token")
        DEMO = "demo", _("The built-in demo model")

    title = models.CharField(_("title"), max_length=80)
    kind = models.CharField(_("kind"), max_length=32, choices=kinds, default=Kind.OPENAI_CHAT)
    base_url = models.CharField(
        _("base URL"),
        max_length=500,
        help_text=_(
            "With the version, as in https://api.openai.com/v1; for access tokens the whole address of a turn, as in "
            "https://gateway.example/backend-api/conversation"
        ),
    )
    origin = models.CharField(
        max_length=32, choices=Origin, default=Origin.ADMINISTRATOR, editable=False
    )
    is_enabled = models.BooleanField(_("enabled"), default=True)
    offered_to = models.CharField(
        _("offered to"),
        max_length=16,
        choices=ProviderOfferedTo,
        default=ProviderOfferedTo.EVERYBODY,
        help_text=_("Counts for all its models, but for those that have a setting of their own."),
    )
    groups = models.ManyToManyField(
        Group,
        verbose_name=_("groups"),
        blank=True,
        related_name="providers",
        help_text=_("Whoever is in one of them may use it. None chosen: nobody may."),
    )
    own_host_may_be_private = models.BooleanField(
        _("may be on a private network"),
        default=False,
        help_text=_(
            "Allows this host, at this port, to have an address that is not on the public internet."
        ),
    )
    connect_seconds = models.PositiveSmallIntegerField(
        _("seconds to connect"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
    )
    silence_seconds = models.PositiveSmallIntegerField(
        _("seconds of silence allowed"),
        default=120,
        validators=[MinValueValidator(1), MaxValueValidator(3600)],
        help_text=_("Counts from the last sign of life, not from the beginning of the answer."),
    )
    longest_wait_seconds = models.PositiveSmallIntegerField(
        _("seconds to wait for a free credential"),
        default=300,
        validators=[MaxValueValidator(3600)],
        help_text=_("When all are busy, members wait in line; after this they are told why."),
    )
    continues_prefilled = models.BooleanField(
        _("goes on with a begun answer"),
        default=False,
        help_text=_(
            "llama.cpp and vLLM do. Other services are asked in words to go on where they stopped."
        ),
    )

    history_off = models.BooleanField(
        _("ask the vendor to keep no history"),
        default=False,
        help_text=_("For access tokens, where the gateway offers it."),
    )
    # A proxy may carry a password, so that it is kept like a secret.
    proxy_url = EncryptedTextField(_("proxy"), blank=True)
    proxy_may_be_private = models.BooleanField(
        _("the proxy may be on a private network"), default=False
    )
    operator_acknowledged = models.BooleanField(
        _("I know who operates this address"),
        default=False,
        help_text=_(
            "Whoever operates it sees the access token, with which they can do all that its owner can, and every "
            "conversation. The account's owner can read the conversations on the vendor's page."
        ),
    )

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ("title",)
        constraints = (
            models.UniqueConstraint(
                fields=("origin",),
                condition=~models.Q(origin="administrator"),
                name="one_provider_of_our_own_each",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def takes_access_tokens(self) -> bool:
        """Whether it lends somebody's account, who can then read on the vendor's page what is said through it."""
        return self.kind == self.Kind.CHATGPT_TOKEN

    @property
    def shown_proxy(self) -> str:
        """The proxy without the name and password in it."""
        parts = urlsplit(self.proxy_url or "")
        return f"{parts.scheme}://{parts.hostname}:{parts.port}" if parts.hostname else ""
