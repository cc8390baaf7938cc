"""`make test`: everything that must hold, step by step; all steps run, and the end says which failed.

`python3 scripts/test.py pytest` runs only the steps with that name, and `-k stop` is handed to pytest.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import test_servers
from prepare import ENVIRONMENT, PYTHON, find_node, prepare
from steps import CACHE, ROOT, StepFailed

LOG = CACHE / "test.log"
STRICT = os.environ.get("CI") == "true"
# What is set for the portal on this machine must not reach the tests.
OURS = re.compile(
    r"(PORTAL|OPENAI|SOCKS_PROXY)_|(DATABASE_URL|REDIS_URL|SECRET_KEY|FIELD_ENCRYPTION_KEYS|EMAIL_URL"
    r"|API_REVERSE_PROXY|MAX_REQUEST_PER_HOUR|TIMEOUT_MS|HTTPS_PROXY|ALL_PROXY|AUTH_SECRET_KEY)(_FILE)?$"
)


AT_ONCE = 2
LONGEST_FAILURE = 300  # characters of a line
COLLECT = "from chatportal.static_files import collect_if_changed; collect_if_changed()"
REPORTING = threading.Lock()  # one line at a time

# Components that only some tests want: these are skipped without them, which CI counts as a failure.
FOR_SOME_TESTS = {"valkey": "TEST_REDIS_URL", "pandora": "PANDORA_PYTHON", "nginx": "NGINX"}


@dataclass(frozen=True)
class Step:
    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    quiet: bool = True  # shown only when it fails
    long: bool = False  # waits more than it computes, so that two of these run beside each other


@dataclass
class Outcome:
    """What the steps came to."""

    failed: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)  # the tests that failed, each with its reason
    missing: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"passed": 0, "failed": 0, "skipped": 0})

    @property
    def is_good(self) -> bool:
        return not self.failed and not (STRICT and self.missing)


def steps(pytest_options: list[str]) -> list[Step]:
    """The table. Each runs whatever became of those before it."""
    return [
        Step("ruff", (tool("ruff"), "check", ".")),
        Step("format", (tool("ruff"), "format", "--check", ".")),
        Step("mypy", (tool("mypy"),)),
        Step("imports", (tool("lint-imports"), "--cache-dir", ".cache/imports")),
        Step("check", manage("check", "--fail-level", "WARNING")),
        Step("migrations", manage("makemigrations", "--check", "--dry-run")),
        # As `serve` does it, so that the portals that tests start find it done, and leave the files alone.
        Step("collectstatic", manage("shell", "--command", COLLECT)),
        Step("javascript", javascript()),
        # A pytest process of its own: Playwright keeps an event loop running, which Django's ORM refuses.
        Step(
            "browser",
            pytest("tests/browser", *pytest_options),
            {"CHROMIUM": "{chromium}"},
            quiet=False,
            long=True,
        ),
        Step(
            "pytest",
            # Two at once, each with files of its own: what is shared is shared within a file.
            pytest("tests", "--ignore=tests/browser", "-n2", "--dist=loadfile", *pytest_options),
            quiet=False,
            long=True,
        ),
        Step(
            "postgresql",
            # Each of the two with a database of its own.
            pytest("tests", "--ignore=tests/browser", "-n2", "--dist=loadfile", *pytest_options),
            {"DATABASE_URL": "{postgresql}"},
            quiet=False,
            long=True,
        ),
    ]


def main() -> int:
    options = _arguments()
    prepare(for_tests=True)
    LOG.unlink(missing_ok=True)
    outcome = Outcome()
    chosen = [
        step for step in steps(options.pytest) if not options.names or step.name in options.names
    ]
    with contextlib.ExitStack() as until_the_end:
        components = Components(until_the_end, outcome)
        environment = clean_environment(until_the_end)
        for step in chosen:
            if not step.long:
                run_step(step, environment, outcome)
        run_beside_each_other(
            [step for step in chosen if step.long], environment, components, outcome
        )
    return report(outcome)


# --- The commands ----------------------------------------------------------------------------------------------------


def tool(name: str) -> str:
    return str(ENVIRONMENT / "bin" / name)


def manage(*arguments: str) -> tuple[str, ...]:
    return (str(PYTHON), "manage.py", *arguments)


def pytest(*arguments: str) -> tuple[str, ...]:
    return (
        str(PYTHON),
        "-m",
        "pytest",
        "--color=yes" if sys.stdout.isatty() else "--color=no",
        *arguments,
    )


def javascript() -> tuple[str, ...]:
    node = find_node()
    files = sorted(
        str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "js").rglob("*.test.*js")
    )
    return (node.node if node else "node", "--test", "--test-reporter=tap", *files)


# --- Running one -----------------------------------------------------------------------------------------------------


class Components:
    """The servers and the browser, each started when the first step asks for it."""

    def __init__(self, until_the_end: contextlib.ExitStack, outcome: Outcome) -> None:
        self._until_the_end = until_the_end
        self._outcome = outcome
        self._found: dict[str, str | None] = {}

    def get(self, name: str, *, own: str = "") -> str | None:
        """Where it is found; None where it is missing. `own` names who wants one that nobody else uses."""
        key = f"{name} {own}"
        if key not in self._found:
            try:
                self._found[key] = self._start(name)
            except (
                test_servers.Missing,
                StepFailed,
                OSError,
                subprocess.SubprocessError,
            ) as missing:
                self._found[key] = None
                self._outcome.missing.append(f"{name}: {missing}")
        return self._found[key]

    def _start(self, name: str) -> str:
        if name in {"chromium", "pandora", "nginx"}:
            path: str = getattr(test_servers, name)()
            return path
        return self._until_the_end.enter_context(getattr(test_servers, name)())


def run_beside_each_other(
    chosen: list[Step], environment: dict[str, str], components: Components, outcome: Outcome
) -> None:
    """Two at a time, each line with the name of its step before it."""
    ready = []
    for step in chosen:  # components first, one after the other
        wanted = environment_of(step, components)
        if wanted is not None:
            ready.append((step, {**environment, **wanted}))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for running in [threads.submit(run_step, step, its, outcome) for step, its in ready]:
            running.result()


def environment_of(step: Step, components: Components) -> dict[str, str] | None:
    """What the step wants of the components; None where one that it cannot do without is missing."""
    wanted = {}
    for variable, value in step.environment.items():
        found = components.get(value.strip("{}"))
        if found is None:
            print(f"→ {step.name} … LEFT OUT, {value.strip('{}')} is missing", flush=True)
            return None
        wanted[variable] = found
    for name, variable in FOR_SOME_TESTS.items():
        if found := components.get(name, own=step.name):
            wanted[variable] = found
    return wanted


def run_step(step: Step, environment: dict[str, str], outcome: Outcome) -> None:
    print(f"→ {step.name} … ", end="" if step.quiet else "\n", flush=True)
    started = time.monotonic()
    status, output = execute(step, environment)
    took = f"{time.monotonic() - started:.1f} s"
    with REPORTING:
        count(output, outcome)
        outcome.tests += [f"{step.name}: {line}" for line in failures(output)]
        if status:
            outcome.failed.append(step.name)
        if step.quiet:
            print(f"FAILED\n{output}" if status else took, flush=True)
        else:
            print(f"→ {step.name} … {'FAILED, ' if status else ''}{took}", flush=True)


def execute(step: Step, environment: dict[str, str]) -> tuple[int, str]:
    """Run it with its output in the log and, unless it is quiet, on the screen."""
    lines = []
    with (
        LOG.open("a") as log,
        ended(
            subprocess.Popen(
                step.command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        ) as process,
    ):
        assert process.stdout
        for line in process.stdout:
            lines.append(line)
            shown = f"{step.name} │ {line}" if step.long else line
            with REPORTING:
                log.write(shown)
                log.flush()
                if not step.quiet:
                    print(shown, end="", flush=True)
    return process.returncode, "".join(lines)


@contextlib.contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Ctrl-C reaches it too: let it clean up, but not for ever."""
    try:
        yield process
        process.wait()
    except KeyboardInterrupt:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        raise
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def clean_environment(until_the_end: contextlib.ExitStack) -> dict[str, str]:
    data = until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="chatportal-test-"))
    kept = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    return {**kept, "PORTAL_DATA_DIR": data, "PYTHONUNBUFFERED": "1"}


