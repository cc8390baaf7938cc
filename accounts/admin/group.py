"""Groups in the admin: who is in them, and what is asked of them. What they grant, upstream adds (upstream/admin)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangosGroupAdmin
from django.contrib.auth.models import Group

from accounts.models import GroupPolicy

admin.site.unregister(Group)


class GroupPolicyInline(admin.StackedInline):
    model = GroupPolicy
    can_delete = False
    extra = 1


@admin.register(Group)
class GroupAdmin(DjangosGroupAdmin):
    """Without Django's permissions: who administers is a matter of `is_staff` and `is_superuser`."""

    fields = ("name",)
    search_fields = ("name",)
    filter_horizontal = ()
    inlines: ClassVar[tuple[Any, ...]] = (GroupPolicyInline,)
