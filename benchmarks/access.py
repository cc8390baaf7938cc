"""What authentication, access and usage cost.

    .venv/bin/python benchmarks/access.py [FIGURE…]

- `added_ms_p95`: what they add to sending a message, in milliseconds at the 95th percentile, at 50 messages a second:
  the session, the groups that grant the model, the reservation of a message and of tokens. The baseline is the portal
  with all of that taken out (stage/without_access.py). Both are loaded in turn, in short rounds; `value` is the median
  of the rounds' differences. Nobody answers: at 50 answers a second it is the answers that would be measured.
- `usage_page_ms`: opening the administrators' usage page with ten million generations recorded, median of REPEATS; the
  baseline is the same page of a portal without any. `own_usage_page_ms` is a member's own page there.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pysqlite3

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.stage.portal import Portal, print_figure, served_portal
from benchmarks.stage.processes import ROOT, cpu_seconds

RATE = 50.0  # messages a second
SECONDS = 4.0  # of a round
ROUNDS = 9
MEMBERS = 25
GENERATIONS = 10_000_000
PEOPLE, MODELS, CREDENTIALS, DAYS = 500, 6, 4, 365
REPEATS = 15
# Groups that grant, and limits that nobody reaches: all that a send is asked, in the way it is asked mostly.
RESTRICT = """
import django
django.setup()
from django.contrib.auth.models import Group
from accounts.models import User
from upstream.models import Provider, Quota
groups = [Group.objects.create(name=f"Group {number}") for number in range(3)]
for user in User.objects.all():
    user.groups.set(groups)
Provider.objects.update(offered_to="groups")
for provider in Provider.objects.all():
    provider.groups.set(groups)
Quota.objects.create(messages_an_hour=1000)
Quota.objects.create(group=groups[0], messages_an_hour=1_000_000, tokens_a_month=10**12)
"""
FURNISH = """
import django, sys
django.setup()
from datetime import date
from decimal import Decimal
from accounts.models import User
from upstream.models import Credential, LanguageModel, Price, Provider
people, models, credentials = map(int, sys.argv[1:])
User.objects.filter(username="member-0").update(is_staff=True, is_superuser=True)
User.objects.bulk_create(User(username=f"person-{n}", password="!") for n in range(1, people))
provider = Provider.objects.get()
for number in range(1, models):
    LanguageModel.objects.create(provider=provider, name=f"m{number}")
for number in range(1, credentials):
    Credential.objects.create(provider=provider, secret=f"sk-{number}")
for model in LanguageModel.objects.all():
    for year in (2020, date.today().year):
        Price.objects.create(language_model=model, since=date(year, 1, 1), input_price=Decimal("2.5"),
                             output_price=Decimal("10"))
"""
# A member uses two models and two credentials on a day, about 55 times.
FILL = """
WITH RECURSIVE
    people(position, id) AS (SELECT ROW_NUMBER() OVER (ORDER BY id) - 1, id FROM accounts_user),
    models(position, id) AS (SELECT ROW_NUMBER() OVER (ORDER BY id) - 1, id FROM upstream_languagemodel),
    credentials(position, id) AS (SELECT ROW_NUMBER() OVER (ORDER BY id) - 1, id FROM upstream_credential),
    number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < :count)
INSERT INTO upstream_usagerecord (
    member_id, credential_id, language_model_id, generation, outcome, started_at, first_text_ms, total_ms,
    prompt_tokens, completion_tokens, is_estimated
)
SELECT people.id, credentials.id, models.id, lower(hex(randomblob(16))), 'completed',
    datetime('now', '-' || ((:count - n) * 86400.0 * :days / :count) || ' seconds'),
    300, 4000, 500 + n % 1500, 100 + n % 400, n % 20 = 0
FROM number
JOIN people ON people.position = n % :people
JOIN models ON models.position = (n % :people + n / :people % 2) % :models
JOIN credentials ON credentials.position = (n % :people + n / :people / 2 % 2) % :credentials
"""
ROLL_UP = """
INSERT INTO upstream_usageday (
    day, member_id, language_model_id, credential_id, attempts, answers, prompt_tokens, completion_tokens,
    estimated_tokens
)
SELECT date(started_at) AS day, member_id, language_model_id, credential_id, COUNT(*), COUNT(first_text_ms),
    SUM(prompt_tokens), SUM(completion_tokens), SUM(is_estimated * (prompt_tokens + completion_tokens))
FROM upstream_usagerecord GROUP BY day, member_id, language_model_id, credential_id
"""


def measure_added() -> None:
    nowhere = "http://127.0.0.1:9"
    with (
        served_portal(nowhere, members=MEMBERS, settings="benchmarks.stage.sending_only") as ours,
        served_portal(nowhere, members=MEMBERS, settings="benchmarks.stage.without_access") as bare,
    ):
        in_portal(ours, RESTRICT)
        with_access, without = Load(ours), Load(bare)
        for load in (with_access, without):
            load.round()  # what is loaded and prepared once is no part of it
        rounds = [(with_access.round(), without.round()) for _round in range(ROUNDS)]
    value = statistics.median(ours.p95 - bare.p95 for ours, bare in rounds)
    baseline = statistics.median(bare.p95 for _ours, bare in rounds)
    print_figure(
        "added_ms_p95",
        value=round(value, 2),
        baseline=round(baseline, 2),
        ratio=round((baseline + value) / baseline, 3),
        unit="ms added to sending a message; the baseline is sending without any access",
        bound=5.0,
        added_p50=round(statistics.median(ours.p50 - bare.p50 for ours, bare in rounds), 2),
        added_cpu_ms=round(statistics.median(ours.cpu - bare.cpu for ours, bare in rounds), 2),
        baseline_cpu_ms=round(statistics.median(bare.cpu for _ours, bare in rounds), 2),
        refused=with_access.refused + without.refused,
        rate=RATE,
    )


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds a message; `cpu` is the portal's."""

    p50: float
    p95: float
    cpu: float


