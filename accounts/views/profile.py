"""A member's own profile, and their picture. Each view: find, form, verb, respond."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.audit import record
from accounts.forms import PictureForm, ProfileForm
from accounts.models import ProfilePicture, User
from accounts.pictures import change_picture, remove_picture, restore_picture
from accounts.time_zones import time_zones

PAGE = "accounts:profile"


@require_http_methods(["GET", "POST"])
@never_cache
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=_own_row(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.info(request, _("Your profile was saved."))
        return redirect(PAGE)
    return _page(request, form, PictureForm())


@require_POST
def picture_change(request: HttpRequest) -> HttpResponse:
    person = _own_row(request)
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, ProfileForm(instance=person), form)
    change_picture(person, form.cleaned_data["picture"])
    record("picture_changed", actor=person, request=request)
    messages.info(request, _("Your picture was changed."))
    return redirect(PAGE)


@require_POST
def picture_remove(request: HttpRequest) -> HttpResponse:
    if remove_picture(_own_row(request)):
        undo = reverse("accounts:picture-restore")
        messages.info(request, _("Your picture was removed."), extra_tags=f"undo:{undo}")
    return redirect(PAGE)


@require_POST
def picture_restore(request: HttpRequest) -> HttpResponse:
    if not restore_picture(_own_row(request)):
        messages.info(request, _("There is no picture to bring back."))
    return redirect(PAGE)


@require_GET
def picture(request: HttpRequest, fingerprint: str) -> HttpResponse:
    """The picture that has this fingerprint, for ever: another one has another."""
    shown = ProfilePicture.objects.visible_to(request.user)
    found = get_object_or_404(shown, fingerprint=fingerprint)
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": 'inline; filename="picture.webp"',
    }
    return HttpResponse(bytes(found.image), content_type="image/webp", headers=headers)


def _own_row(request: HttpRequest) -> User:
    """A row of its own: what is refused must not show in the rest of the page as if it were saved."""
    return User.objects.get(username=request.user.get_username())


def _page(request: HttpRequest, form: ProfileForm, picture_form: PictureForm) -> HttpResponse:
    context = {"form": form, "picture_form": picture_form, "time_zones": time_zones()}
    status = 422 if form.is_bound or picture_form.is_bound else 200
    return render(request, "accounts/profile.html", context, status=status)
