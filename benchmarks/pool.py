"""Many credentials as one dependable upstream, judged by the upstreams' own logs.

300 turns of thirty members go over three access tokens that take one request at a time. One answers 429 with
`Retry-After` now and then, one turns 401 halfway. Every turn is a conversation of its own, and all are asked for at
once: one member queues more than all others together.

    .venv/bin/python benchmarks/pool.py [TURNS]        (300)

`seen_429`, `lost`: members who saw a 429; answers that are not whole. `overlaps`, `in_cool_down`, `after_401`: requests
under a token while another ran, while it cooled, after it was refused. `utilisation`: the time in which the healthy
tokens answered, of the time in which they could (baseline 1, a perfect schedule). `starved`: of twenty-nine members who
queue one turn behind a member who queues twenty, those who begin after that member's third. `lease_ms`: CPU time of
leasing and releasing, for an answer; its baseline is one empty transaction.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.stage.lease_cost import lease_cost
from benchmarks.stage.portal import Member, print_figure, served_portal
from tests.upstreams.chatgpt_emulator import ONE_AT_A_TIME, Behaviour, ChatGPTEmulator, Seen

TURNS = 300
MEMBERS = 30
TOKENS = ("steady-token", "limited-token", "dying-token")
TEXT = "An answer of some length, which takes its time and comes in pieces, as they do."
PAUSE = 0.02  # seconds between two pieces: about half a second an answer, which is short
LIMITED_EVERY, RETRY_AFTER = 12, 2.0  # requests; seconds
PATIENCE = 300.0  # seconds for all turns
GRACE = 0.02  # seconds by which a socket's end may be noticed late


class Gateway(ChatGPTEmulator):
    """One that limits one token now and then, and refuses another from the middle on."""

    def __init__(self, dies_after: int) -> None:
        super().__init__(tokens=TOKENS, one_at_a_time=True)
        self.always(text=TEXT, pause=PAUSE)
        self.dies_after = dies_after
        self.limited_until = 0.0
        self.limits: list[tuple[float, float]] = []  # cool-downs: from, to
        self.died_at: float | None = None

    def behaviour_for(self, seen: Seen) -> Behaviour:
        """What this request gets."""
        if seen.token == TOKENS[2] and len(self.turns) > self.dies_after:
            self.died_at = self.died_at or time.monotonic()
            return Behaviour(status=401, body={"detail": {"code": "token_expired", "message": "x"}})
        own = [turn for turn in self.turns if turn.token == TOKENS[1]]
        if seen.token == TOKENS[1] and len(own) % LIMITED_EVERY == 0:
            now = time.monotonic()
            self.limits.append((now, now + RETRY_AFTER))
            headers = (("Retry-After", str(int(RETRY_AFTER))),)
            return Behaviour(status=429, body={"detail": "Too many requests."}, headers=headers)
        return super().behaviour_for(seen)


@dataclass
class Verdict:
    """Read off the gateway's log."""

    overlaps: int = 0
    in_cool_down: int = 0
    after_401: int = 0
    refused_as_busy: int = 0
    busy: dict[str, float] = field(default_factory=dict)


def judge(gateway: Gateway) -> Verdict:
    verdict = Verdict()
    for token in TOKENS:
        own = sorted(
            (turn for turn in gateway.turns if turn.token == token), key=lambda turn: turn.began
        )
        verdict.overlaps += sum(b.began < a.ended - GRACE for a, b in pairwise(own))
        verdict.busy[token] = sum(turn.ended - turn.began for turn in own if turn.status == 200)
    limited = [turn for turn in gateway.turns if turn.token == TOKENS[1]]
    verdict.in_cool_down = sum(
        began + GRACE < turn.began < until - GRACE
        for turn in limited
        for began, until in gateway.limits
    )
    if gateway.died_at is not None:
        late = gateway.died_at + GRACE
        verdict.after_401 = sum(
            turn.began > late for turn in gateway.turns if turn.token == TOKENS[2]
        )
    verdict.refused_as_busy = sum(
        turn.status == 429 and str(turn.body).count(ONE_AT_A_TIME) for turn in gateway.turns
    )
    return verdict


