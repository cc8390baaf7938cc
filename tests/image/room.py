"""A root for a stage: of this machine what an operating system brings, read-only, and all else empty.

Commands run in a mount namespace of their own, so that nothing that they mount outlives them. Only who may make one
(root, or whoever has user namespaces with a range of ids) can build here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.portal_process import ROOT

sys.path.append(str(ROOT / "scripts"))
from prepare import find_node

SYSTEM = ("/usr", "/etc", "/opt", "/var/lib/dpkg", "/dev", "/proc", "/sys")
LINKS = ("/bin", "/sbin", "/lib", "/lib64", "/lib32")
# How this machine reaches package indexes: what a builder hands in beside the build arguments.
HANDED_IN = (
    "PIP_",
    "NPM_CONFIG_",
    "npm_config_",
    "SSL_CERT_",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
)
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")

APT = """#!/bin/sh
# What is asked of Debian is not fetched: it has to be installed on this machine, under this name.
echo "apt-get $*" >> /asked-of-debian
[ "$1" = update ] && exit 0
[ "$1" = install ] || exit 100
command -v dpkg > /dev/null || exit 0
shift
for each; do
    case "$each" in
        -*) ;;
        *) dpkg -s "$each" > /dev/null || exit 100 ;;
    esac
done
"""


@dataclass
class Room:
    """One stage's root, in `folder`."""

    folder: Path
    has_node: bool
    cache: Path
    mounts: list[tuple[Path, str, str]] = field(default_factory=list)  # from, to, options

    def furnish(self) -> None:
        """The base image, as far as this machine can stand for it: a Debian with Python, or with Node."""
        for name in ("tmp", "var/lib/apt/lists", "image", "root"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "tmp").chmod(0o1777)
        for link in LINKS:
            if Path(link).is_symlink():
                (self.folder / link[1:]).symlink_to(os.readlink(link))
            elif Path(link).exists():
                self.mounts.append((Path(link), link, "ro"))
        self.mounts += [
            (Path(name), name, "rw" if name in {"/dev", "/proc"} else "ro")
            for name in SYSTEM
            if Path(name).exists()
        ]
        python = self._bring(Path(sys.base_prefix)) / "bin" / "python3.11"
        for name in ("python", "python3"):
            (self.folder / "image" / name).symlink_to(python)
        if self.has_node:
            self._bring_node()
        self._provide("apt-get", APT)

    def _bring(self, prefix: Path) -> Path:
        """Something that does not lie below /usr on this machine."""
        if not prefix.is_relative_to("/usr"):
            self.mounts.append((prefix, str(prefix), "ro"))
        return prefix

    def _bring_node(self) -> None:
        found = find_node()
        assert found, "Node is needed to build the front end"
        self._bring(Path(found.node).resolve().parent.parent)
        for name, words in (("node", (found.node,)), ("npm", found.npm)):
            self._provide(name, f'#!/bin/sh\nexec {" ".join(words)} "$@"\n')

    def _provide(self, name: str, script: str) -> None:
        path = self.folder / "image" / name
        path.write_text(script)
        path.chmod(0o755)

    @property
    def path(self) -> str:
        return "/image:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

    def inside(self, path: str) -> Path:
        return self.folder / path.lstrip("/")

    def command(
        self,
        words: Sequence[str],
        *,
        folder: str,
        caches: Sequence[str] = (),
        volumes: Mapping[str, Path] | None = None,
        user: tuple[int, int] | None = None,
    ) -> list[str]:
        """The whole line that runs `words` in here; read-only, and without any privilege, for a `user`."""
        script = ["set -e", f'mount --rbind "{self.folder}" "{self.folder}"']
        mounts = list(self.mounts)
        mounts += [(self._cache(target), target, "rw") for target in caches]
        mounts += [(source, target, "rw") for target, source in (volumes or {}).items()]
        for source, target, _options in mounts:
            self.inside(target).mkdir(parents=True, exist_ok=True)
            script.append(f'mount --rbind "{source}" "{self.inside(target)}"')
        script += [
            f'mount -o remount,ro,bind "{self.inside(target)}"'
            for _source, target, options in mounts
            if options == "ro"
        ]
        if not self.has_node and Path("/usr/bin/node").exists():
            script.append(f'mount --bind /dev/null "{self.folder}/usr/bin/node"')
        before: list[str] = []
        if user:
            script += [
                f'mount -o remount,ro,bind "{self.folder}"',
                f'mount -t tmpfs tmpfs "{self.folder}/tmp"',
            ]
            before = [
                *("setpriv", f"--reuid={user[0]}", f"--regid={user[1]}", "--clear-groups"),
                *("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--"),
            ]
        go = 'cd "$0"; exec "$@"'
        script.append(f'exec chroot "{self.folder}" /bin/sh -c \'{go}\' "$@"')
        return [*alone(), "sh", "-c", "\n".join(script), "-", folder, *before, *words]

    def run(
        self,
        words: Sequence[str],
        *,
        folder: str,
        environment: Mapping[str, str],
        caches: Sequence[str],
    ) -> None:
        handed_in = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(HANDED_IN) or name in PROXIES
        }
        done = subprocess.run(
            self.command(words, folder=folder, caches=caches),
            env={"PATH": self.path, "HOME": "/root", **handed_in, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{words[-1]}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"

    def _cache(self, target: str) -> Path:
        path = self.cache / target.strip("/").replace("/", "-")
        path.mkdir(parents=True, exist_ok=True)
        return path


def alone() -> list[str]:
    """A namespace whose mounts are seen by nobody else."""
    ids = [] if os.geteuid() == 0 else ["--map-root-user", "--map-auto"]
    return ["unshare", *ids, "--mount", "--propagation", "private"]


def can_build() -> bool:
    return subprocess.run([*alone(), "true"], capture_output=True).returncode == 0
