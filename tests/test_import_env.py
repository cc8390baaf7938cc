"""The settings of a chatgpt-web installation come over from its .env or compose file, however untidy."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AccessCode, SiteSettings
from accounts.models.access_code import code_digest
from chatportal.moving_in.env_file import read_env
from upstream.models import Credential, LanguageModel, Provider, Quota

pytestmark = pytest.mark.django_db
KEY = "sk-canary-0123456789abcdefghijkl"

ENV = f"""\ufeff# OpenAI API Key - https://platform.openai.com/overview
OPENAI_API_KEY="{KEY}
OPENAI_ACCESS_TOKEN=
OPENAI_API_BASE_URL=https://api.example.com  # ours
OPENAI_API_MODEL:gpt-4o
AUTH_SECRET_KEY='open sesame please'
TIMEOUT_MS=60000
MAX_REQUEST_PER_HOUR：40
SOCKS_PROXY_HOST=
what is this line
VITE_GLOB_API_URL=/api
OPENAI_API_DISABLE_DEBUG=true
"""

COMPOSE = f"""version: '3'

services:
  app:
    image: chenzhaoyu94/chatgpt-web
    ports:
      - 3002:3002
    environment:
      OPENAI_API_KEY:{KEY}
      OPENAI_API_BASE_URL: xxx
      OPENAI_API_MODEL: "gpt-4o'
      AUTH_SECRET_KEY: ${{CODE}}
      MAX_REQUEST_PER_HOUR: 0
  nginx:
    image: nginx:alpine
    environment:
    - TIMEOUT_MS=100000
    - OTHER_THING=1
    links:
      - app
