"""What all tests share: the people, coroutines as tests, which database a test is about, and a watch over skips."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.db import connection
from django.utils import translation
from whitenoise.base import WhiteNoise

from tests.skips import SkipWatch

pytest_plugins = [
    "tests.people",
    "tests.portal",
    "tests.portal_process",
    "tests.doors",
    "tests.places",
]


# How long an example takes says something of the machine only.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")

_read_folder = WhiteNoise.update_files_dictionary
_folders: dict[tuple[str, str], dict[str, Any]] = {}


def _read_folder_once(self: Any, root: str, prefix: str) -> None:
    """Each test client builds the middleware anew, and WhiteNoise looks at thousands of files each time: a fifth of a
    second, which all clients together make minutes.
    """
    if (root, prefix) not in _folders:
        _read_folder(self, root, prefix)
        _folders[root, prefix] = dict(self.files)
    self.files.update(_folders[root, prefix])


WhiteNoise.update_files_dictionary = _read_folder_once


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SkipWatch(), "skip-watch")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what says nothing about the database of this run; `make test` has a run for each."""
    not_here = {"sqlite": {"postgresql"}, "postgresql": {"sqlite", "once"}}[connection.vendor]
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in not_here)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Run `async def` tests in the thread of the test's transaction.

    With pytest-asyncio the ORM's calls would go to another thread and connection: they would see none of the test's
    rows and be rolled back by nobody. async_to_sync brings them back to this thread.
    """
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        pyfuncitem.obj = functools.wraps(pyfuncitem.obj)(async_to_sync(pyfuncitem.obj))


@pytest.fixture(autouse=True)
def _nothing_of_the_test_before() -> Iterator[None]:
    """A request's language stays active in its thread, and what counts tries of log-in counts by address."""
    yield
    translation.deactivate()
    cache.clear()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """An empty Valkey, started by `make test`."""
    url = os.environ.get("TEST_REDIS_URL")
    if not url:
        pytest.skip("no Valkey: run the tests by make test")
    return url
