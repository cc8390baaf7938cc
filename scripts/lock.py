"""`make lock`: resolve the .in files anew, complete and with hashes, naming no host and no local path."""

import sys

from steps import CACHE, StepFailed, run, step

UV = "uv==0.13.9"
LOCKS = ("requirements", "requirements-test", "requirements-node", "requirements-pandora")
LOG = CACHE / "lock.log"


def main() -> None:
    tools = CACHE / "lock-tools"
    uv = tools / "bin" / "uv"
    LOG.unlink(missing_ok=True)
    with step("Installing uv for the occasion", log=LOG):
        run([sys.executable, "-m", "venv", tools], log=LOG)
        run([tools / "bin" / "pip", "install", "--disable-pip-version-check", UV], log=LOG)
    for name in LOCKS:
        with step(f"Locking {name}.txt", log=LOG):
            run(
                [uv, "pip", "compile", *options(sys.argv[1:]), f"{name}.in", "-o", f"{name}.txt"],
                log=LOG,
            )


def options(more: list[str]) -> list[str]:
    """Without `--upgrade` (in `more`) uv keeps what is locked as far as the .in files allow."""
    quiet_about_here = ["--no-header", "--no-emit-index-url", "--no-emit-find-links"]
    return [
        "--generate-hashes",
        "--universal",
        "--python-version",
        "3.11",
        *quiet_about_here,
        *more,
    ]


if __name__ == "__main__":
    try:
        main()
    except StepFailed:
        sys.exit(1)
