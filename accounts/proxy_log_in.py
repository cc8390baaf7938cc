"""The session of somebody whom a proxy names: begun when they are first named, ended when somebody else is."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib.auth import logout
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from accounts.audit import record
from accounts.joining import LONGEST_USERNAME
from accounts.models import User

SESSION_KEY = "named_by_proxy"


class NoSuchName(Exception):
    """What the proxy says can be nobody's username."""


def follow(request: HttpRequest, name: str | None) -> HttpResponse | None:
    """Have the session of `name`, or none where a proxy began it and names nobody now.

    Returns a page where one more step is asked for (a second factor, an account that is not active). Raises NoSuchName.
    """
    begun_by = request.session.get(SESSION_KEY)
    if name is None:
        if begun_by:
            logout(request)
        return None
    name = User.normalize_username(name)  # as it will be kept
    if request.user.is_authenticated:
        if request.user.get_username().casefold() == name.casefold():
            return None
        logout(request)
    response = perform_login(request, Login(user=person_named(name, request=request)))
    if not request.user.is_authenticated:
        return response
    request.session[SESSION_KEY] = name
    return None


def person_named(name: str, *, request: HttpRequest) -> User:
    """The member of that username, in capitals or not, as at log-in; made where there is none. Raises NoSuchName."""
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError as error:
        raise NoSuchName from error
    if len(name) > LONGEST_USERNAME:
        raise NoSuchName
    found = User.objects.filter(username__iexact=name)
    if member := found.first():
        return member
    try:
        with transaction.atomic():
            made = User.objects.create_user(name, joined_by=User.JoinedBy.PROXY)
            record("joined", actor=made, request=request, detail="by a proxy's header")
            return made
    except IntegrityError:  # two pages at once
        return found.get()
