"""A real nginx with one of our configurations, or with one as guides give them, before a portal."""

from __future__ import annotations

import datetime
import ipaddress
import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.portal_process import ROOT, wait_until

OURS = ROOT / "docker" / "nginx"
AS_IN_GUIDES = Path(__file__).with_name("nginx_of_guides")
HOST = "chat.test"
UPLOAD_BYTES = 50 * 1024 * 1024

# What Debian and the official image say around each configuration.
AROUND = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log stderr warn;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off;
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/portal.conf;
}}
"""


class Nginx:
    """`configuration` is filled in as envsubst does it; its ports become free ones."""

    def __init__(self, configuration: Path, folder: Path, *, portal_port: int) -> None:
        self.folder, self.portal_port = folder, portal_port
        self.path = ""  # below which it serves the portal
        folder.mkdir(parents=True, exist_ok=True)
        self.ports = {80: free_port(), 443: free_port()}
        make_certificate(folder)
        text = _filled_in(configuration.read_text(), self._variables(portal_port))
        text = re.sub(r"listen (\[::\]:)?(80|443)\b", self._listen, text)
        text = text.replace("/etc/nginx/portal.inc", str(OURS / "portal.inc"))
        (folder / "portal.conf").write_text(text)
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
        self.has_tls = "ssl_certificate" in text

    @property
    def url(self) -> str:
        return f"{'https' if self.has_tls else 'http'}://{HOST}:{self.port}"

    @property
    def port(self) -> int:
        return self.ports[443 if self.has_tls else 80]

    @property
    def certificate(self) -> str:
        return str(self.folder / "portal.crt")

    def __enter__(self) -> Self:
        command = [nginx_binary(), "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)]
        with (self.folder / "nginx.log").open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "-e", "stderr"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(lambda: self._listens() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said
        return self

    def __exit__(self, *error: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)

    @property
    def said(self) -> str:
        return (self.folder / "nginx.log").read_text()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _variables(self, portal_port: int) -> dict[str, str]:
        return {
            "PORTAL_HOST": HOST,
            "PORTAL_UPSTREAM": f"127.0.0.1:{portal_port}",
            "PORTAL_CERTIFICATE": str(self.folder / "portal.crt"),
            "PORTAL_CERTIFICATE_KEY": str(self.folder / "portal.key"),
            "PORTAL_IMPORT_MAX_BYTES": str(UPLOAD_BYTES),
        }

    def _listen(self, found: re.Match[str]) -> str:
        address = "[::1]:" if found[1] else "127.0.0.1:"
        return f"listen {address}{self.ports[int(found[2])]}"


def nginx_binary() -> str:
    found = os.environ.get("NGINX") or shutil.which("nginx")
    if not found:
        pytest.skip("no nginx: run the tests by make test")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificate(folder: Path) -> None:
    """Of our own making, for HOST: portal.crt and portal.key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "portal.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "portal.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _filled_in(text: str, variables: dict[str, str]) -> str:
    """As the entry point of the official image does it: names that it knows, and no others."""
    return re.sub(r"\$\{(\w+)\}", lambda found: variables.get(found[1], found[0]), text)
