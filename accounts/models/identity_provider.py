"""Another service that says who somebody is: an OpenID provider, for single sign-on."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.secrets import EncryptedTextField


class IdentityProvider(models.Model):
    title = models.CharField(
        _("title"), max_length=60, help_text=_("As it stands on the button of the log-in page.")
    )
    slug = models.SlugField(
        _("short name"),
        unique=True,
        max_length=40,
        help_text=_("A part of its address here. The provider has to know that address."),
    )
    issuer = models.CharField(
        _("issuer"),
        max_length=500,
        validators=[URLValidator(schemes=["https", "http"])],
        help_text=_(
            "As in https://login.example.com/realms/team; what it says of itself is found below it at "
            "/.well-known/openid-configuration"
        ),
    )
    client_id = models.CharField(_("client id"), max_length=200)
    client_secret = EncryptedTextField(_("client secret"), blank=True)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    creates_accounts = models.BooleanField(
        _("whoever it lets in gets an account"),
        default=True,
        help_text=_("Otherwise only members who have connected it with their account come in."),
    )
    trusts_email = models.BooleanField(
        _("its e-mail addresses are verified"),
        default=False,
        help_text=_(
            "A member with the same e-mail address is then the same person. Only for a provider whose people cannot "
            "write another's address into their profile."
        ),
    )
    group = models.ForeignKey(
        Group,
        verbose_name=_("group"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Whoever comes by it becomes a member of this group."),
    )

    class Meta:
        verbose_name = _("identity provider")
        verbose_name_plural = _("identity providers")
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    def __repr__(self) -> str:
        return f"<IdentityProvider {self.pk}>"
