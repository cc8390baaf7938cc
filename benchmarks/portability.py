"""What it costs to bring a history along and to take it away, on SQLite, at the page of a portal that is in use.

    .venv/bin/python benchmarks/portability.py [MEGABYTES [CONVERSATIONS]]

One member brings a ChatGPT export of 500 MB and 10,000 conversations, by the page, while another sends RATE messages a
second.

- `import_extra_mb`: the most memory that the portal took above the idle process, from the upload to the last row.
- `import_messages_per_s`: messages brought in a second, the upload and the list to choose from not counted; the
  baseline is the least that is wanted.
- `send_ms_p95_beside_import`: sending a message meanwhile; the baseline is the same portal before.
- `reimport_seconds`: the same file once more, from the end of its upload; the baseline is the first time.
- `import_transaction_ms`: the longest and the p95 transaction of an import of its own, on SQLite and, where its
  programs are there, on PostgreSQL; the baseline is what is allowed. Of a usual history, of one conversation of 5,000
  messages, of answers of 100 KB, and of messages of 2 MB.
- `export_extra_mb`: the most memory above the idle process while all of it is made ahead as our own JSON, and fetched.
"""

from __future__ import annotations

import html
import json
import random
import re
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "scripts"))

from test_servers import Missing, postgresql

from benchmarks.stage.import_transactions import Held, import_transactions
from benchmarks.stage.portal import Member, Portal, print_figure, served_portal
from benchmarks.stage.processes import resident_megabytes

MESSAGES = 40  # of a conversation
LOOK_SECONDS = 1.0  # as often as the page does
RATE = 10.0  # messages a second that the other member sends
IDLE_SECONDS = 15.0
LONGEST_TRANSACTION = 25.0  # ms
WORDS = ("the", "history", "of", "a", "team", "moves", "with", "it", "and", "so", "does", "every")


def write_export(path: Path, megabytes: float, conversations: int) -> int:
    """A ChatGPT export of that size; returns how many messages there are in it."""
    chance = random.Random(1)
    each = megabytes * 1e6 / conversations / MESSAGES - 385  # bytes of text in a message
    with path.open("w") as file:
        for number in range(conversations):
            file.write("," if number else "[")
            json.dump(_conversation(number, chance, int(max(each, 20))), file)
        file.write("]")
    return conversations * MESSAGES


