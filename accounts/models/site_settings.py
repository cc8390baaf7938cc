"""What an administrator sets for the whole portal. One row, read anew by each request, so that every process obeys."""

from __future__ import annotations

from typing import Any, Self

from django.core.validators import MaxValueValidator, URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from accounts.secrets import EncryptedTextField

WEB_ADDRESS = URLValidator(schemes=["http", "https"])


class SiteSettings(models.Model):
    """Environment variables make it what it is at the first start; from then on the administration rules."""

    class SignUp(models.TextChoices):
        CLOSED = "closed", _("Closed: an administrator creates each account")
        INVITATION = "invitation", _("By invitation")
        ACCESS_CODE = "access_code", _("By access code, or by invitation")
        EMAIL_DOMAIN = (
            "email_domain",
            _("With an e-mail address of an allowed domain, or by invitation"),
        )
        APPROVAL = "approval", _("Anybody, when an administrator approves; or by invitation")

    class MailSecurity(models.TextChoices):
        NONE = "none", _("None")
        STARTTLS = "starttls", _("STARTTLS")
        TLS = "tls", _("TLS from the beginning")

    site_name = models.CharField(_("name of the portal"), max_length=60, blank=True)
    default_locale = models.CharField(_("default language"), max_length=16, blank=True)
    default_theme = models.CharField(
        _("default theme"), max_length=16, choices=User.Theme, default=User.Theme.SYSTEM
    )
    default_accent = models.CharField(
        _("default accent colour"), max_length=16, choices=User.Accent, default=User.Accent.BLUE
    )
    default_text_size = models.CharField(
        _("default text size"),
        max_length=16,
        choices=User.TextSize,
        default=User.TextSize.MEDIUM,
    )
    system_prompt = models.TextField(
        _("system prompt"),
        blank=True,
        max_length=20_000,
        help_text=_("What every new conversation begins with, unless a member has set their own."),
    )
    imprint_url = models.CharField(
        _("imprint"), max_length=500, blank=True, validators=[WEB_ADDRESS]
    )
    privacy_url = models.CharField(
        _("privacy policy"), max_length=500, blank=True, validators=[WEB_ADDRESS]
    )

    audit_days = models.PositiveIntegerField(
        _("days that “who did what” is kept"),
        default=365,
        validators=[MaxValueValidator(36_500)],
        help_text=_("0: for ever."),
    )
    deletion_days = models.PositiveSmallIntegerField(
        _("days before an account is deleted"),
        default=7,
        validators=[MaxValueValidator(365)],
        help_text=_("When its owner wishes it; until then they can take it back."),
    )

    sign_up = models.CharField(_("sign-up"), max_length=16, choices=SignUp, default=SignUp.CLOSED)
    allowed_email_domains = models.TextField(
        _("allowed e-mail domains"),
        blank=True,
        help_text=_("One a line, as in example.com; its sub-domains are not included."),
    )

    mail_host = models.CharField(_("mail server"), max_length=253, blank=True)
    mail_port = models.PositiveIntegerField(_("port"), default=587)
    mail_security = models.CharField(
        _("encryption"), max_length=8, choices=MailSecurity, default=MailSecurity.STARTTLS
    )
    mail_username = models.CharField(_("username at the mail server"), max_length=254, blank=True)
    mail_password = EncryptedTextField(_("password at the mail server"), blank=True)
    mail_sender = models.CharField(
        _("sender"), max_length=254, blank=True, help_text=_("As in chat@example.com")
    )

    # What was taken over from the environment, so that it is taken over once (first_run.py).
    taken_from_environment = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("portal settings")
        verbose_name_plural = _("portal settings")
        constraints = (
            models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_settings"),
        )

    def __str__(self) -> str:
        return str(_("Portal settings"))

    def __repr__(self) -> str:
        return "<SiteSettings>"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> Self:
        """The settings as they are now; those of a new portal where nothing was set yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def shown_name(self) -> str:
        return self.site_name or str(_("Chat Portal"))

    @property
    def lets_join(self) -> bool:
        """Whether there is a form that anybody may try."""
        return self.sign_up not in {self.SignUp.CLOSED, self.SignUp.INVITATION}

    @property
    def email_domains(self) -> set[str]:
        """In lower case, without the `@` that people write before them."""
        return {
            line.strip().lstrip("@").casefold()
            for line in self.allowed_email_domains.splitlines()
            if line.strip()
        }