def measure_schedule(turns: int) -> None:
    with (
        Gateway(dies_after=turns // 2) as gateway,
        served_portal(
            gateway.url, members=MEMBERS, dialect="chatgpt_token", secrets=TOKENS
        ) as portal,
    ):
        members = [portal.member(number) for number in range(MEMBERS)]
        began = time.monotonic()
        conversations = ask_all(members, turns)
        statuses = portal.answers(conversations, within=PATIENCE)
        took = time.monotonic() - began
        verdict = judge(gateway)
    lost = sum(not (status == "completed" and text == TEXT) for status, text, _code in statuses)
    seen_429 = sum(code == "rate_limited" for _status, _text, code in statuses)
    last_end = max(turn.ended for turn in gateway.turns if turn.status == 200)
    first = min(turn.began for turn in gateway.turns)
    span = last_end - first
    cooling = sum(min(until, last_end) - since for since, until in gateway.limits)
    alive = (gateway.died_at or last_end) - first
    could = span + (span - cooling) + alive
    busy = sum(verdict.busy.values())
    print_figure("lost", value=lost, baseline=turns, ratio=lost / turns, seconds=round(took, 1))
    print_figure(
        "seen_429", value=seen_429, baseline=len(gateway.limits), ratio=0.0 if not seen_429 else 1.0
    )
    broken = verdict.overlaps + verdict.in_cool_down + verdict.after_401
    print_figure(
        "broken_rules",
        value=broken,
        baseline=len(gateway.turns),
        ratio=broken / len(gateway.turns),
        overlaps=verdict.overlaps,
        in_cool_down=verdict.in_cool_down,
        after_401=verdict.after_401,
    )
    print_figure(
        "utilisation",
        value=round(busy / could, 3),
        baseline=1.0,
        ratio=round(busy / could, 3),
        busy_seconds={token: round(seconds, 1) for token, seconds in verdict.busy.items()},
    )


def ask_all(members: list[Member], turns: int) -> list[str]:
    """The first member asks for as much as all others together, and first."""
    own = turns // 2
    asked = [members[0].start_conversation(f"Turn {number}") for number in range(own)]
    others = members[1:]
    return asked + [
        others[number % len(others)].start_conversation(f"Turn {own + number}")
        for number in range(turns - own)
    ]


def measure_fairness() -> None:
    with (
        ChatGPTEmulator(tokens=TOKENS, one_at_a_time=True) as gateway,
        served_portal(
            gateway.url, members=MEMBERS, dialect="chatgpt_token", secrets=TOKENS
        ) as portal,
    ):
        gateway.always(text=TEXT, pause=PAUSE)
        members = [portal.member(number) for number in range(MEMBERS)]
        # The pool is busy with somebody's answers while the line forms.
        for number in range(len(TOKENS)):
            gateway.next(text=TEXT * 6, pause=PAUSE)
            members[0].start_conversation(f"before {number}")
        greedy = [members[0].start_conversation(f"greedy {number}") for number in range(20)]
        modest = [members[n].start_conversation(f"modest {n}") for n in range(1, MEMBERS)]
        portal.answers([*greedy, *modest], within=PATIENCE)
        asked = [turn.body["messages"][0]["content"]["parts"][0] for turn in gateway.turns]
    third = [text for text in asked if text.startswith("greedy")][2]
    begun = asked[: asked.index(third)]
    starved = sum(f"modest {number}" not in begun for number in range(1, MEMBERS))
    print_figure("starved", value=starved, baseline=MEMBERS - 1, ratio=starved / (MEMBERS - 1))


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else TURNS
    measure_schedule(turns)
    measure_fairness()
    cost = lease_cost()
    print_figure(
        "lease_ms",
        value=round(cost.lease, 3),
        baseline=round(cost.transaction, 3),
        ratio=round(cost.lease / cost.transaction, 2),
        unit="ms CPU an answer",
        database=os.environ.get("DATABASE_URL", "sqlite").partition(":")[0],
    )


if __name__ == "__main__":
    main()