"""


def run(folder: Path, *texts: str | bytes) -> str:
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"env{number}"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        paths.append(str(path))
    out = io.StringIO()
    call_command("import_env", *paths, stdout=out)
    assert KEY not in out.getvalue()
    return out.getvalue()


def test_an_env_file_as_people_write_them(tmp_path: Path) -> None:
    said = run(tmp_path, ENV)
    provider = Provider.objects.get()
    assert provider.base_url == "https://api.example.com/v1"
    assert provider.silence_seconds == 60
    assert Credential.objects.get().secret == KEY
    assert LanguageModel.objects.get().name == "gpt-4o"
    assert AccessCode.objects.filter(digest=code_digest("open sesame please")).exists()
    assert SiteSettings.current().sign_up == SiteSettings.SignUp.ACCESS_CODE
    assert Quota.objects.get().messages_an_hour == 40
    assert "line 10: It is no NAME=value" in said
    assert "line 11: VITE_GLOB_API_URL has no counterpart" in said
    assert "OPENAI_API_DISABLE_DEBUG is not needed" in said


def test_a_compose_file_that_is_no_valid_yaml(tmp_path: Path) -> None:
    said = run(tmp_path, COMPOSE)
    assert Provider.objects.get().base_url == "https://api.openai.com/v1"
    assert Provider.objects.get().silence_seconds == 100
    assert LanguageModel.objects.get().name == "gpt-4o"
    assert Credential.objects.get().secret == KEY
    assert "line 10: OPENAI_API_BASE_URL holds what the sample has" in said
    assert "line 12: AUTH_SECRET_KEY takes its value from somewhere else" in said
    assert "OTHER_THING is no setting of chatgpt-web" in said
    assert not Quota.objects.exists()
    assert "image" not in said.lower()


def test_twice_changes_nothing(tmp_path: Path) -> None:
    run(tmp_path, ENV)
    Provider.objects.update(title="Ours")
    with pytest.raises(CommandError, match="Nothing was taken over"):
        run(tmp_path, ENV)
    assert Provider.objects.get().title == "Ours"
    assert Credential.objects.count() == AccessCode.objects.count() == Quota.objects.count() == 1


def test_a_compose_file_and_the_env_file_that_it_names(tmp_path: Path) -> None:
    compose = (
        "services:\n  app:\n    env_file: .env\n    environment:\n      - OPENAI_API_KEY=" + KEY
    )
    said = run(tmp_path, compose, "AUTH_SECRET_KEY=open sesame please")
    assert "line 3: It names another file" in said
    assert AccessCode.objects.exists()
    assert Provider.objects.exists()


def test_what_cannot_be_used_keeps_nothing_else_from_being_taken(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        f"OPENAI_API_KEY={KEY}\nOPENAI_API_BASE_URL=ftp://x\nAUTH_SECRET_KEY=abc\nMAX_REQUEST_PER_HOUR=20",
    )
    assert not Provider.objects.exists()
    assert not AccessCode.objects.exists()
    assert Quota.objects.get().messages_an_hour == 20
    assert "line 2: OPENAI_API_BASE_URL has to look like" in said
    assert "line 3: AUTH_SECRET_KEY becomes the code" in said


def test_an_access_token_needs_its_reverse_proxy(tmp_path: Path) -> None:
    token = "eyJhbGciOiJSUzI1NiJ9." + "a" * 60 + "." + "b" * 60
    with pytest.raises(CommandError):
        run(tmp_path, f"OPENAI_ACCESS_TOKEN={token}")
    run(
        tmp_path,
        f"OPENAI_ACCESS_TOKEN={token}\nAPI_REVERSE_PROXY=https://proxy.example/api/conversation",
    )
    assert Provider.objects.get().takes_access_tokens


def test_the_forks_settings(tmp_path: Path) -> None:
    said = run(
        tmp_path,
        "MONGODB_URL=mongodb://x\nAUTH_SECRET_KEY=a salt of theirs\nREGISTER_ENABLED=true\n"
        "REGISTER_MAILS=@example.com,@example.org\nSITE_TITLE=Our Chat\nSMTP_HOST=smtp.example.com\n"
        "SMTP_PORT=465\nSMTP_TSL=true\nSMTP_USERNAME=chat@example.com\nSMTP_PASSWORD=canary-password\n"
        f"OPENAI_API_KEY={KEY}\nOPENAI_API_MODEL=ChatGPTAPI\nPASSWORD_MD5_SALT=x1\nAUDIT_ENABLED=false\n",
    )
    site = SiteSettings.current()
    assert (site.site_name, site.mail_host, site.mail_port) == ("Our Chat", "smtp.example.com", 465)
    assert (site.mail_security, site.mail_password) == ("tls", "canary-password")
    assert site.allowed_email_domains.split() == ["example.com", "example.org"]
    assert site.sign_up == SiteSettings.SignUp.EMAIL_DOMAIN
    assert not AccessCode.objects.exists()
    assert not LanguageModel.objects.filter(name="ChatGPTAPI").exists()
    assert "canary-password" not in said
    assert "PASSWORD_MD5_SALT is not needed: passwords do not come over" in said


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A_B=c", "c"),
        ("A_B:c", "c"),
        ("  - A_B=c", "c"),
        ("A_B: 'c'", "c"),
        ('A_B="c', "c"),
        ("A_B=c'", "c"),
        ("A_B = c # and so on", "c"),
        ('A_B="c # d"', "c # d"),
        ("export A_B=c", "c"),
        ("a_b=c", "c"),
        ("A_B=“c”", "c"),
        ("A_B=https://x.example/a#b", "https://x.example/a#b"),
        ("A_B=c=d==", "c=d=="),
        ("A_B=你好", "你好"),
        ("A_B=c;", "c"),
    ],
)
def test_every_way_to_write_it(line: str, value: str) -> None:
    (found,) = read_env(line.encode()).settings
    assert (found.name, found.value) == ("A_B", value)
    assert value not in repr(found)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_every_encoding_of_an_old_editor(encoding: str) -> None:
    (found,) = read_env("# 注释\r\nSITE_TITLE=聊天\r\n".encode(encoding)).settings
    assert found.value == "聊天"


@pytest.mark.parametrize(
    "raw", [b"\x00\x01\x02\xff" * 10, b"x" * 2_000_000], ids=["bytes", "large"]
)
def test_what_is_no_such_file_is_told(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(CommandError):
        run(tmp_path, raw)
