import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.secrets


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_enter_key_and_typewriter"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="awaits_approval",
            field=models.BooleanField(default=False, verbose_name="awaits approval"),
        ),
        migrations.AddField(
            model_name="user",
            name="deletion_due_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="is deleted at"),
        ),
        migrations.AddField(
            model_name="user",
            name="time_zone",
            field=models.CharField(blank=True, max_length=64, verbose_name="time zone"),
        ),
        migrations.CreateModel(
            name="GroupPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "requires_second_factor",
                    models.BooleanField(
                        default=False,
                        help_text="Its members can do nothing before they have set one up.",
                        verbose_name="requires a second factor",
                    ),
                ),
                (
                    "group",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="policy",
                        to="auth.group",
                    ),
                ),
            ],
            options={
                "verbose_name": "policy",
                "verbose_name_plural": "policies",
            },
        ),
        migrations.CreateModel(
            name="SiteSettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "site_name",
                    models.CharField(blank=True, max_length=60, verbose_name="name of the portal"),
                ),
                (
                    "default_locale",
                    models.CharField(blank=True, max_length=16, verbose_name="default language"),
                ),
                (
                    "default_theme",
                    models.CharField(
                        choices=[("system", "As the system"), ("light", "Light"), ("dark", "Dark")],
                        default="system",
                        max_length=16,
                        verbose_name="default theme",
                    ),
                ),
                (
                    "system_prompt",
                    models.TextField(
                        blank=True,
                        help_text="What every new conversation begins with, unless a member has set their own.",
                        max_length=20000,
                        verbose_name="system prompt",
                    ),
                ),
                (
                    "imprint_url",
                    models.CharField(
                        blank=True,
                        max_length=500,
                        validators=[django.core.validators.URLValidator(schemes=["http", "https"])],
                        verbose_name="imprint",
                    ),
                ),
                (
                    "privacy_url",
                    models.CharField(
                        blank=True,
                        max_length=500,
                        validators=[django.core.validators.URLValidator(schemes=["http", "https"])],
                        verbose_name="privacy policy",
                    ),
                ),
                (
                    "sign_up",
                    models.CharField(
                        choices=[
                            ("closed", "Closed: an administrator creates each account"),
                            ("invitation", "By invitation"),
                            ("access_code", "By access code, or by invitation"),
                            (
                                "email_domain",
                                "With an e-mail address of an allowed domain, or by invitation",
                            ),
                            (
                                "approval",
                                "Anybody, when an administrator approves; or by invitation",
                            ),
                        ],
                        default="closed",
                        max_length=16,
                        verbose_name="sign-up",
                    ),
                ),
                (
                    "allowed_email_domains",
                    models.TextField(
                        blank=True,
                        help_text="One a line, as in example.com; its sub-domains are not included.",
                        verbose_name="allowed e-mail domains",
                    ),
                ),
                (
                    "mail_host",
                    models.CharField(blank=True, max_length=253, verbose_name="mail server"),
                ),
                ("mail_port", models.PositiveIntegerField(default=587, verbose_name="port")),
                (
                    "mail_security",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("starttls", "STARTTLS"),
                            ("tls", "TLS from the beginning"),
                        ],
                        default="starttls",
                        max_length=8,
                        verbose_name="encryption",
                    ),
                ),
                (
                    "mail_username",
                    models.CharField(
                        blank=True, max_length=254, verbose_name="username at the mail server"
                    ),
                ),
                (
                    "mail_password",
                    accounts.secrets.EncryptedTextField(
                        blank=True, verbose_name="password at the mail server"
                    ),
                ),
                (
                    "mail_sender",
                    models.CharField(
                        blank=True,
                        help_text="As in chat@example.com",
                        max_length=254,
                        verbose_name="sender",
                    ),
                ),
                ("taken_from_environment", models.JSONField(default=list, editable=False)),
            ],
            options={
                "verbose_name": "portal settings",
                "verbose_name_plural": "portal settings",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="one_row_of_settings"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="when"
                    ),
                ),
                ("action", models.CharField(db_index=True, max_length=64, verbose_name="what")),
                ("actor_name", models.CharField(blank=True, max_length=254, verbose_name="name")),
                (
                    "object_type",
                    models.CharField(blank=True, max_length=64, verbose_name="kind of object"),
                ),
                (
                    "object_id",
                    models.CharField(blank=True, max_length=64, verbose_name="id of the object"),
                ),
                (
                    "object_name",
                    models.CharField(blank=True, max_length=254, verbose_name="object"),
                ),
                ("detail", models.CharField(blank=True, max_length=500, verbose_name="detail")),
                (
                    "address",
                    models.GenericIPAddressField(blank=True, null=True, verbose_name="address"),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit record",
                "verbose_name_plural": "audit records",
                "ordering": ("-at", "-pk"),
                "indexes": [models.Index(fields=["actor", "at"], name="audit_of_a_person")],
            },
        ),
    ]
