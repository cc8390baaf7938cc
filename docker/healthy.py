"""The image's health check: whether the portal in this container answers. Ends with 1 where it does not."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

if __name__ == "__main__":
    path = urlsplit(os.environ.get("PORTAL_URL", "")).path.rstrip("/")
    line = HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=4)
    try:
        line.request("GET", f"{path}/healthz")
        status = line.getresponse().status
    except (OSError, HTTPException) as error:
        sys.exit(f"The portal does not answer: {error}")
    if status != 200:
        sys.exit(f"The portal answers {status}.")
