"""Each variable that holds a secret can name a file instead, as containers hand secrets over."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chatportal.environment import Environment
from chatportal.refusal import CannotStart

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent
SETTINGS = (ROOT / "chatportal" / "settings.py").read_text()
SECRETS = re.findall(r"env\.secret\(\"(\w+)\"\)", SETTINGS)
SAMPLES = {
    "SECRET_KEY": "k3y-of-52-random-letters-qwertzuiopasdfghjklyxcvbnm-7",
    "FIELD_ENCRYPTION_KEYS": "7mH4cLxT0oQyq0f3m1m7cJ3T4n8Yb1e2R5s6D9wKzPk=",
    "DATABASE_URL": "postgres://ada:canary-word@database:5432/portal",
    "EMAIL_URL": "smtp+tls://ada:canary-word@mail.example:587",
    "REDIS_URL": "redis://:canary-word@redis:6379/0",
}
SHOW = """
import json, sys
from chatportal import settings
shown = {name: value for name, value in vars(settings).items() if name.isupper()}
del shown["LANGUAGES"]
json.dump(shown, sys.stdout, default=str)
"""


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.delenv("NOTE", raising=False)
    monkeypatch.delenv("NOTE_FILE", raising=False)
    return Environment()


def _settings(data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {
        "PATH": os.environ["PATH"],
        "PORTAL_DATA_DIR": str(data),
        "PYTHONHASHSEED": "0",
        **environment,
    }
    return subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=given, capture_output=True, text=True
    )


def test_whatever_holds_a_secret_is_read_so() -> None:
    holding = re.compile(r"KEY|TOKEN|PASSWORD|_URL$|HTTPS_PROXY|ALL_PROXY")
    without = {"PORTAL_URL", "OPENAI_API_BASE_URL"}  # addresses that members or lists may see
    read = set(re.findall(r"env\.\w+\(\s*\"(\w+)\"|ENVIRON\.get\(\"(\w+)\"", SETTINGS))
    named = {name for pair in read for name in pair if holding.search(name)}
    assert named - without == set(SECRETS)


def test_all_of_them_from_files(tmp_path: Path) -> None:
    environment = {}
    for name in SECRETS:
        path = tmp_path / name.lower()
        path.write_text(SAMPLES.get(name, f"$canary-{name}") + "\n")
        environment[f"{name}_FILE"] = str(path)
    from_files = _settings(tmp_path / "data", **environment)
    given = {name: SAMPLES.get(name, f"$canary-{name}") for name in SECRETS}
    assert from_files.stdout
    assert from_files.stdout == _settings(tmp_path / "data", **given).stdout
    assert "$canary-OPENAI_API_KEY" in from_files.stdout
    assert not (tmp_path / "data" / "secret_key").exists()


def test_the_end_of_the_line_is_not_part_of_it(
    reader: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "note").write_bytes(" käse \r\n".encode())
    monkeypatch.setenv("NOTE_FILE", str(tmp_path / "note"))
    assert reader.secret("NOTE") == " käse "


def test_neither_is_no_secret(reader: Environment) -> None:
    assert reader.secret("NOTE") == ""


def test_both_are_one_too_many(
    reader: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTE", "canary")
    monkeypatch.setenv("NOTE_FILE", str(tmp_path / "note"))
    with pytest.raises(CannotStart, match="NOTE and NOTE_FILE are both set") as refusal:
        reader.secret("NOTE")
    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "No such file"), (b"", "is empty"), (b" \n", "is empty"), (b"\xff\xfe", "not text")],
)
def test_a_file_that_cannot_be_read(
    reader: Environment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes | None,
    sentence: str,
) -> None:
    path = tmp_path / "note"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("NOTE_FILE", str(path))
    with pytest.raises(CannotStart, match=sentence) as refusal:
        reader.secret("NOTE")
    assert str(refusal.value).startswith(f"NOTE_FILE: {path} ")


def test_a_folder_is_no_file(
    reader: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTE_FILE", str(tmp_path))
    with pytest.raises(CannotStart, match="Is a directory"):
        reader.secret("NOTE")
