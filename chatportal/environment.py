"""The environment, with a sentence for what cannot be used. An empty variable is one that is not set."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

import environ

from chatportal.refusal import CannotStart


class Environment(environ.Env):
    """django-environ's reader, and what it has no word for."""

    def secret(self, name: str) -> str:
        """What NAME holds, or the file that NAME_FILE names; "" without either.

        To the letter: environ would take a value that starts with "$" for another variable's name.
        """
        given, file = self.ENVIRON.get(name, ""), self.ENVIRON.get(f"{name}_FILE", "")
        if given and file:
            raise CannotStart(f"{name} and {name}_FILE are both set. Leave one of them out.")
        return _content(f"{name}_FILE", Path(file)) if file else given

    def whole(self, name: str, default: int) -> int:
        value = self.ENVIRON.get(name, "").strip()
        try:
            return int(value) if value else default
        except ValueError:
            raise CannotStart(f"{name} has to be a whole number, and is “{value}”.") from None

    def address(self, name: str) -> SplitResult:
        """An http address without a slash at its end; an empty one where there is none."""
        value = self.ENVIRON.get(name, "").strip().rstrip("/")
        try:
            address = urlsplit(value)
            usable = address.scheme in {"http", "https"} and address.hostname and address.port != 0
        except ValueError:
            usable = False
        if value and not usable:
            raise CannotStart(
                f"{name} is no address: write it as members type it, with http:// or https:// before it, "
                "as in https://chat.example.com"
            )
        return urlsplit(value)

    def time_zone(self, name: str) -> str:
        value = self.ENVIRON.get(name, "") or "UTC"
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):  # the last: a name that is not listed
            raise CannotStart(
                f"{name}={value} is no time zone that this system knows. Write it as in Europe/Berlin."
            ) from None
        return value


def _content(variable: str, path: Path) -> str:
    try:
        text = path.read_text("utf-8").rstrip("\r\n")
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise CannotStart(
            f"{variable}: {path} cannot be read ({reason}). The user that the portal runs as has to be allowed to."
        ) from error
    except ValueError as error:
        raise CannotStart(f"{variable}: {path} is not text in UTF-8.") from error
    if not text.strip():
        raise CannotStart(f"{variable}: {path} is empty.")
    return text
