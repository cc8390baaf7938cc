"""A test that did not run proves nothing.

In CI a skip counts as a failure, unless `allowed_skips.txt` names its reason; elsewhere it is said loudly.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ALLOWED = Path(__file__).with_name("allowed_skips.txt")


class SkipWatch:
    """A pytest plugin that collects the skips nobody agreed to."""

    def __init__(self) -> None:
        self._allowed = _allowed_reasons()
        self._unexpected: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self._note(report.nodeid, report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._note(report.nodeid, report.longrepr)

    def _note(self, test: str, longrepr: object) -> None:
        reason = str(longrepr[-1] if isinstance(longrepr, tuple) else longrepr).removeprefix(
            "Skipped: "
        )
        if reason not in self._allowed:
            self._unexpected.append(f"{test}: {reason}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if (
            self._unexpected
            and os.environ.get("CI") == "true"
            and session.exitstatus == pytest.ExitCode.OK
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._unexpected:
            return
        terminalreporter.section(
            "NOT TESTED: skips that are not in tests/allowed_skips.txt", sep="!", red=True
        )
        for line in self._unexpected:
            terminalreporter.line(line)


def _allowed_reasons() -> set[str]:
    lines = ALLOWED.read_text().splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}