# --- The end ---------------------------------------------------------------------------------------------------------


def count(output: str, outcome: Outcome) -> None:
    """Add up pytest's closing lines and those of Node's test runner."""
    for closing in re.findall(
        r"^=+ (.*) in [\d.]+s.* =+$", re.sub(r"\x1b\[[\d;]*m", "", output), re.MULTILINE
    ):
        for number, kind in re.findall(r"(\d+) (passed|failed|skipped|errors?)", closing):
            outcome.counts["failed" if kind.startswith("error") else kind] += int(number)
    for kind, number in re.findall(r"^# (pass|fail|skipped) (\d+)$", output, re.MULTILINE):
        outcome.counts[{"pass": "passed", "fail": "failed"}.get(kind, kind)] += int(number)


def failures(output: str) -> list[str]:
    """The lines in which pytest and Node's test runner name a test that failed."""
    return [
        line[:LONGEST_FAILURE]
        for line in re.findall(
            r"^(?:(?:FAILED|ERROR) \S+::.*| *not ok \d+ - .*)$",
            re.sub(r"\x1b\[[\d;]*m", "", output),
            re.MULTILINE,
        )
    ]


def report(outcome: Outcome) -> int:
    print()
    for test in outcome.tests:
        print(test)
    for missing in outcome.missing:
        print(f"!!! NOT TESTED, a component is missing. {missing}")
    if outcome.failed:
        print(f"FAILED: {', '.join(outcome.failed)}. The whole output: {LOG}")
    elif outcome.is_good:
        print("All steps passed." if not outcome.missing else "The steps that could run passed.")
    print(
        "{passed} passed, {failed} failed, {skipped} skipped".format(**outcome.counts), flush=True
    )
    return 0 if outcome.is_good else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [step.name for step in steps([])]
    parser.add_argument(
        "names", nargs="*", metavar="STEP", help=f"of {', '.join(names)}; all without it"
    )
    parser.add_argument("-k", dest="keyword", help="only tests that match, as pytest's -k")
    options = parser.parse_args()
    if unknown := set(options.names) - set(names):
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    options.pytest = ["-k", options.keyword] if options.keyword else []
    return options


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except StepFailed:
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; everything that was started has been ended.")
