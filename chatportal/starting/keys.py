"""The keys: a portal that holds secrets, and none that it can open, was started without its keys."""

from __future__ import annotations

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connection

from accounts.rotating import sealed_columns
from accounts.secrets import sealed_anew
from chatportal.refusal import CannotStart

LOOKED_AT = 100  # of each column


def refuse_lost_keys() -> None:
    sealed = list(_some_secrets())
    if not sealed or any(_opens(each) for each in sealed):
        return
    raise CannotStart(
        "No key opens the secrets in the database: FIELD_ENCRYPTION_KEYS is not the one that they were encrypted with, "
        f"or the file {settings.DATA_DIR / 'field_encryption_keys'} was left behind.\n"
        "Give it back. If it is lost, start once with --without-keys, and enter the secrets again. "
        "Nothing was changed."
    )


def _some_secrets() -> list[str]:
    found = []
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table, _key, column in sealed_columns():
            cursor.execute(
                f"SELECT {quote(column)} FROM {quote(table)} WHERE {quote(column)} <> '' LIMIT {LOOKED_AT}"
            )
            found += [row[0] for row in cursor.fetchall()]
    return found


def _opens(sealed: str) -> bool:
    try:
        sealed_anew(sealed)
    except InvalidToken:
        return False
    return True
