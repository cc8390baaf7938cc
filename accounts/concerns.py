"""What an administrator should look at: the concerns that have to do with people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.mail import sends_mail
from accounts.models import SiteSettings, User


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to look at: a sentence with the next step, where that is done, and how much it presses."""

    text: str
    url: str
    presses: bool


def concerns_of_people() -> Iterator[Concern]:
    members = reverse("admin:accounts_user_changelist")
    if waiting := User.objects.filter(awaits_approval=True, is_active=False).count():
        sentence = ngettext(
            "%(count)d person has signed up and waits for your approval.",
            "%(count)d people have signed up and wait for your approval.",
            waiting,
        )
        yield Concern(
            sentence % {"count": waiting}, f"{members}?awaits_approval__exact=1", presses=True
        )
    yield from _of_deletions(members)
    needs_mail = SiteSettings.current().sign_up == SiteSettings.SignUp.EMAIL_DOMAIN
    if needs_mail and not sends_mail():
        sentence = _(
            "Sign-up by e-mail address needs mail, and none is set up, so that nobody can sign up. Set it up, or "
            "choose another way to sign up."
        )
        yield Concern(sentence, reverse("admin:accounts_sitesettings_changelist"), presses=True)


def _of_deletions(members: str) -> Iterator[Concern]:
    leaving = User.objects.filter(deletion_due_at__isnull=False).order_by("deletion_due_at")
    if not (count := leaving.count()):
        return
    first = leaving.values_list("deletion_due_at", flat=True)[0]
    sentence = ngettext(
        "%(count)d account is to be deleted, as its owner wishes, on %(date)s.",
        "%(count)d accounts are to be deleted, as their owners wish, the first on %(date)s.",
        count,
    )
    assert first is not None
    named = {"count": count, "date": date_format(localtime(first), "DATE_FORMAT")}
    yield Concern(sentence % named, f"{members}?leaving=1", presses=False)
