"""kill -9 at random instants: how many characters that somebody has seen are lost.

50 streams are written and watched. An independent client keeps what its sockets were shown; the portal is killed with
SIGKILL, started again on the same data, and each answer is read back: what was shown has to be the beginning of what
is saved, nothing may stand in it twice, and none may be left as if it were still being written.

    .venv/bin/python benchmarks/kill.py [ROUNDS]        (50)
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.relay import ENDED, PIECE, ask, until_waiting
from benchmarks.stage.portal import Member, Portal, print_figure, served_portal
from benchmarks.stage.processes import free_port, running

ROUNDS = 50
STREAMS = 50
DELTAS, RATE = 200, 40.0  # five seconds: some answers are whole when the portal is killed late
LATEST_KILL = 3.0  # seconds after the first delta
REAPED_WITHIN = 5.0  # seconds after the portal serves again


@dataclass
class Tally:
    shown: int = 0  # characters
    lost: int = 0  # characters shown that are not saved
    doubled: int = 0  # answers
    stuck: int = 0  # answers


async def watch(portal: Portal, member: Member, conversation: str, shown: dict[str, str]) -> None:
    """Keep what a page is shown until the line breaks."""
    url = f"{portal.url.replace('http', 'ws')}/ws/"
    text, sequence = "", 0
    try:
        async with connect(
            url, additional_headers={"Cookie": member.cookie}, compression=None
        ) as socket:
            await socket.send(
                json.dumps({"type": "join", "conversation": conversation, "positions": {}})
            )
            async for frame in socket:
                event = json.loads(frame)
                if event["type"] == "snapshot":
                    text, sequence = event["text"], event["sequence"]
                elif event["type"] == "delta" and event["sequence"] == sequence + 1:
                    text, sequence = text + event["text"], sequence + 1
                shown[conversation] = text
    except (WebSocketException, OSError):  # killed, perhaps in the middle of the handshake
        pass


async def one_round(portal: Portal, upstream: str, tally: Tally) -> None:
    member = await asyncio.to_thread(portal.member, 0)
    shown: dict[str, str] = {}
    conversations = [
        await asyncio.to_thread(member.start_conversation, f"stream {n}") for n in range(STREAMS)
    ]
    watching = [
        asyncio.create_task(watch(portal, member, conversation, shown))
        for conversation in conversations
    ]
    await until_waiting(upstream, STREAMS)
    await ask(upstream, "/go")
    await asyncio.sleep(random.uniform(0.05, LATEST_KILL))
    portal.process.kill()
    await asyncio.gather(*watching)
    portal.process.wait()
    await asyncio.to_thread(portal.start_again)
    await read_back(portal, conversations, shown, tally)


async def read_back(
    portal: Portal, conversations: list[str], shown: dict[str, str], tally: Tally
) -> None:
    member = await asyncio.to_thread(portal.member, 0)
    deadline = time.monotonic() + REAPED_WITHIN
    for conversation in conversations:
        snapshot = await asyncio.to_thread(answer_in, member, conversation)
        while snapshot["status"] not in ENDED and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
            snapshot = await asyncio.to_thread(answer_in, member, conversation)
        saved, seen = snapshot["text"], shown.get(conversation, "")
        pieces = PIECE.findall(saved)
        tally.shown += len(seen)
        tally.lost += 0 if saved.startswith(seen) else len(seen) - len(commonprefix([saved, seen]))
        tally.doubled += len(pieces) != len(set(pieces))
        tally.stuck += snapshot["status"] not in ENDED


def answer_in(member: Member, conversation: str) -> dict[str, str]:
    events = member.get(f"/conversations/{conversation}/events/")["events"]
    snapshot: dict[str, str] = events[-1]
    return snapshot


def run(rounds: int) -> Tally:
    port = free_port()
    upstream = f"http://127.0.0.1:{port}"
    tally = Tally()
    with (
        running("benchmarks/stage/upstream.py", str(port), str(DELTAS), str(RATE), port=port),
        served_portal(upstream) as portal,
    ):
        for _ in range(rounds):
            asyncio.run(one_round(portal, upstream, tally))
    return tally


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    result = run(number)
    print_figure(
        "characters_lost",
        value=result.lost,
        baseline=result.shown,
        ratio=result.lost / max(1, result.shown),
        unit="characters, of those shown",
        rounds=number,
        streams=STREAMS,
        doubled=result.doubled,
        stuck=result.stuck,
    )
