"""Rolls up the usage records that there are, so that usage by day begins with the first of them."""

from django.db import migrations
from django.db.models import Case, Count, F, Sum, When
from django.db.models.functions import TruncDate
from django.utils import timezone

BATCH = 2000


def fill(apps, schema_editor):
    UsageRecord = apps.get_model("upstream", "UsageRecord")
    UsageDay = apps.get_model("upstream", "UsageDay")
    tokens = F("prompt_tokens") + F("completion_tokens")
    day = TruncDate("started_at", tzinfo=timezone.get_default_timezone())
    rows = (
        UsageRecord.objects.annotate(day=day)
        .order_by("day")
        .values("day", "member", "language_model", "credential")
        .annotate(
            attempts=Count("pk"),
            answers=Count("first_text_ms"),
            prompt=Sum("prompt_tokens"),
            completion=Sum("completion_tokens"),
            estimated=Sum(Case(When(is_estimated=True, then=tokens), default=0)),
        )
    )
    batch = []
    for row in rows.iterator(chunk_size=BATCH):
        batch.append(
            UsageDay(
                day=row["day"],
                member_id=row["member"],
                language_model_id=row["language_model"],
                credential_id=row["credential"],
                attempts=row["attempts"],
                answers=row["answers"],
                prompt_tokens=row["prompt"],
                completion_tokens=row["completion"],
                estimated_tokens=row["estimated"],
            )
        )
        if len(batch) == BATCH:
            UsageDay.objects.bulk_create(batch)
            batch = []
    UsageDay.objects.bulk_create(batch)


class Migration(migrations.Migration):
    dependencies = [("upstream", "0005_limits_prices_usage")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
