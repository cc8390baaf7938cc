"""What it costs to bring a delta from upstream to a watching page, saved before it is shown.

N watched streams of 40 deltas a second come from a fast local upstream. `value` is the portal's CPU time a delta in
microseconds, `baseline` that of a bare relay (stage/bare_relay.py) which saves nothing, measured in the same run.
`latency` is from the upstream's write to the watcher's read; what the portal adds is the difference to the bare
relay's. The text of every watcher is compared with the text that was sent. Both are measured in turn, ROUNDS times, and
the median counts.

With `--dialect chatgpt_token` the upstream repeats the whole answer in every event, and the baseline is the portal
itself with an upstream that sends deltas.

    .venv/bin/python benchmarks/relay.py [STREAMS …]                            (50 200 400)
    .venv/bin/python benchmarks/relay.py --dialect chatgpt_token [DELTAS …]     (500 2000)
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.stage.portal import Portal, print_figure, served_portal
from benchmarks.stage.processes import cpu_seconds, free_port, resident_megabytes, running

STREAMS = (50, 200, 400)
ROUNDS = 3
DELTAS = 400
TOKEN_STREAMS = 20
TOKEN_DELTAS = (500, 2000)
RATE = 40.0  # deltas a second
PIECE = re.compile(r"(\d+):(\d+) ")
ENDED = {"completed", "failed", "stopped", "interrupted"}


@dataclass
class Watch:
    """What one watcher has been shown."""

    name: str
    text: str = ""
    sequence: int = 0
    latencies: list[float] = field(default_factory=list)  # milliseconds

    def show(self, frame: str) -> bool:
        """Take in a frame; True when the answer has ended."""
        now = time.monotonic_ns() // 1000
        event = json.loads(frame)
        if event["type"] == "snapshot":
            self.text, self.sequence = event["text"], event["sequence"]
        elif event["type"] == "delta" and event.get("sequence", self.sequence + 1) > self.sequence:
            self.sequence += 1
            self.text += event["text"]
            self.latencies += [
                (now - int(sent)) / 1000 for _number, sent in PIECE.findall(event["text"])
            ]
        return event.get("status") in ENDED


@dataclass
class Outcome:
    microseconds: float
    megabytes: float
    latencies: list[float]
    lost: int
    doubled: int

    def latency(self, percent: int) -> float:
        return statistics.quantiles(self.latencies, n=100)[percent - 1]


async def measure(
    upstream: str, process_id: int, watched: list[tuple[Watch, ClientConnection]], deltas: int
) -> Outcome:
    """Let the streams run from their first delta to their end, and count."""
    await until_waiting(upstream, len(watched))
    before = cpu_seconds(process_id)
    await ask(upstream, "/go")
    await asyncio.gather(*(_watch(watch, socket, deltas) for watch, socket in watched))
    seconds = cpu_seconds(process_id) - before
    sent = await ask(upstream, "/sent")
    lost, doubled = compare(sent, [watch for watch, _ in watched])
    latencies = [latency for watch, _ in watched for latency in watch.latencies]
    return Outcome(
        seconds * 1e6 / (len(watched) * deltas),
        resident_megabytes(process_id),
        latencies,
        lost,
        doubled,
    )


async def _watch(watch: Watch, socket: ClientConnection, deltas: int) -> None:
    async with asyncio.timeout(deltas / RATE + 60):
        while not watch.show(str(await socket.recv())):
            pass


def compare(sent: dict[str, str], watches: list[Watch]) -> tuple[int, int]:
    """How many deltas some watcher lacks, and how many some watcher has twice."""
    lost = doubled = 0
    for watch in watches:
        if watch.text == sent[watch.name]:
            continue
        had, wanted = PIECE.findall(watch.text), PIECE.findall(sent[watch.name])
        lost += len(set(wanted) - set(had))
        doubled += len(had) - len(set(had))
        assert lost or doubled, "the text differs, though every delta is there once"
    return lost, doubled


async def ask(upstream: str, path: str) -> dict[str, str]:
    async with httpx.AsyncClient(timeout=30) as client:
        answer: dict[str, str] = (await client.get(upstream + path)).json()
        return answer


async def until_waiting(upstream: str, count: int) -> None:
    deadline = time.monotonic() + 60
    while int((await ask(upstream, "/waiting"))["waiting"]) < count:
        assert time.monotonic() < deadline, "the streams did not all reach the upstream"
        await asyncio.sleep(0.1)


async def through_bare_relay(port: int, upstream: str, process_id: int, count: int) -> Outcome:
    watched = []
    for number in range(count):
        socket = await connect(f"ws://127.0.0.1:{port}/", compression=None, max_queue=None)
        await socket.send(f"stream {number}")
        watched.append((Watch(f"stream {number}"), socket))
    return await measure(upstream, process_id, watched, DELTAS)


async def through_portal(
    portal: Portal, upstream: str, count: int, deltas: int = DELTAS
) -> Outcome:
    watched = []
    for number in range(count):
        # A member each: news for sidebars goes to all pages of a member, and nobody has two hundred.
        member = await asyncio.to_thread(portal.member, number)
        conversation = await asyncio.to_thread(member.start_conversation, f"stream {number}")
        socket = await connect(
            f"ws://127.0.0.1:{portal.port}/ws/",
            additional_headers={"Cookie": member.cookie},
            compression=None,
            max_queue=None,
        )
        await socket.send(
            json.dumps({"type": "join", "conversation": conversation, "positions": {}})
        )
        watched.append((Watch(f"stream {number}"), socket))
    outcome = await measure(upstream, portal.process.pid, watched, deltas)
    await asyncio.gather(*(socket.close() for _, socket in watched))
    return outcome


@contextlib.contextmanager
def running_upstream(deltas: int) -> Iterator[str]:
    port = free_port()
    arguments = (str(port), str(deltas), str(RATE))
    with running("benchmarks/stage/upstream.py", *arguments, port=port):
        yield f"http://127.0.0.1:{port}"


def measured_bare(upstream: str, count: int) -> Outcome:
    port = free_port()
    with running("benchmarks/stage/bare_relay.py", str(port), upstream, port=port) as relay:
        return asyncio.run(through_bare_relay(port, upstream, relay.pid, count))


def measured_portal(upstream: str, count: int, deltas: int, dialect: str) -> Outcome:
    with served_portal(upstream, members=count, dialect=dialect) as portal:
        return asyncio.run(through_portal(portal, upstream, count, deltas))


def compare_with_bare_relay(count: int) -> None:
    bare, ours = [], []
    with running_upstream(DELTAS) as upstream:
        for _round in range(ROUNDS):
            bare.append(measured_bare(upstream, count))
            ours.append(measured_portal(upstream, count, DELTAS, "openai_chat"))
    report(f"relay_{count}", ours, bare)


def compare_dialects(deltas: int) -> None:
    with running_upstream(deltas) as upstream:
        plain = measured_portal(upstream, TOKEN_STREAMS, deltas, "openai_chat")
        token = measured_portal(upstream, TOKEN_STREAMS, deltas, "chatgpt_token")
    report(f"token_relay_{deltas}", [token], [plain])


def report(name: str, ours: list[Outcome], baseline: list[Outcome]) -> None:
    """Medians of the rounds; of what was lost and doubled, the sum."""

    def middle(outcomes: list[Outcome], figure: Callable[[Outcome], float]) -> float:
        return statistics.median(figure(outcome) for outcome in outcomes)

    value = middle(ours, lambda outcome: outcome.microseconds)
    base = middle(baseline, lambda outcome: outcome.microseconds)
    print_figure(
        name,
        value=round(value, 1),
        baseline=round(base, 1),
        ratio=round(value / base, 3),
        unit="µs CPU a delta",
        latency_p50_ms=round(middle(ours, lambda outcome: outcome.latency(50)), 1),
        latency_p99_ms=round(middle(ours, lambda outcome: outcome.latency(99)), 1),
        baseline_latency_p50_ms=round(middle(baseline, lambda outcome: outcome.latency(50)), 1),
        baseline_latency_p99_ms=round(middle(baseline, lambda outcome: outcome.latency(99)), 1),
        lost=sum(outcome.lost for outcome in ours),
        doubled=sum(outcome.doubled for outcome in ours),
        resident_mb=round(middle(ours, lambda outcome: outcome.megabytes), 1),
        rounds=len(ours),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Costs of a delta; see the top of this file.")
    parser.add_argument("--dialect", choices=("openai_chat", "chatgpt_token"))
    parser.add_argument("numbers", nargs="*", type=int)
    options = parser.parse_args()
    if options.dialect != "chatgpt_token":
        for count in options.numbers or STREAMS:
            compare_with_bare_relay(count)
    if options.dialect == "chatgpt_token" or not (options.dialect or options.numbers):
        for deltas in options.numbers or TOKEN_DELTAS:
            compare_dialects(deltas)


if __name__ == "__main__":
    main()
