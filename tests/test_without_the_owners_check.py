"""Taking the owner's check out of any one place is noticed: else a test that passes would say nothing of that place.

Each `visible_to(…)` and `deleted_by(…)` in the source is replaced by `all()`, alone, in the running code; then a
stranger tries every door, list, command and the socket. Some door has to open that should not.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import ProfilePicture, User
from conversations.exports.asking import delete
from conversations.exports.files import path_of
from conversations.exports.working import work
from conversations.joining import conversation_for
from conversations.models import Export, PromptTemplate
from tests.doors import DOORS, HER_EXPORT, body_of, knock, rows
from upstream.models import UsageDay

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ROOT = Path(__file__).resolve().parent.parent
CHECKS = {"visible_to", "deleted_by"}
LISTS = (
    "/",
    "/conversations/",
    "/conversations/?state=archived",
    "/conversations/?state=deleted",
    "/conversations/?q=secret",
    "/prompt-templates/",
    "/prompt-templates/titles/",
    "/prompt-templates/export/",
    "/usage/",
    "/import/",
)
COMMANDS = ("/conversations/delete/", "/trash/empty/", "/prompt-templates/delete/")
HER_TOKENS = 7_654_321


class _Open(ast.NodeTransformer):
    """Replaces the check on one line by `all()`."""

    def __init__(self, line: int) -> None:
        self.line = line

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        asked = node.func
        if isinstance(asked, ast.Attribute) and asked.attr in CHECKS and node.lineno == self.line:
            opened = ast.Attribute(value=asked.value, attr="all", ctx=ast.Load())
            return ast.copy_location(ast.Call(func=opened, args=[], keywords=[]), node)
        return node


def places() -> list[Any]:
    """Where the check stands: (module, function, line)."""
    found = []
    for app in ("accounts", "upstream", "conversations", "chatportal"):
        for path in sorted((ROOT / app).rglob("*.py")):
            tree = ast.parse(path.read_text())
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for function in ast.walk(tree):
                if not isinstance(function, ast.FunctionDef):
                    continue
                for node in ast.walk(function):
                    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                    if called and node.func.attr in CHECKS:  # type: ignore[attr-defined]
                        place = (module, function.name, node.lineno)  # type: ignore[attr-defined]
                        found.append(pytest.param(*place, id=f"{module}:{function.name}"))
    return found


@contextmanager
def opened(module_name: str, function_name: str, line: int) -> Iterator[None]:
    """The function without its check on `line`, until the block ends."""
    module = importlib.import_module(module_name)
    assert module.__file__
    tree = _Open(line).visit(ast.parse(Path(module.__file__).read_text()))
    code = compile(ast.fix_missing_locations(tree), module.__file__, "exec")
    mutated = next(_named(code, function_name))
    function = inspect.unwrap(getattr(module, function_name))
    assert isinstance(function, FunctionType)
    as_it_was = function.__code__
    assert mutated.co_code != as_it_was.co_code or mutated.co_names != as_it_was.co_names
    function.__code__ = mutated
    try:
        yield
    finally:
        function.__code__ = as_it_was


def _named(code: CodeType, name: str) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if inner.co_name == name:
                yield inner
            yield from _named(inner, name)


@pytest.fixture
def breaches(
    ada: User, bob: User, bob_browses: Client, ids_of_ada: dict[str, Any]
) -> Callable[[], list[str]]:
    """What a stranger gets that is Ada's; nothing, as it should be."""
    moment = timezone.now()
    PromptTemplate.objects.create(owner=ada, title="Secret, deleted", text="x", deleted_at=moment)
    ProfilePicture.objects.create(owner=ada, image=b"x", fingerprint="hers")
    UsageDay.objects.create(
        day=timezone.localdate(), member=ada, prompt_tokens=HER_TOKENS, attempts=1, answers=1
    )
    restore = f"/prompt-templates/restore/?deleted_at={moment.isoformat().replace('+', '%2B')}"

    def breaches() -> list[str]:
        before = rows()
        found = [door for door in DOORS if _opens(bob_browses, door, ids_of_ada, before)]
        found += [path for path in LISTS if _shows_hers(bob_browses.get(path).content.decode())]
        found += [path for path in (*COMMANDS, restore) if _changes(bob_browses, path, before)]
        if conversation_for(bob.pk, ids_of_ada["conversation"]):
            found.append("the socket")
        everything = bob_browses.post("/export/", {"format": "json", "which": "all"})
        if _shows_hers(_texts_of(body_of(everything))):
            found.append("the export")
        if _shows_hers(_made_ahead_for(bob)):
            found.append("the export that is made ahead")
        if bob_browses.get("/pictures/hers/").status_code == 200:
            found.append("the picture")
        return found

    return breaches


def _made_ahead_for(person: User) -> str:
    with transaction.atomic():
        asked = Export.objects.create(owner=person, format="json", language="en")
        work(asked)
        asked.refresh_from_db()
        text = _texts_of(path_of(asked.stored).read_bytes())
        delete(asked)
    return text


def _texts_of(exported: bytes) -> str:
    """Also where files go along, in a ZIP."""
    if not exported.startswith(b"PK"):
        return exported.decode()
    with zipfile.ZipFile(io.BytesIO(exported)) as packed:
        return packed.read("conversations.json").decode()


def _opens(stranger: Client, door: str, ids: dict[str, uuid.UUID], before: Any) -> bool:
    with transaction.atomic():
        answer = knock(stranger, door, ids[DOORS[door][1]], as_fetch=True)
        opens = answer.status_code != 404 or rows() != before
        transaction.set_rollback(True)
    return opens


def _changes(stranger: Client, path: str, before: Any) -> bool:
    with transaction.atomic():
        stranger.post(path)
        changes = rows() != before
        transaction.set_rollback(True)
    return changes


def _shows_hers(page: str) -> bool:
    page = page.replace(",", "")
    return any(
        hers in page
        for hers in ("secret plan", "deleted plan", "Secret", str(HER_TOKENS), str(HER_EXPORT))
    )


def test_as_it_stands_a_stranger_gets_nothing(breaches: Callable[[], list[str]]) -> None:
    assert breaches() == []
    assert len(places()) > 25


@pytest.mark.parametrize(("module", "function", "line"), places())
def test_without_one_check_something_opens(
    breaches: Callable[[], list[str]], module: str, function: str, line: int
) -> None:
    with opened(module, function, line):
        assert breaches()
