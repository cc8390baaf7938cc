"""Encryption at rest. The first of FIELD_ENCRYPTION_KEYS encrypts, each of them decrypts, so that keys can rotate."""

from __future__ import annotations

import contextlib
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

BEGINNING = "gAAAA"  # of every Fernet token: its version, and the first bytes of the time


class SecretUnreadable(Exception):
    """No key that is configured opens this secret. It has to be entered again, or the key given back."""


class EncryptedTextField(models.TextField):
    """Text that is plain in Python and ciphertext in the database. It cannot be searched for."""

    def get_prep_value(self, value: Any) -> Any:
        return _keys().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if not value:
            return value
        try:
            return _keys().decrypt(value.encode()).decode()
        except InvalidToken:
            # Raised when it is used (credential.py): a page that lists credentials must still open.
            return None

    def value_to_string(self, obj: Any) -> str:
        """For dumpdata: what leaves the database leaves it encrypted."""
        return str(self.get_prep_value(self.value_from_object(obj)) or "")

    def to_python(self, value: Any) -> Any:
        """For loaddata: what was dumped is opened; all else is text as it was entered."""
        if isinstance(value, str) and is_sealed(value):
            with contextlib.suppress(InvalidToken):
                return _keys().decrypt(value.encode()).decode()
        return super().to_python(value)


def seal(text: str) -> str:
    """`text`, encrypted, for a column that is plain text to Django."""
    return _keys().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """The text of a column that was read as it stands in the database. Raises SecretUnreadable.

    What was opened is remembered: it costs more than all else that leasing a credential does.
    """
    return _unseal(sealed, tuple(settings.FIELD_ENCRYPTION_KEYS)) if sealed else ""


@lru_cache(maxsize=512)
def _unseal(sealed: str, _keys_in_use: tuple[str, ...]) -> str:
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable("No key that is configured opens this secret.") from error


def is_sealed(text: str) -> bool:
    return text.startswith(BEGINNING)


def sealed_anew(sealed: str) -> str:
    """With the first of the keys. Raises InvalidToken where none opens it."""
    return _keys().rotate(sealed.encode()).decode()


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in settings.FIELD_ENCRYPTION_KEYS])
