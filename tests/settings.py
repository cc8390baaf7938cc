"""The portal's settings as the tests want them: data of their own, quick passwords, nothing from this machine."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

# Before the settings are read: neither a member's .env nor a developer's shell may steer a test.
for _name in list(os.environ):
    if _name.startswith(("PORTAL_", "OPENAI_", "SOCKS_PROXY_")) or _name.removesuffix("_FILE") in {
        "SECRET_KEY",
        "FIELD_ENCRYPTION_KEYS",
        "EMAIL_URL",
        "REDIS_URL",
        "MAX_REQUEST_PER_HOUR",
    }:
        del os.environ[_name]
_data = tempfile.mkdtemp(prefix="chatportal-test-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ["PORTAL_DATA_DIR"] = _data

from chatportal.settings import *  # noqa: E402, F403
from chatportal.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["tests.hashing.CountedHasher"]
PORTAL_DRAIN_SECONDS = 1
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# The hashed names need a collectstatic, which is a step of its own in `make test`.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

if DATABASES["default"]["ENGINE"] == "chatportal.sqlite":
    # A file, as in life. In memory, a second thread's write would fail with "table is locked".
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
