"""The page of a member's own settings: one form, saved as a whole."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.forms import HabitsForm
from accounts.models import User
from conversations.settings_forms import ConversationDefaultsForm


@require_http_methods(["GET", "POST"])
@never_cache
def settings_page(request: HttpRequest) -> HttpResponse:
    # A row of its own: what is refused must not show in the rest of the page as if it were saved.
    own_row = User.objects.get(username=request.user.get_username())
    habits = HabitsForm(request.POST or None, instance=own_row)
    defaults = ConversationDefaultsForm(request.POST or None, user=request.user)
    if request.method == "POST" and habits.is_valid() and defaults.is_valid():
        with transaction.atomic():
            habits.save()
            defaults.save()
        messages.info(request, _("Your settings were saved."))
        return redirect("conversations:settings")
    defaults.is_valid()  # so that both tell their errors at once
    context = {"habits": habits, "defaults": defaults}
    status = 422 if request.method == "POST" else 200
    return render(request, "conversations/settings.html", context, status=status)
