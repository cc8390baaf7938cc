"""The people in the tests: Ada owns what it is about, Bob is a stranger to it, Carol administers the portal."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User

PASSWORD = "correct horse battery staple"


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", "ada@example.com", PASSWORD, first_name="Ada")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", "bob@example.com", PASSWORD, first_name="Bob")


@pytest.fixture
def carol(db: None) -> User:
    return User.objects.create_superuser("carol", "carol@example.com", PASSWORD, first_name="Carol")


@pytest.fixture
def ada_browses(ada: User) -> Client:
    return _logged_in(ada)


@pytest.fixture
def bob_browses(bob: User) -> Client:
    return _logged_in(bob)


@pytest.fixture
def carol_browses(carol: User) -> Client:
    return _logged_in(carol)


def _logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client
