"""Alerts by webhook: what each service is sent, and whether its answer means that it took it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from upstream.models import Alert, Webhook
from upstream.pool.alerts import claim, note_told, note_untold, page_of

# WeCom and Feishu refuse with HTTP 200, and a number other than 0 in the body. Sources: the services' documentation.
NUMBERS = {Webhook.Kind.WECOM: ("errcode", "errmsg"), Webhook.Kind.FEISHU: ("code", "msg")}


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """What is to be posted where, as plain values."""

    alert_id: int
    kind: str
    url: str = field(repr=False)
    may_be_private: bool
    body: dict[str, Any]


def claim_webhook_calls() -> list[WebhookCall]:
    """The calls that wait; each is given to one process."""
    calls = []
    for alert in claim(Alert.objects.filter(webhook__is_enabled=True)):
        webhook = alert.webhook
        assert webhook is not None
        if webhook.url:
            body = _body(webhook.kind, alert)
            calls.append(
                WebhookCall(alert.pk, webhook.kind, webhook.url, webhook.may_be_private, body)
            )
    return calls


def note_answer(call: WebhookCall, answer: bytes) -> None:
    """Told, unless the service says in its answer that it did not take it."""
    if problem := refusal_in(call.kind, answer):
        note_untold(call.alert_id, problem)
    else:
        note_told(call.alert_id)


def refusal_in(kind: str, answer: bytes) -> str:
    """Why a service that answered with success refused all the same; empty where it did not."""
    if kind not in NUMBERS:
        return ""
    number, text = NUMBERS[Webhook.Kind(kind)]
    try:
        said = json.loads(answer)
        return f"{number} {said[number]}: {said.get(text)}" if said.get(number) else ""
    except (ValueError, AttributeError, RecursionError):
        return ""


def _body(kind: str, alert: Alert) -> dict[str, Any]:
    """As each service wants it. Sources: the services' documentation of incoming webhooks."""
    text = f"{alert.text} {page_of(alert)}"
    if kind == Webhook.Kind.WECOM:
        return {"msgtype": "text", "text": {"content": text}}
    if kind == Webhook.Kind.FEISHU:
        return {"msg_type": "text", "content": {"text": text}}
    if kind == Webhook.Kind.SLACK:
        return {"text": text}
    return {
        "event": alert.event,
        "text": alert.text,
        "provider": alert.credential.provider.title,
        "credential": str(alert.credential.pk),
        "url": page_of(alert),
    }
