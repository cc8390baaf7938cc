"""The doors of conversations: what is sent to each, whose they are, and how one knocks."""

from __future__ import annotations

import io
import re
import uuid
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from conversations.attached_files import keep
from conversations.models import (
    Attachment,
    Conversation,
    Draft,
    Export,
    Generation,
    Import,
    Message,
    PromptTemplate,
)
from upstream.models import LanguageModel, Provider

WITHOUT_OBJECT = {
    "home",
    "conversation-list",
    "conversation-create",
    "draft-of-new-save",
    "prompt-template-list",
    "prompt-template-create",
    "prompt-template-import",
    "prompt-template-export",
    "prompt-template-titles",
    "prompt-template-delete-all",
    "prompt-template-restore",
    "settings",
    "trash-empty",
    "delete-everything",
    "diagram-frame",
    "import-home",
    "export-create",
    "export-list",
}
# What is sent to each door that leads to an object, and which object's id stands in its URL.
DOORS = {
    "conversation": ("get", "conversation", {}),
    "conversation-branch": ("get", "conversation", {}),
    "conversation-events": ("get", "conversation", {}),
    "conversation-rename": ("post", "conversation", {"title": "Mine now"}),
    "conversation-delete": ("post", "conversation", {}),
    "conversation-restore": ("post", "deleted", {}),
    "message-create": ("post", "conversation", {"text": "Hello?", "client_id": str(uuid.uuid4())}),
    "conversation-gauge": ("get", "conversation", {}),
    "conversation-pin": ("post", "conversation", {"on": "1"}),
    "conversation-archive": ("post", "conversation", {"on": "1"}),
    "conversation-seen": ("post", "conversation", {}),
    "conversation-settings": ("post", "conversation", {"system_prompt": "Obey Bob."}),
    "conversation-clear": ("post", "conversation", {}),
    "conversation-erase": ("post", "deleted", {}),
    "generation-create": ("post", "answer", {"kind": "regenerate"}),
    "message-edit": ("post", "question", {"text": "Hello?", "client_id": str(uuid.uuid4())}),
    "message-version": ("post", "answer", {}),
    "message-context": ("post", "answer", {"mark": "left_out", "on": "1"}),
    "message-details": ("get", "answer", {}),
    "message-copy": ("post", "question", {}),
    "message-delete": ("post", "answer", {}),
    "message-restore": ("post", "deleted message", {}),
    "generation-stop": ("post", "generation", {}),
    "draft-save": ("post", "conversation", {"text": "Mine now", "client_id": str(uuid.uuid4())}),
    "conversation-export": ("get", "conversation", {}),
    "attachment": ("get", "attachment", {}),
    "import": ("get", "import", {}),
    "import-start": ("post", "import", {}),
    "import-cancel": ("post", "import", {}),
    "import-undo": ("post", "import", {}),
    "import-report": ("get", "import", {}),
    "export-file": ("get", "export", {"token": "hers"}),
    "export-cancel": ("post", "export", {}),
    "export-delete": ("post", "export", {}),
    "prompt-template-edit": ("post", "template", {"title": "Mine now", "text": "Mine"}),
    "prompt-template-text": ("get", "template", {}),
    "prompt-template-delete": ("post", "template", {}),
}
HER_EXPORT = 8_765_432  # conversations, as the page says


@pytest.fixture
def a_model(db: None) -> LanguageModel:
    provider = Provider.objects.create(title="Nowhere", base_url="http://127.0.0.1:9/v1")
    return LanguageModel.objects.create(provider=provider, name="m")


@pytest.fixture
def ids_of_ada(ada: User, a_model: LanguageModel) -> dict[str, uuid.UUID | str]:
    conversation = Conversation.objects.create(owner=ada, title="Ada's secret plan")
    deleted = Conversation.objects.create(owner=ada, title="Ada's deleted plan")
    deleted.delete_softly()
    deleted.current_leaf = Message.objects.create(conversation=deleted, role="user", text="Gone?")
    deleted.save()
    question = Message.objects.create(conversation=conversation, role="user", text="Secret?")
    answer = Message.objects.create(
        conversation=conversation, parent=question, role="assistant", text="Yes."
    )
    conversation.current_leaf = answer
    conversation.save()
    taken_back = Message.objects.create(
        conversation=conversation, role="user", text="No secret.", deleted_at=timezone.now()
    )
    generation = Generation.objects.create(
        conversation=conversation, message=answer, status="streaming"
    )
    template = PromptTemplate.objects.create(owner=ada, title="Ada's template", text="Secret")
    brought = Import.objects.create(owner=ada, state="waiting", files=[{"name": "Secret.json"}])
    kept = keep(ada.pk, io.BytesIO(b"Ada's secret file"))
    attached = Attachment.objects.create(
        conversation=conversation, digest=kept.digest, size=kept.size, name="secret.txt"
    )
    taken = Export.objects.create(owner=ada, format="json", token="hers", total=HER_EXPORT)
    return {
        "attachment": attached.digest,
        "export": taken.pk,
        "import": brought.pk,
        "template": template.pk,
        "conversation": conversation.pk,
        "deleted": deleted.pk,
        "question": question.pk,
        "answer": answer.pk,
        "deleted message": taken_back.pk,
        "generation": generation.pk,
    }


def knock(client: Client, door: str, pk: uuid.UUID | str, *, as_fetch: bool) -> Any:
    method, _which, form = DOORS[door]
    headers = {"X-Requested-With": "fetch"} if as_fetch else {}
    return getattr(client, method)(
        reverse(f"conversations:{door}", args=[pk]), form, headers=headers
    )


def body_of(answer: Any) -> bytes:
    """All of what was answered, also where it is sent piece by piece."""

    async def whole() -> bytes:
        return b"".join([part async for part in answer])

    return async_to_sync(whole)() if answer.streaming else bytes(answer.content)


def without_nonce(answer: Any) -> str:
    """What was answered, without what differs each time."""
    text: str = answer.content.decode()
    return re.sub(r'(nonce="|csrfmiddlewaretoken" value="|csrf-token" content=")[^"]*', r"\1", text)


def rows() -> tuple[Any, ...]:
    return (
        list(Conversation.objects.order_by("pk").values_list()),
        list(Message.objects.order_by("pk").values_list()),
        list(Generation.objects.order_by("pk").values_list()),
        list(Draft.objects.order_by("pk").values_list()),
        list(PromptTemplate.objects.order_by("pk").values_list()),
        list(Import.objects.order_by("pk").values_list()),
        list(Attachment.objects.order_by("pk").values_list()),
        list(Export.objects.order_by("pk").values_list()),
    )
