"""What it costs to bring a delta from upstream to a watching page, saved before it is shown.

N watched streams of 40 deltas a second come from a fast local upstream. `value` is the portal's CPU time a delta in
microseconds, `baseline` that of a bare relay (stage/bare_relay.py) which saves nothing, measured in the same run.
`latency` is from the upstream's write to the watcher's read; what the portal adds is the difference to the bare
relay's. The text of every watcher is compared with the text that was sent.

    .venv/bin/python benchmarks/relay.py [STREAMS …]        (50 200 400)
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.stage.portal import Portal, print_figure, served_portal
from benchmarks.stage.processes import cpu_seconds, free_port, resident_megabytes, running

STREAMS = (50, 200, 400)
DELTAS = 400
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
    upstream: str, process_id: int, watched: list[tuple[Watch, ClientConnection]]
) -> Outcome:
    """Let the streams run from their first delta to their end, and count."""
    await until_waiting(upstream, len(watched))
    before = cpu_seconds(process_id)
    await ask(upstream, "/go")
    await asyncio.gather(*(_watch(watch, socket) for watch, socket in watched))
    seconds = cpu_seconds(process_id) - before
    sent = await ask(upstream, "/sent")
    lost, doubled = compare(sent, [watch for watch, _ in watched])
    latencies = [latency for watch, _ in watched for latency in watch.latencies]
    return Outcome(
        seconds * 1e6 / (len(watched) * DELTAS),
        resident_megabytes(process_id),
        latencies,
        lost,
        doubled,
    )


async def _watch(watch: Watch, socket: ClientConnection) -> None:
    async with asyncio.timeout(DELTAS / RATE + 60):
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
    return await measure(upstream, process_id, watched)


async def through_portal(portal: Portal, upstream: str, count: int) -> Outcome:
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
    outcome = await measure(upstream, portal.process.pid, watched)
    await asyncio.gather(*(socket.close() for _, socket in watched))
    return outcome


def run(count: int) -> None:
    upstream_port, relay_port = free_port(), free_port()
    upstream = f"http://127.0.0.1:{upstream_port}"
    with running(
        "benchmarks/stage/upstream.py",
        str(upstream_port),
        str(DELTAS),
        str(RATE),
        port=upstream_port,
    ):
        with running(
            "benchmarks/stage/bare_relay.py", str(relay_port), upstream, port=relay_port
        ) as relay:
            bare = asyncio.run(through_bare_relay(relay_port, upstream, relay.pid, count))
        with served_portal(upstream, members=count) as portal:
            ours = asyncio.run(through_portal(portal, upstream, count))
    print_figure(
        f"relay_{count}",
        value=round(ours.microseconds, 1),
        baseline=round(bare.microseconds, 1),
        ratio=round(ours.microseconds / bare.microseconds, 3),
        unit="µs CPU a delta",
        latency_p50_ms=round(ours.latency(50), 1),
        latency_p99_ms=round(ours.latency(99), 1),
        baseline_latency_p50_ms=round(bare.latency(50), 1),
        baseline_latency_p99_ms=round(bare.latency(99), 1),
        lost=ours.lost,
        doubled=ours.doubled,
        resident_mb=round(ours.megabytes, 1),
    )


if __name__ == "__main__":
    for streams in [int(argument) for argument in sys.argv[1:]] or STREAMS:
        run(streams)
