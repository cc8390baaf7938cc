"""Run as a script in the environment of a portal: fill it, and print as JSON who looks at which page, and as whom.

{"cookies": {"ada": "…"}, "pages": [["nobody", "/accounts/login/"], …]}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from accounts.models import User

LOOKING = ("ada", "bob", "carol")


def main() -> None:
    from accounts.models import User
    from tests.crawling import every_page
    from tests.filling import fill

    fill()
    people = {name: User.objects.get(username=name) for name in LOOKING}
    pages = [*every_page(people["ada"]), *_behind_links_and_doors(people["ada"], people["bob"])]
    cookies = {name: _cookie_of(person) for name, person in people.items()}
    print(json.dumps({"cookies": cookies, "pages": pages}))


def _cookie_of(person: User) -> str:
    """Of a session that has just been begun with a password, so that nothing asks for it again."""
    from allauth.account.internal.flows.login import record_authentication
    from django.conf import settings
    from django.http import HttpRequest
    from django.test import Client

    client = Client()
    client.force_login(person)
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, person, "password", reauthenticated=True)
    request.session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _behind_links_and_doors(ada: User, bob: User) -> Iterator[tuple[str, str]]:
    """What is seen by those alone who were given a link, or in a state that ada is not in."""
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from django.urls import reverse

    from accounts.models import Invitation, SiteSettings
    from accounts.models.invitation import digest_of

    site = SiteSettings.current()
    site.sign_up = SiteSettings.SignUp.APPROVAL
    site.save()
    Invitation.objects.create(title="Dora", digest=digest_of("a-token"))
    RecoveryCodes.activate(ada)
    reset = {"uidb36": user_pk_to_url_str(bob), "key": default_token_generator.make_token(bob)}
    yield "nobody", reverse("accounts:join")
    yield "nobody", reverse("accounts:invitation", args=["a-token"])
    yield "nobody", reverse("account_reset_password_from_key", kwargs=reset)
    yield "nobody", reverse("account_inactive")
    yield "bob", reverse("mfa_index")
    yield "bob", reverse("mfa_activate_totp")


if __name__ == "__main__":
    django.setup()
    main()
