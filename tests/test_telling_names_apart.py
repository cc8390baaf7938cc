"""Before the database kept them one, names that differ in capitals could stand beside each other."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.db import connection, transaction

from accounts.models import User

migration = importlib.import_module("accounts.migrations.0027_one_member_of_a_name")


@pytest.mark.django_db(transaction=True)
def test_whoever_came_first_keeps_the_name() -> None:
    constraint = next(c for c in User._meta.constraints if c.name == "one_member_of_a_name")
    with transaction.atomic():
        with connection.cursor() as cursor:  # as it was
            cursor.execute("DROP INDEX one_member_of_a_name")
        for name in ("Ada", "ada", "ADA", "ada2", "bob"):
            User.objects.create(username=name)
        migration.tell_apart(apps, None)
        with connection.cursor() as cursor:
            cursor.execute(str(constraint.create_sql(User, connection.schema_editor())))
    names = list(User.objects.order_by("pk").values_list("username", flat=True))
    assert names == ["Ada", "ada3", "ADA4", "ada2", "bob"]
