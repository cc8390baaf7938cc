"""A quick password hasher that counts: how often one was worked out is how long an answer takes in life."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import MD5PasswordHasher


class CountedHasher(MD5PasswordHasher):
    worked_out = 0

    def encode(self, password: str, salt: str) -> Any:
        CountedHasher.worked_out += 1
        return super().encode(password, salt)
