"""Where pages hear events. Below any sub-path: a proxy may hand the path over with it or without."""

from __future__ import annotations

from django.urls import re_path

from conversations.consumers import PageConsumer

websocket_urlpatterns = [re_path(r"(?:.*/)?ws/$", PageConsumer.as_asgi())]
STREAM = r"(?:.*/)?stream/$"
