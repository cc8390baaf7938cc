"""A secret that opens a provider: an API key or an access token, encrypted."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.secrets import EncryptedTextField, SecretUnreadable
from upstream.models.cooling import WARM, Cooling
from upstream.models.provider import Provider
from upstream.tokens import read_token

NO_CAP = 10_000


def cap_of(most_at_once: int | None, kind: str) -> int:
    """How many answers at once, as it is set or, where it is not, by the provider's kind."""
    if most_at_once is not None:
        return most_at_once
    return 1 if kind == Provider.Kind.CHATGPT_TOKEN else NO_CAP


class CredentialQuerySet(models.QuerySet["Credential"]):
    def usable(self) -> CredentialQuerySet:
        """Those that may be leased, now or when they have cooled down."""
        healthy = self.filter(is_enabled=True, state=Credential.State.HEALTHY)
        return healthy.filter(provider__is_enabled=True)

    def forget_secrets(self) -> int:
        """Empty and disable them; returns how many."""
        return self.update(secret="", is_enabled=False, revision=models.F("revision") + 1)


class Credential(Cooling):
    """healthy → cooling (until, why) → healthy; expired and blocked until a new secret comes; disabled by hand."""

    class State(models.TextChoices):
        HEALTHY = "healthy", _("healthy")
        EXPIRED = "expired", _("expired or refused")
        BLOCKED = "blocked", _("blocked: the account was closed")

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="credentials")
    title = models.CharField(_("title"), max_length=80, blank=True)
    secret = EncryptedTextField(_("secret"), blank=True)
    # Grows whenever the secret changes: what was opened with the old one is not used with the new one.
    revision = models.PositiveIntegerField(default=0, editable=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    # What an access token says of itself (tokens.py); nothing is known of a key.
    account = models.CharField(_("account"), max_length=254, blank=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, editable=False)
    state = models.CharField(
        _("state"), max_length=16, choices=State, default=State.HEALTHY, editable=False
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("One with twice the weight takes twice as many answers at once."),
    )
    most_at_once = models.PositiveSmallIntegerField(
        _("answers at once"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: one for an access token, no limit for a key."),
    )
    most_a_minute = models.PositiveIntegerField(_("answers a minute"), null=True, blank=True)
    most_a_day = models.PositiveIntegerField(_("answers a day"), null=True, blank=True)
    last_success_at = models.DateTimeField(_("last success"), null=True, editable=False)
    last_error_at = models.DateTimeField(_("last error"), null=True, editable=False)
    last_error = models.CharField(
        _("what the last error said"), max_length=300, blank=True, editable=False
    )
    last_leased_at = models.DateTimeField(null=True, editable=False)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")

    def __str__(self) -> str:
        return self.title or f"{self.provider} {self.masked_tail}"

    def __repr__(self) -> str:
        return f"<Credential {self.pk}>"

    @property
    def masked_tail(self) -> str:
        """Enough of the secret to tell two apart, never enough to use."""
        return f"…{self.secret[-4:]}" if self.secret and len(self.secret) >= 12 else "…"

    def reveal(self) -> str:
        """The secret, for the request that needs it. Raises SecretUnreadable when no key opens it."""
        secret: str | None = self.secret
        if secret is None:
            raise SecretUnreadable(f"The secret of credential {self.pk} cannot be decrypted.")
        return secret

    def replace_secret(self, secret: str) -> None:
        if self.secret != secret:
            self.take_secret(secret)
            self.save()

    def take_secret(self, secret: str) -> None:
        """Have `secret` from now on, with what it says of itself; to be saved by the caller."""
        read = read_token(secret)
        self.secret = secret
        self.account, self.expires_at = read.account[:254], read.expires_at
        self.state = self.State.HEALTHY
        for name, value in WARM.items():
            setattr(self, name, value)
        self.revision += 1

    @property
    def cap(self) -> int:
        """How many answers it may write at once."""
        return cap_of(self.most_at_once, self.provider.kind)

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def days_left(self) -> int | None:
        """Whole days until it expires, negative afterwards; None where it does not say."""
        return (self.expires_at - timezone.now()).days if self.expires_at else None
