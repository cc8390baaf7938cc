"""Whether the process lives, and whether it can serve: for whatever watches over it."""

from __future__ import annotations

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

_migrated = False


@login_not_required
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"alive": True})


@login_not_required
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """503 with the name of what is missing; no detail, since anybody may ask."""
    checks = {"database": _database_answers(), "migrations": False}
    if checks["database"]:
        checks["migrations"] = _is_migrated()
    if settings.REDIS_URL:
        checks["redis"] = redis_answers()
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except (DatabaseError, InterfaceError):
        return False


def redis_answers() -> bool:
    with redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3) as client:
        try:
            return bool(client.ping())
        except (redis.RedisError, OSError):
            return False


def _is_migrated() -> bool:
    global _migrated
    if (
        not _migrated
    ):  # it stays so while this process runs, and to look means to read all migrations
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
