import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.models.invitation
import accounts.secrets


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_access"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="joined_by",
            field=models.CharField(
                choices=[
                    ("administrator", "an administrator"),
                    ("invitation", "an invitation"),
                    ("access_code", "an access code"),
                    ("email_domain", "an e-mail address of the team"),
                    ("approval", "signing up, with approval"),
                    ("single_sign_on", "single sign-on"),
                    ("proxy", "a proxy that names its people"),
                ],
                default="administrator",
                max_length=16,
                verbose_name="joined by",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="must_verify_email",
            field=models.BooleanField(default=False, verbose_name="must verify the e-mail address"),
        ),
        migrations.CreateModel(
            name="AccessCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        help_text="Whom you gave it to.", max_length=120, verbose_name="name"
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "uses",
                    models.PositiveIntegerField(
                        default=0, editable=False, verbose_name="came by it"
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last used"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="revoked"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="made"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whoever comes by it becomes a member of this group.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="auth.group",
                        verbose_name="group",
                    ),
                ),
            ],
            options={
                "verbose_name": "access code",
                "verbose_name_plural": "access codes",
                "ordering": ("-created_at",),
            },
        ),
        migrations.CreateModel(
            name="IdentityProvider",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        help_text="As it stands on the button of the log-in page.",
                        max_length=60,
                        verbose_name="title",
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        help_text="A part of its address here. The provider has to know that address.",
                        max_length=40,
                        unique=True,
                        verbose_name="short name",
                    ),
                ),
                (
                    "issuer",
                    models.CharField(
                        help_text="As in https://login.example.com/realms/team; what it says of itself is found below it at /.well-known/openid-configuration",
                        max_length=500,
                        validators=[django.core.validators.URLValidator(schemes=["https", "http"])],
                        verbose_name="issuer",
                    ),
                ),
                ("client_id", models.CharField(max_length=200, verbose_name="client id")),
                (
                    "client_secret",
                    accounts.secrets.EncryptedTextField(blank=True, verbose_name="client secret"),
                ),
                ("is_enabled", models.BooleanField(default=True, verbose_name="enabled")),
                (
                    "creates_accounts",
                    models.BooleanField(
                        default=True,
                        help_text="Otherwise only members who have connected it with their account come in.",
                        verbose_name="whoever it lets in gets an account",
                    ),
                ),
                (
                    "trusts_email",
                    models.BooleanField(
                        default=False,
                        help_text="A member with the same e-mail address is then the same person. Only for a provider whose people cannot write another's address into their profile.",
                        verbose_name="its e-mail addresses are verified",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whoever comes by it becomes a member of this group.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="auth.group",
                        verbose_name="group",
                    ),
                ),
            ],
            options={
                "verbose_name": "identity provider",
                "verbose_name_plural": "identity providers",
                "ordering": ("title",),
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "title",
                    models.CharField(
                        help_text="Whom or what it is for.", max_length=120, verbose_name="for"
                    ),
                ),
                (
                    "most_uses",
                    models.PositiveIntegerField(
                        default=1,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="people",
                    ),
                ),
                (
                    "uses",
                    models.PositiveIntegerField(
                        default=0, editable=False, verbose_name="came by it"
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(
                        default=accounts.models.invitation.in_a_week, verbose_name="expires"
                    ),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="revoked"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="made"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whoever comes by it becomes a member of this group.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="auth.group",
                        verbose_name="group",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ("-created_at",),
            },
        ),
    ]
