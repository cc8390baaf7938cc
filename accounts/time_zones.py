"""Time zones, by the names that the system knows."""

from __future__ import annotations

import zoneinfo
from functools import lru_cache

# Aliases of others, and clocks that are no place's.
NOT_OFFERED = (
    "posix/",
    "right/",
    "Etc/",
    "SystemV/",
    "US/",
    "Brazil/",
    "Canada/",
    "Chile/",
    "Mexico/",
)


@lru_cache(maxsize=1)
def time_zones() -> list[str]:
    """Those of places, by name, and UTC. A system without a list knows UTC alone."""
    places = (name for name in zoneinfo.available_timezones() if "/" in name)
    return ["UTC", *sorted(name for name in places if not name.startswith(NOT_OFFERED))]


def time_zone_named(name: str) -> str:
    """The time zone that is meant by `name`, in any case and with blanks; empty where there is none."""
    wanted = name.strip().replace(" ", "_").casefold()
    return next((found for found in time_zones() if found.casefold() == wanted), "")


def zone(name: str) -> zoneinfo.ZoneInfo | None:
    """None for none, and for one that the system has forgotten."""
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
