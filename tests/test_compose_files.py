"""The compose files: by the specification's schema, by what the portal reads, and by what the image is."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

from chatportal import addresses
from tests.image.dockerfile import read

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent
DOCKER = ROOT / "docker"
NAMES = ["compose.yaml", "compose.sqlite.yaml", "compose.tls.yaml"]
SERVICES = [
    ("compose.yaml", "portal"),
    ("compose.yaml", "database"),
    ("compose.yaml", "nginx"),
    ("compose.sqlite.yaml", "portal"),
]
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::([-?])([^}]*))?\}")


def loaded(name: str) -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load((DOCKER / name).read_text())
    return composed


def service(name: str, title: str) -> dict[str, Any]:
    found: dict[str, Any] = loaded(name)["services"][title]
    return found


def image() -> dict[str, str]:
    """The last word of each instruction of the Dockerfile's last stage."""
    return {each.name: each.rest for each in read((DOCKER / "Dockerfile").read_text())}


def _schema() -> Path:
    """As check-jsonschema brings it; what else it is, nobody needs here."""
    found = find_spec("check_jsonschema")
    assert found and found.submodule_search_locations
    return Path(found.submodule_search_locations[0], "builtin_schemas/vendor/compose-spec.json")


@pytest.mark.parametrize("name", NAMES)
def test_they_are_as_the_specification_has_them(name: str) -> None:
    schema = json.loads(_schema().read_text())
    checker = validator_for(schema)(schema)
    assert [error.message for error in checker.iter_errors(loaded(name))] == []
    wrong = loaded(name)
    wrong["services"]["nginx" if "tls" in name else "portal"]["restarts"] = "always"
    assert list(checker.iter_errors(wrong)), "the schema refuses nothing"


@pytest.mark.parametrize("name", NAMES)
def test_volumes_and_neighbours_are_there(name: str) -> None:
    composed = loaded(name)
    for each in composed["services"].values():
        for source in [mount.split(":")[0] for mount in each.get("volumes", [])]:
            if source.startswith("."):
                assert (DOCKER / source).is_file(), source
            elif not source.startswith("$"):
                assert source in composed["volumes"]
        assert set(each.get("depends_on", [])) <= set(composed["services"])


def test_one_variable_has_to_be_set() -> None:
    def wanted(name: str) -> set[str]:
        found = VARIABLE.findall((DOCKER / name).read_text())
        return {variable for variable, kind, _text in found if kind != "-"}

    assert wanted("compose.yaml") == {"PORTAL_URL"}
    assert wanted("compose.sqlite.yaml") == set()
    assert wanted("compose.tls.yaml") == {"PORTAL_HOST", "PORTAL_CERTIFICATES"}


@pytest.mark.parametrize(("name", "title"), SERVICES)
def test_what_runs_is_confined(name: str, title: str) -> None:
    it = service(name, title)
    assert it["read_only"] is True
    assert it["cap_drop"] == ["ALL"]
    assert it["security_opt"] == ["no-new-privileges:true"]
    assert it["restart"] == "unless-stopped"
    assert it["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert "privileged" not in it
    assert any(mount.startswith("/tmp") for mount in it["tmpfs"])
    assert "healthcheck" in it or title == "portal"  # the portal's comes with its image
    if title != "nginx":
        assert "cap_add" not in it


def test_the_database_cannot_be_reached_but_by_its_socket() -> None:
    database, portal = service("compose.yaml", "database"), service("compose.yaml", "portal")
    assert database["network_mode"] == "none"
    assert "ports" not in database
    assert database["command"][-1] == "listen_addresses="
    url = VARIABLE.sub(lambda found: found[3], portal["environment"]["DATABASE_URL"])
    config = addresses.database(url)
    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert (config["HOST"], config["USER"]) == ("/var/run/postgresql", "portal")
    assert config["NAME"] == database["environment"]["POSTGRES_DB"]
    assert config["USER"] == database["environment"]["POSTGRES_USER"]
    sockets = [
        {mount.split(":")[1] for mount in it["volumes"] if mount.startswith("database-socket:")}
        for it in (database, portal)
    ]
    assert sockets == [{config["HOST"]}, {config["HOST"]}]


@pytest.mark.parametrize("name", ["compose.yaml", "compose.sqlite.yaml"])
def test_they_fit_the_image(name: str) -> None:
    portal = service(name, "portal")
    assert (DOCKER / portal["build"]["context"]).resolve() == ROOT
    assert (ROOT / portal["build"]["dockerfile"]).is_file()
    arguments = re.findall(r"^ARG (\w+)", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)
    assert set(portal["build"]["args"]) == set(arguments)
    assert f"data:{image()['VOLUME']}" in portal["volumes"]
    assert portal["environment"]["PORTAL_DATA_DIR"] == image()["VOLUME"]
    assert portal["environment"]["PORT"] == image()["EXPOSE"]


def test_members_come_in_by_nginx_alone() -> None:
    portal, nginx = service("compose.yaml", "portal"), service("compose.yaml", "nginx")
    assert "ports" not in portal  # for it believes whoever speaks to it
    assert nginx["environment"]["PORTAL_UPSTREAM"] == f"portal:{image()['EXPOSE']}"
    template = (DOCKER / "nginx" / "plain.conf.template").read_text()
    wanted = {variable for variable, _kind, _text in VARIABLE.findall(template)}
    assert wanted <= set(nginx["environment"])


def test_tls_gives_its_configuration_what_it_wants() -> None:
    template = (DOCKER / "nginx" / "tls.conf.template").read_text()
    wanted = {variable for variable, _kind, _text in VARIABLE.findall(template)}
    plain, tls = service("compose.yaml", "nginx"), service("compose.tls.yaml", "nginx")
    assert wanted <= set(plain["environment"]) | set(tls["environment"])
    target = "/etc/nginx/templates/default.conf.template:ro"
    assert f"./nginx/plain.conf.template:{target}" in plain["volumes"]
    assert f"./nginx/tls.conf.template:{target}" in tls["volumes"]  # in the other's place


def test_there_is_time_to_finish_answers() -> None:
    for name in ("compose.yaml", "compose.sqlite.yaml"):
        grace = service(name, "portal")["stop_grace_period"]
        assert int(grace.removesuffix("s")) > 20 + 5  # PORTAL_DRAIN_SECONDS, and the demo model


@pytest.mark.parametrize("name", NAMES)
def test_they_hold_no_secret(name: str) -> None:
    for each in loaded(name)["services"].values():
        for variable, value in each.get("environment", {}).items():
            assert not re.search(r"PASSWORD|TOKEN|SECRET|_KEYS?$", variable) or value.startswith(
                "/"
            )
