"""The present code takes over a filled portal of every version that was tagged."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.filling import SECRET
from tests.places import ROOT, Place
from tests.upgrades.make import ENVIRONMENT, FOLDER

KEPT = sorted(path.stem for path in FOLDER.glob("*.zip"))
LOOK = """
from accounts.models import User
from conversations.models import Attachment, Conversation, Message
from upstream.models import Credential, Provider
print(Conversation.objects.count(), Message.objects.count(), User.objects.count(), Attachment.objects.count())
print(Credential.objects.get().secret, User.objects.get(username="ada").check_password("correct horse battery staple"))
leaf = Conversation.objects.filter(owner__username="ada").exclude(current_leaf=None).first().current_leaf
print(leaf.text[:2], leaf.parent.text[:2])
"""


@pytest.mark.parametrize("version", KEPT)
def test_it_is_taken_over(version: str, tmp_path: Path, databases: Any) -> None:
    place = Place(tmp_path / "data", databases())
    place.environment |= ENVIRONMENT
    place.does("restore", str(FOLDER / f"{version}.zip"))
    place.does("migrate", "--check")
    counts, secret, leaf = place.does("shell", "-v0", "-c", LOOK).strip().splitlines()
    assert counts == "9 360 3 9"
    assert secret == f"{SECRET} True"
    assert leaf == "39 38"


@pytest.mark.once
def test_every_tagged_version_is_kept() -> None:
    asked = subprocess.run(
        ["git", "tag", "--list", "v*"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    tags = {tag.removeprefix("v") for tag in asked.stdout.split()}
    assert KEPT
    assert tags <= set(KEPT), "run tests/upgrades/make.py before a version is tagged"
