"""Changing the key that secrets are encrypted with: each is opened with whichever key opens it, and sealed with the
first. A row that changes meanwhile is left alone; it was sealed with the first anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import connection

from accounts.secrets import EncryptedTextField, is_sealed, sealed_anew


def sealed_columns() -> Iterator[tuple[str, str, str]]:
    """(table, name of its key, column) of every field that is encrypted."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model._meta.db_table, str(model._meta.pk.column), str(field.column)


def rotate_all() -> tuple[int, list[str]]:
    """How many were sealed anew, and which no key opens (as "table key column")."""
    count, unreadable = 0, []
    for table, key, column in sealed_columns():
        done, failed = _rotate_column(table, key, column)
        count += done
        unreadable += [f"{table} {pk} {column}" for pk in failed]
    for authenticator in Authenticator.objects.all():
        try:
            anew = _anew_within(authenticator.data)
        except InvalidToken:
            unreadable.append(f"{authenticator._meta.db_table} {authenticator.pk} data")
            continue
        if anew != authenticator.data:
            same = Authenticator.objects.filter(pk=authenticator.pk, data=authenticator.data)
            count += same.update(data=anew)
    return count, unreadable


def _rotate_column(table: str, key: str, column: str) -> tuple[int, list[Any]]:
    quote = connection.ops.quote_name
    table, key, column = quote(table), quote(key), quote(column)
    count, failed = 0, []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, {column} FROM {table} WHERE {column} <> ''")
        for pk, sealed in cursor.fetchall():
            try:
                anew = sealed_anew(sealed)
            except InvalidToken:
                failed.append(pk)
                continue
            cursor.execute(
                f"UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s",
                [anew, pk, sealed],
            )
            count += cursor.rowcount
    return count, failed


def _anew_within(value: Any) -> Any:
    """JSON of others, in which some texts are sealed."""
    if isinstance(value, str) and is_sealed(value):
        return sealed_anew(value)
    if isinstance(value, dict):
        return {name: _anew_within(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_anew_within(each) for each in value]
    return value
