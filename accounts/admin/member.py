"""Members in the admin: an administrator finds them, creates them and hands over a first password."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.admin.utils import model_ngettext
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import path
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import member_tools
from accounts.admin.bulk import action_for, undo
from accounts.admin.member_changes import OFFERED
from accounts.admin.permissions import permissions_field
from accounts.admin.table_pages import TablePages
from accounts.leaving import delete_account, what_goes
from accounts.membership import forget_address, is_last_superuser, may_change
from accounts.models import User
from accounts.tables.members import Members

tables = TablePages(
    Members(), User, title=gettext_lazy("Members"), permissions=("add_user", "change_user")
)
ROLES = ("is_staff", "is_superuser", "user_permissions")


class MemberCreationForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "email", "must_change_password")


class MemberForm(UserChangeForm):
    def clean(self) -> dict[str, Any]:
        """The portal keeps somebody who can administer it."""
        cleaned = super().clean() or {}
        as_it_was = User.objects.filter(pk=self.instance.pk).first()
        if as_it_was is None or not is_last_superuser(as_it_was):
            return cleaned
        for name in ("is_active", "is_staff", "is_superuser"):
            if name in self.fields and not cleaned.get(name):
                sentence = _(
                    "Nobody else could administer the portal. Make somebody a superuser first."
                )
                self.add_error(name, forms.ValidationError(sentence, code="last_superuser"))
        return cleaned


class LeavingFilter(admin.SimpleListFilter):
    title = gettext_lazy("leaving")
    parameter_name = "leaving"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("Yes")), ("0", _("No"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() not in {"0", "1"}:
            return queryset
        return queryset.filter(deletion_due_at__isnull=self.value() == "0")


@admin.register(User)
class MemberAdmin(UserAdmin):
    """Beyond Django's permissions: nobody but a superuser changes those who administer (membership.may_change)."""

    form = MemberForm
    add_form = MemberCreationForm
    list_display = (
        *("shown_picture", "username", "name", "in_groups", "seen"),
        *("is_active", "is_staff"),
    )
    list_filter = (
        *("is_active", "awaits_approval", "is_staff", "is_superuser"),
        ("groups", admin.RelatedOnlyFieldListFilter),
        LeavingFilter,
    )
    search_fields = ("username", "email", "first_name", "last_name")
    search_help_text = gettext_lazy("Username, e-mail or name")
    ordering = ("username",)
    list_display_links = ("username",)
    list_per_page = 100
    audited_actions = OFFERED  # bulk.py writes down each member
    actions = tuple(action_for(name) for name in OFFERED)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (
            gettext_lazy("Person"),
            {"fields": ("shown_picture", "first_name", "last_name", "email", "description")},
        ),
        (
            gettext_lazy("Access"),
            {
                "fields": (
                    *("is_active", "awaits_approval", "must_change_password", "groups"),
                    *ROLES,
                )
            },
        ),
        (
            gettext_lazy("Pages"),
            {
                "fields": (
                    "theme",
                    "accent",
                    "text_size",
                    "locale",
                    "time_zone",
                    "enter_key",
                    "typewriter",
                )
            },
        ),
        (
            gettext_lazy("What is known"),
            {
                "fields": (
                    *("joined_by", "has_second_factor", "last_seen_at", "last_login"),
                    *("date_joined", "deletion_due_at"),
                )
            },
        ),
    )
    change_form_template = "admin/accounts/user/change_form.html"
    readonly_fields = (
        *("shown_picture", "joined_by", "has_second_factor", "last_seen_at", "last_login"),
        *("date_joined", "deletion_due_at"),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "username",
                    "email",
                    "usable_password",
                    "password1",
                    "password2",
                    "must_change_password",
                ),
            },
        ),
    )

    @admin.display(description=gettext_lazy("picture"))
    def shown_picture(self, member: User) -> str:
        return render_to_string("components/avatar.html", {"person": member})

    @admin.display(description=gettext_lazy("name"), ordering="first_name")
    def name(self, member: User) -> str:
        return member.get_full_name()

    @admin.display(description=gettext_lazy("groups"))
    def in_groups(self, member: User) -> str:
        return ", ".join(group.name for group in member.groups.all())

    @admin.display(boolean=True, description=gettext_lazy("second factor"))
    def has_second_factor(self, member: User) -> bool:
        return Authenticator.objects.filter(user=member, type=Authenticator.Type.TOTP).exists()

    @admin.display(description=gettext_lazy("last seen"), ordering="last_seen_at")
    def seen(self, member: User) -> str:
        if member.last_seen_at is None:
            return "–"
        moment = date_format(localtime(member.last_seen_at), "DATETIME_FORMAT")
        ago = _("%s ago") % timesince(member.last_seen_at, depth=1)
        return format_html('<span title="{}">{}</span>', moment, ago)

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **options: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **options)
        if db_field.name != "user_permissions" or field is None:
            return field
        offered = permissions_field()
        offered.widget = field.widget
        offered.widget.choices = offered.choices
        return offered

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"must_change_password": True}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, *ROLES)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_change(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_delete_permission(request, obj):
            return False
        return obj is None or (may_change(request.user, obj) and not is_last_superuser(obj))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("undo/", view(undo), name="accounts_user_undo"),
            *member_tools.urls(view),
            *tables.urls(view),
            *super().get_urls(),
        ]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, ...]:
        """How much goes, and never what: titles are their owner's to read."""
        people = list(objs)
        goes = [holding.words for holding in what_goes([person.pk for person in people])]
        named: list[Any] = [str(person) for person in people]
        kept = _("What they did stays in the list of who did what, under their names.")
        refused = {
            model_ngettext(self.opts, len(people))
            for person in people
            if not super(MemberAdmin, self).has_delete_permission(request)
            or not may_change(request.user, person)
        }
        protected = [str(person) for person in people if is_last_superuser(person)]
        return (
            [*named, [*goes, kept]],
            {self.opts.verbose_name_plural: len(people)},
            refused,
            protected,
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """The sessions of whoever is deactivated stay ended if they come back."""
        if change and "is_active" in form.changed_data and not obj.is_active:
            obj.session_epoch += 1
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            forget_address(obj, str(form.initial.get("email") or ""))

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_account(obj)

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[User]) -> None:
        for person in list(queryset):
            delete_account(person)