def _conversation(number: int, chance: random.Random, length: int) -> dict[str, Any]:
    mapping: dict[str, Any] = {
        "root": {"id": "root", "parent": None, "children": ["0"], "message": None}
    }
    for at in range(MESSAGES):
        text = " ".join(chance.choices(WORDS, k=length // 5 + 1))[:length]
        mapping[str(at)] = {
            "id": str(at),
            "parent": str(at - 1) if at else "root",
            "children": [str(at + 1)] if at < MESSAGES - 1 else [],
            "message": {
                "id": str(uuid.UUID(int=number * 1000 + at)),
                "author": {"role": "assistant" if at % 2 else "user", "name": None, "metadata": {}},
                "create_time": 1.7e9 + number * 3600 + at,
                "update_time": None,
                "content": {"content_type": "text", "parts": [text]},
                "status": "finished_successfully",
                "end_turn": None,
                "weight": 1.0,
                "recipient": "all",
                "channel": None,
                "metadata": {"model_slug": "gpt-4o", "timestamp_": "absolute"},
            },
        }
    return {
        "id": f"c{number}",
        "title": f"Conversation {number}",
        "create_time": 1.7e9 + number * 3600,
        "update_time": 1.7e9 + number * 3600 + MESSAGES,
        "mapping": mapping,
        "current_node": str(MESSAGES - 1),
        "default_model_slug": "gpt-4o",
    }


@dataclass
class Watch:
    """The most memory of the portal while it is watched, in MB."""

    process_id: int
    most: float = 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        ends = threading.Event()

        def look() -> None:
            while not ends.wait(0.05):
                self.most = max(self.most, resident_megabytes(self.process_id))

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            ends.set()
            thread.join()


@dataclass
class Sender:
    """Somebody who goes on sending messages: milliseconds of each."""

    member: Member
    times: list[float] = field(default_factory=list)

    @contextmanager
    def sending(self) -> Iterator[None]:
        ends = threading.Event()

        def send() -> None:
            following = time.monotonic()
            while not ends.is_set():
                form = {"text": "And what of that?", "client_id": str(uuid.uuid4())}
                began = time.perf_counter()
                self.member.http.post("/conversations/new/", data=form).raise_for_status()
                self.times.append((time.perf_counter() - began) * 1000)
                following += 1 / RATE
                ends.wait(max(0.0, following - time.monotonic()))

        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield
        finally:
            ends.set()
            thread.join()

    def take(self) -> list[float]:
        times, self.times = self.times, []
        return times


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[94]


def upload(member: Member, path: Path) -> str:
    with path.open("rb") as file:
        answer = member.http.post("/import/", files={"files": (path.name, file)}, timeout=600)
    answer.raise_for_status()
    address: str = answer.json()["url"]
    return address


def until(member: Member, address: str, reached: Callable[[str], bool]) -> str:
    """How an import stands as soon as its state is what is waited for; asked for as its page does."""
    while True:
        page = member.http.get(address, headers={"X-Requested-With": "fetch"}).text
        state = re.search(r'data-state="(\w+)"', page)
        if state and reached(state[1]):
            return page
        time.sleep(LOOK_SECONDS)


def bring(member: Member, address: str) -> tuple[float, float]:
    """Seconds for the list, and for bringing all of it in."""
    began = time.monotonic()
    page = until(member, address, lambda state: state != "reading")
    listed = time.monotonic() - began
    rows = re.findall(r'name="row" value="(\d+)"', page)
    if not rows:
        return listed, 0.0
    began = time.monotonic()
    member.http.post(f"{address}start/", data={"row": rows, "rest": "on"})
    until(member, address, lambda state: state in {"completed", "failed"})
    return listed, time.monotonic() - began


def run(megabytes: float = 500.0, conversations: int = 10_000) -> None:
    measure_transactions()
    nowhere = "http://127.0.0.1:9"
    with (
        tempfile.TemporaryDirectory(prefix="chatportal-bench-") as folder,
        served_portal(nowhere, members=2, settings="benchmarks.stage.sending_only") as portal,
    ):
        path = Path(folder) / "conversations.json"
        messages = write_export(path, megabytes, conversations)
        size = {"megabytes": round(path.stat().st_size / 1e6), "conversations": conversations}
        measure(portal, path, messages, size)


def measure(portal: Portal, path: Path, messages: int, size: dict[str, int]) -> None:
    mover, other = portal.member(0), Sender(portal.member(1))
    process_id = portal.process.pid
    with other.sending():
        time.sleep(IDLE_SECONDS)
    idle_times, idle = other.take(), resident_megabytes(process_id)
    watch = Watch(process_id)
    with watch.watching(), other.sending():
        address = upload(mover, path)
        other.take()
        listed, brought = bring(mover, address)
    beside = other.take()
    print_figure(
        "import_extra_mb",
        value=round(watch.most - idle, 1),
        baseline=150,
        ratio=round((watch.most - idle) / 150, 2),
        unit="MB above the idle process; the baseline is the most that is allowed",
        idle_mb=round(idle, 1),
        **size,
    )
    print_figure(
        "import_messages_per_s",
        value=round(messages / brought),
        baseline=2000,
        ratio=round(messages / brought / 2000, 2),
        unit="messages a second; the baseline is the least that is wanted",
        messages=messages,
        list_seconds=round(listed, 1),
        import_seconds=round(brought, 1),
    )
    print_figure(
        "send_ms_p95_beside_import",
        value=round(p95(beside), 1),
        baseline=round(p95(idle_times), 1),
        ratio=round(p95(beside) / p95(idle_times), 2),
        unit="ms; the baseline is the same portal before",
        bound=2.0,
        p50=round(statistics.median(beside), 1),
        slowest=round(max(beside), 1),
        sent=len(beside),
    )
    again, _none = bring(mover, upload(mover, path))
    print_figure(
        "reimport_seconds",
        value=round(again, 1),
        baseline=round(listed + brought, 1),
        ratio=round((listed + brought) / again, 2),
        unit="s until nothing new was found; the ratio is how many times faster than the first",
        bound=5.0,
    )
    measure_export(mover, process_id, size)


def measure_transactions() -> None:
    print_transactions("sqlite", import_transactions())
    try:
        with postgresql() as url:
            print_transactions("postgresql", import_transactions(DATABASE_URL=url))
    except Missing as missing:
        print(f"Not measured on PostgreSQL: {missing}", file=sys.stderr)


def print_transactions(database: str, found: list[Held]) -> None:
    for held in found:
        print_figure(
            "import_transaction_ms",
            value=round(held.longest, 1),
            baseline=LONGEST_TRANSACTION,
            ratio=round(held.longest / LONGEST_TRANSACTION, 2),
            unit="ms of the longest transaction; the baseline is the most that is wanted",
            database=database,
            history=held.case,
            p95=round(held.p95, 1),
            transactions=held.transactions,
            most_rows=held.most_rows,
            most_kb=round(held.most_kb),
        )


def measure_export(mover: Member, process_id: int, size: dict[str, int]) -> None:
    idle, watch, received = resident_megabytes(process_id), Watch(process_id), 0
    began = time.monotonic()
    with watch.watching():
        address = _made_ahead(mover)
        made = time.monotonic() - began
        with mover.http.stream("GET", address, timeout=httpx.Timeout(600)) as answer:
            for piece in answer.iter_raw():
                received += len(piece)
    print_figure(
        "export_extra_mb",
        value=round(watch.most - idle, 1),
        baseline=150,
        ratio=round((watch.most - idle) / 150, 2),
        unit="MB above the process before; the baseline is the most that is allowed",
        seconds=round(time.monotonic() - began, 1),
        seconds_to_make=round(made, 1),
        received_mb=round(received / 1e6),
        **size,
    )


def _made_ahead(mover: Member) -> str:
    """The address of the file, as soon as there is one."""
    mover.http.post("/export/", data={"format": "json", "which": "all"})
    while True:
        link = re.search(r'href="(/exports/[^"]+)"', mover.http.get("/import/").text)
        if link:
            return html.unescape(link[1])
        time.sleep(0.2)


if __name__ == "__main__":
    run(*(kind(text) for kind, text in zip((float, int), sys.argv[1:], strict=False)))
