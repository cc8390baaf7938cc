"""Mails about approval: administrators hear that somebody waits, and who waited hears of the yes.

Where mail is not set up nobody is told; the front page of the administration shows who waits. A mail that fails stops
nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from django.core.mail import send_mail
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.languages import in_language_of
from accounts.mail import MailFailure, portal_link, sender, sends_mail
from accounts.models import SiteSettings, User

logger = logging.getLogger(__name__)


def tell_administrators(person: User) -> None:
    """That `person` waits for a yes."""
    administrators = User.objects.filter(is_active=True, is_superuser=True).exclude(email="")
    page = f"{reverse('admin:accounts_user_changelist')}?awaits_approval__exact=1"
    for administrator in administrators:
        with in_language_of(administrator):
            subject = _("“%s” asks to join") % person.get_username()
            text = _("Look at it, and let them in or not:")
            _send(subject, f"{text}\n{portal_link(page)}", administrator.email)


def tell_approved(people: Collection[int]) -> None:
    """That they are in."""
    for person in User.objects.filter(pk__in=people).exclude(email=""):
        with in_language_of(person):
            text = _("An administrator has let you in. Log in as “%s”:") % person.get_username()
            link = portal_link(reverse("account_login"))
            _send(_("You are in"), f"{text}\n{link}", person.email)


def _send(subject: str, text: str, to: str) -> None:
    """One each: nobody sees who else is told."""
    if not sends_mail():
        return
    site = SiteSettings.current()
    try:
        send_mail(f"[{site.shown_name}] {subject}", text, sender(site), [to])
    except MailFailure as error:
        logger.warning("A mail about approval was not sent: %s", type(error).__name__)
