"""A portal with something of everything in it, for what carries it as a whole: backups, upgrades, a change of keys.

Run as a script it fills the database of its environment, which has been migrated.
"""

from __future__ import annotations

import datetime
import io
import uuid
from decimal import Decimal

from django.utils import timezone

TEXT = (
    'Zürich 😀 你好 \u202bمرحبا\u202c <script>alert(1)</script> \\N \t "quoted"\nand a second line'
)
SECRET = "sk-canary-0123456789abcdef"


def fill() -> None:
    from allauth.mfa.models import Authenticator
    from django.contrib.auth.models import Group

    from accounts import models as accounts
    from accounts.audit import record
    from accounts.models.access_code import code_digest
    from accounts.secrets import seal
    from conversations import models as said
    from conversations.attached_files import keep
    from upstream import models as upstream

    people = [
        accounts.User.objects.create_user(
            name, f"{name}@example.org", "correct horse battery staple"
        )
        for name in ("ada", "bob", "渡辺")
    ]
    ada = people[0]
    accounts.User.objects.filter(pk=ada.pk).update(description=TEXT[:40], last_login=timezone.now())
    group = Group.objects.create(name="Team 一")
    ada.groups.add(group)
    accounts.GroupPolicy.objects.create(group=group)
    accounts.AccessCode.objects.create(title="For all", digest=code_digest("come in"))
    accounts.Invitation(title="x", digest="x" * 64).save()
    accounts.IdentityProvider.objects.create(
        title="SSO", slug="sso", issuer="https://sso.example", client_id="x", client_secret=SECRET
    )
    accounts.Announcement.objects.create(text=TEXT)
    accounts.ProfilePicture.objects.create(owner=ada, image=bytes(range(256)), fingerprint="f" * 32)
    site = accounts.SiteSettings.current()
    site.mail_password = SECRET
    site.save()
    record("log_in", actor=ada, detail=TEXT[:60])
    Authenticator.objects.create(user=ada, type="totp", data={"secret": seal("JBSWY3DPEHPK3PXP")})

    provider = upstream.Provider.objects.create(
        title="Provider", base_url="http://127.0.0.1:9/v1", proxy_url="http://u:p@127.0.0.1:3128"
    )
    provider.groups.add(group)
    credential = upstream.Credential.objects.create(provider=provider, title="Key", secret=SECRET)
    model = upstream.LanguageModel.objects.create(provider=provider, name="m", title="Model")
    upstream.Price.objects.create(
        language_model=model,
        since=datetime.date(2026, 1, 1),
        input_price=Decimal("0.15"),
        output_price=Decimal("0.6"),
    )
    upstream.Quota.objects.create(group=group, messages_an_hour=1000)
    upstream.Webhook.objects.create(title="x", url="https://hooks.example.com/x")
    upstream.UsageDay.objects.create(day=datetime.date(2026, 2, 28), member=ada, prompt_tokens=7)
    upstream.UsageRecord.objects.create(
        member=ada,
        credential=credential,
        language_model=model,
        generation=uuid.uuid4(),
        outcome="completed",
    )

    for person in people:
        for number in range(3):
            held = said.Conversation.objects.create(
                owner=person, title=f"{number} {TEXT[:30]}", language_model=model, temperature=0.7
            )
            above = None
            for turn in range(40):
                role = "user" if turn % 2 == 0 else "assistant"
                parts = [{"type": "error", "text": TEXT}] if turn == 3 else []
                above = said.Message.objects.create(
                    conversation=held, parent=above, role=role, text=f"{turn} {TEXT}", parts=parts
                )
            held.current_leaf = above
            held.save()
            kept = keep(person.pk, io.BytesIO(f"a file {number}".encode()))
            said.Attachment.objects.create(
                conversation=held, digest=kept.digest, size=kept.size, name=TEXT[:20]
            )
    broken = said.Generation.objects.create(
        conversation=held, message=above, status="interrupted", error_code="interrupted"
    )
    said.Delta.objects.create(
        generation=broken, sequence=1, part="text", operation="append", text=TEXT
    )
    said.Origin.objects.create(
        owner=ada,
        conversation=said.Conversation.objects.filter(owner=ada).first(),
        format="chatgpt",
        foreign_digest="0" * 64,
        content_digest="1" * 64,
        original=b"\0\1\xff",
    )
    said.Import.objects.create(owner=ada, state="completed", files=[{"name": TEXT}])
    said.PromptTemplate.objects.create(owner=ada, title="T", text=TEXT)
    said.Draft.objects.create(owner=ada, conversation=held, text=TEXT, client_id=uuid.uuid4())


if __name__ == "__main__":
    import django

    django.setup()
    fill()
