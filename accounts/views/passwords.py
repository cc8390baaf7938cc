"""Asking for a new password by mail; without mail, whom to ask instead."""

from __future__ import annotations

from allauth.account.views import password_reset as allauths_password_reset
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from accounts.mail import sends_mail


@login_not_required
def password_reset(request: HttpRequest) -> HttpResponseBase:
    if not sends_mail():
        return render(request, "accounts/no_mail.html", status=404)
    answer: HttpResponseBase = allauths_password_reset(request)
    return answer
