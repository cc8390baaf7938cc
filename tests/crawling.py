"""Every page that somebody reads, of a portal with something of everything in it, and the words on it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from accounts.models import User
from conversations.models import Conversation, Import, PromptTemplate
from tests.filling import fill
from tests.routes import all_routes

# Files, machines' answers, and what only forwards.
NO_PAGES = re.compile(
    r"healthz|readyz|doctor|manifest|service-worker|jsi18n|autocomplete|javascript-catalog|export|download|callback"
    r"|set_language|titles|picture$|view_on_site|mfa_generate|logout"
)
NOT_READ = {"script", "style", "code", "pre", "svg", "template", "datalist", "textarea"}
READ_ATTRIBUTES = {"aria-label", "title", "placeholder", "alt", "value"}


class Words(HTMLParser):
    """The texts on a page; `value` of buttons alone."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.within: list[str] = []
        self.languages: list[bool] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        if tag in NOT_READ:
            self.within.append(tag)
        for name in READ_ATTRIBUTES & told.keys():
            is_button = tag == "input" and told.get("type") in {"submit", "button"}
            if told[name] and (name != "value" or is_button):
                self.texts.append(str(told[name]))

    def handle_endtag(self, tag: str) -> None:
        if tag in NOT_READ and tag in self.within:
            self.within.remove(tag)

    def handle_data(self, text: str) -> None:
        if not self.within and text.strip():
            self.texts.append(text.strip())


def words_on(page: str) -> list[str]:
    reader = Words()
    reader.feed(page)
    return reader.texts


def filled(carol: User, accept: str = "en") -> Callable[[], Iterator[tuple[str, str]]]:
    """Fills the portal; returns what gives (address, page) of every page, as whoever sees most of it.

    `accept` is the language that browsers ask for: it is that of who is not logged in.
    """
    fill()
    ada = User.objects.get(username="ada")
    visitors = {
        who: Client(headers={"accept-language": accept}) for who in ("nobody", "ada", "carol")
    }
    visitors["ada"].force_login(ada)
    visitors["carol"].force_login(carol)
    wanted = list(every_page(ada))

    def pages() -> Iterator[tuple[str, str]]:
        for who, address in wanted:
            answer = visitors[who].get(address)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                yield address, answer.content.decode()

    return pages


def every_page(ada: User) -> Iterator[tuple[str, str]]:
    """(who, address): what lies in a filled portal, and who of nobody, ada and carol looks at it."""
    yield from _without_object()
    yield from _of_ada(ada)
    yield from _of_the_administration()


def _without_object() -> Iterator[tuple[str, str]]:
    for route in all_routes():
        if route.parameters or NO_PAGES.search(route.name):
            continue
        is_open = "login" in route.name or "reset" in route.name or "join" in route.name
        who = "carol" if route.name.startswith("admin:") else "nobody" if is_open else "ada"
        yield who, route.url()
    yield "ada", "/no-such-page/"


def _of_ada(ada: User) -> Iterator[tuple[str, str]]:
    for held in Conversation.objects.filter(owner=ada)[:1]:
        yield "ada", held.get_absolute_url()
        yield "ada", reverse("conversations:message-details", args=[held.current_leaf_id])
    for query in ("q=Zürich", "state=archived", "state=deleted"):
        yield "ada", f"/?{query}"
    for template in PromptTemplate.objects.filter(owner=ada)[:1]:
        yield "ada", reverse("conversations:prompt-template-edit", args=[template.pk])
    for brought in Import.objects.filter(owner=ada)[:1]:
        yield "ada", brought.get_absolute_url()


def _of_the_administration() -> Iterator[tuple[str, str]]:
    for model in admin.site._registry:
        row = model._default_manager.first()
        if row is not None:
            about = model._meta
            for kind in ("change", "delete", "history"):
                with contextlib.suppress(NoReverseMatch):  # some are shown as a list alone
                    name = f"admin:{about.app_label}_{about.model_name}_{kind}"
                    yield "carol", reverse(name, args=[row.pk])


@contextmanager
def listening(hear: Callable[[str, str], str]) -> Iterator[None]:
    """`hear` is given each text that is looked up and what was found, and says what is shown."""
    proxied = translation._trans  # type: ignore[attr-defined]
    before = {
        name: getattr(proxied, name) for name in ("gettext", "ngettext", "pgettext", "npgettext")
    }

    def gettext(text: str) -> str:
        return hear(text, before["gettext"](text)) if text else before["gettext"](text)

    def ngettext(one: str, many: str, count: Any) -> str:
        return hear(one if count == 1 else many, before["ngettext"](one, many, count))

    def pgettext(context: str, text: str) -> str:
        return hear(text, before["pgettext"](context, text))

    def npgettext(context: str, one: str, many: str, count: Any) -> str:
        return hear(one if count == 1 else many, before["npgettext"](context, one, many, count))

    for function in (gettext, ngettext, pgettext, npgettext):
        setattr(proxied, function.__name__, function)
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(proxied, name, function)
