"""Times as other systems write them: seconds, milliseconds, ISO 8601, or whatever the browser's locale made of one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Any

EARLIEST, LATEST = 946_684_800.0, 4_102_444_800.0  # 2000 to 2100: what lies outside is a mistake
MILLISECONDS_FROM = 1e11

AFTERNOON = re.compile(r"\bp\.?\s?m\b|下午|晚上|오후|午後|\bCH\b", re.IGNORECASE)
MORNING = re.compile(r"\ba\.?\s?m\b|上午|凌晨|早上|오전|午前|\bSA\b", re.IGNORECASE)
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
DATE = re.compile(r"(\d{1,4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,4})")


def seconds(value: Any) -> float | None:
    """Seconds since 1970 of a number or an ISO text; None for what is no time."""
    if isinstance(value, dict):  # {"$date": …}, as MongoDB writes it
        value = value.get("$date", value.get("$numberLong"))
        return seconds(value)
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = float(value) if abs(value) < 1e18 else 0.0
    number = number / 1000 if number >= MILLISECONDS_FROM else number
    return number if EARLIEST <= number <= LATEST else None


def _of_text(text: str) -> float | None:
    if re.fullmatch(r"\d{9,16}(\.\d+)?", text):
        return seconds(float(text))
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return seconds(moment.timestamp())
    except (ValueError, OverflowError):
        return None


def local_seconds(text: Any, zone: tzinfo) -> float | None:
    """Of a text that `Date.toLocaleString()` wrote in some language, on a clock in `zone`."""
    if not isinstance(text, str) or len(text) > 100:
        return None if isinstance(text, str) else seconds(text)
    date, clock = DATE.search(text), CLOCK.search(text)
    if date is None or clock is None:
        return _of_text(text)
    year, month, day = _date(int(date[1]), int(date[2]), int(date[3]), text)
    hour, minute = int(clock[1]), int(clock[2])
    if AFTERNOON.search(text) and hour < 12:
        hour += 12
    elif MORNING.search(text) and hour == 12:
        hour = 0
    try:
        moment = datetime(year, month, day, hour, minute, int(clock[3] or 0), tzinfo=zone)
        return seconds(moment.timestamp())
    except (ValueError, OverflowError):
        return None


def _date(first: int, second: int, third: int, text: str) -> tuple[int, int, int]:
    """Year, month and day. Of 3/4 only American English, which writes AM and PM in capitals, has the month first."""
    if first > 31:
        return first, second, third
    american = second > 12 or (first <= 12 and re.search(r"[AP]M\b", text) is not None)
    return (third, first, second) if american else (third, second, first)
