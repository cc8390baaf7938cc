"""The key that secrets are encrypted with can be changed, and every secret opens afterwards with the new one alone."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from tests.filling import SECRET
from tests.places import Place

pytestmark = pytest.mark.once
OPENED = """
from allauth.mfa.models import Authenticator
from accounts.models import IdentityProvider, SiteSettings
from accounts.secrets import unseal
from upstream.models import Credential, Provider, Webhook
print(Credential.objects.get().secret, IdentityProvider.objects.get().client_secret,
      SiteSettings.current().mail_password, Webhook.objects.get().url, Provider.objects.get().proxy_url,
      unseal(Authenticator.objects.get().data["secret"]))
"""
ALL = f"{SECRET} {SECRET} {SECRET} https://hooks.example.com/x http://u:p@127.0.0.1:3128 JBSWY3DPEHPK3PXP"


def keys_of(filled: Place) -> list[str]:
    return (filled.data / "field_encryption_keys").read_text().split(",")


def opened(filled: Place) -> str:
    return filled.does("shell", "-v0", "-c", OPENED).strip()


def test_a_new_key_opens_all_and_the_old_is_kept_for_old_backups(filled: Place) -> None:
    (old,) = keys_of(filled)
    said = filled.does("rotate_keys", "--new-key")
    assert "6 secrets" in said
    new, kept = keys_of(filled)
    assert kept == old
    assert new not in said
    (filled.data / "field_encryption_keys").write_text(new)
    assert opened(filled) == ALL
    (filled.data / "field_encryption_keys").write_text(old)
    assert SECRET not in opened_or_not(filled), "the old key opens nothing any more"
    (filled.data / "field_encryption_keys").write_text(f"{new},{old}")
    filled.does("rotate_keys", "--forget-old")
    assert keys_of(filled) == [new]
    assert (filled.data / "field_encryption_keys").stat().st_mode & 0o077 == 0


def opened_or_not(filled: Place) -> str:
    done = filled.run("shell", "-v0", "-c", OPENED)
    return done.stdout + done.stderr


def test_keys_of_the_environment_are_changed_there(filled: Place) -> None:
    (old,) = keys_of(filled)
    new = Fernet.generate_key().decode()
    filled.environment["FIELD_ENCRYPTION_KEYS"] = f"{new},{old}"
    assert "restart the portal" in filled.refuses("rotate_keys", "--new-key")
    filled.does("rotate_keys")
    filled.environment["FIELD_ENCRYPTION_KEYS"] = new
    assert opened(filled) == ALL
    filled.environment["FIELD_ENCRYPTION_KEYS"] = Fernet.generate_key().decode()
    said = filled.refuses("rotate_keys")
    assert "upstream_credential 1 secret" in said
    assert "entered again" in said


def test_while_a_portal_runs_no_key_is_made(filled: Place) -> None:
    alive = "from conversations.models import EngineProcess as E; E.objects.create(host='x', process_id=1)"
    filled.does("shell", "-v0", "-c", alive)
    assert "Stop it first" in filled.refuses("rotate_keys", "--new-key")
    assert len(keys_of(filled)) == 1