class Load:
    """First messages of conversations, at a fixed rate, however long each takes."""

    def __init__(self, portal: Portal) -> None:
        self.times: list[float] = []  # milliseconds
        self.refused = 0
        self.url, self.process_id = portal.url, portal.process.pid
        self.headers = []
        for number in range(MEMBERS):
            member = portal.member(number)
            self.headers.append(
                {**member.http.headers, "Cookie": member.cookie, "X-Member": f"member-{number}"}
            )

    def round(self) -> Round:
        self.times.clear()
        before = cpu_seconds(self.process_id)
        asyncio.run(self._run(SECONDS))
        cpu = (cpu_seconds(self.process_id) - before) * 1000 / len(self.times)
        quantiles = statistics.quantiles(self.times, n=100)
        return Round(quantiles[49], quantiles[94], cpu)

    async def _run(self, seconds: float) -> None:
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            began, sent = time.monotonic(), []
            for number in range(int(seconds * RATE)):
                await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
                headers = self.headers[number % MEMBERS]
                sent.append(asyncio.create_task(self._send(client, headers)))
            await asyncio.gather(*sent)

    async def _send(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        form = {"text": "And what of that?", "client_id": str(uuid.uuid4())}
        began = time.perf_counter()
        answer = await client.post("/conversations/new/", data=form, headers=headers)
        self.times.append((time.perf_counter() - began) * 1000)
        self.refused += answer.status_code != 201


def measure_usage() -> None:
    with served_portal("http://127.0.0.1:9") as portal:
        in_portal(portal, FURNISH, PEOPLE, MODELS, CREDENTIALS)
        empty = opening_ms(portal, "/admin/upstream/usageday/")
        own_empty = opening_ms(portal, "/usage/")
        portal.process.terminate()
        portal.process.wait(30)
        began = time.monotonic()
        records, rows = fill(Path(portal.environment["PORTAL_DATA_DIR"]) / "db.sqlite3")
        filled = time.monotonic() - began
        portal.start_again()
        for name, path, baseline in (
            ("usage_page_ms", "/admin/upstream/usageday/", empty),
            ("own_usage_page_ms", "/usage/", own_empty),
        ):
            times = opening_ms(portal, path)
            value, base = statistics.median(times), statistics.median(baseline)
            print_figure(
                name,
                value=round(value, 1),
                baseline=round(base, 1),
                ratio=round(value / base, 2),
                unit="ms; the baseline is the same page without any usage",
                bound=300,
                first=round(times[0], 1),
                slowest=round(max(times), 1),
                generations=records,
                rolled_up_rows=rows,
                filled_in_seconds=round(filled),
            )


def fill(database: Path) -> tuple[int, int]:
    """Ten million usage records of a year, and what they roll up to; returns how many of each there are."""
    connection = pysqlite3.dbapi2.connect(str(database))
    connection.isolation_level = None
    run: Callable[..., object] = connection.execute
    # The database is thrown away if it breaks, and nobody else has it open.
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000", "temp_store=FILE"):
        run(f"PRAGMA {pragma}")
    run("DELETE FROM upstream_usagerecord")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master"
        " WHERE type = 'index' AND tbl_name = 'upstream_usagerecord' AND sql IS NOT NULL"
    ).fetchall()
    for name, _sql in indexes:
        run(f'DROP INDEX "{name}"')
    numbers = {
        "count": GENERATIONS,
        "people": PEOPLE,
        "models": MODELS,
        "credentials": CREDENTIALS,
        "days": DAYS,
    }
    run(FILL, numbers)
    run(ROLL_UP)
    for _name, sql in indexes:  # sorted once, instead of kept in order row by row
        run(sql)
    run("ANALYZE")
    run("PRAGMA journal_mode=WAL")
    count = connection.execute("SELECT SUM(attempts), COUNT(*) FROM upstream_usageday").fetchone()
    connection.close()
    assert count[0] == GENERATIONS, count
    return int(count[0]), int(count[1])


def opening_ms(portal: Portal, path: str) -> list[float]:
    """The first is of a process that has just begun."""
    http, times = portal.member(0).http, []
    for _time in range(REPEATS):
        began = time.perf_counter()
        http.get(path).raise_for_status()
        times.append((time.perf_counter() - began) * 1000)
    return times


def in_portal(portal: Portal, script: str, *arguments: object) -> None:
    subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **portal.environment},
        check=True,
    )


def run(*wanted: str) -> None:
    if not wanted or "added_ms_p95" in wanted:
        measure_added()
    if not wanted or {"usage_page_ms", "own_usage_page_ms"} & set(wanted):
        if os.environ.get("DATABASE_URL"):
            print(json.dumps({"name": "usage_page_ms", "left_out": "it is filled on SQLite"}))
            return
        measure_usage()


if __name__ == "__main__":
    run(*sys.argv[1:])
