"""CPU time of leasing and releasing a credential, in a process of its own on temporary data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from benchmarks.stage.processes import ROOT

ROUNDS = 400
MEASURE = """
import json, sys, time, uuid, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.db import transaction
from accounts.models import User
from upstream.models import Credential, LanguageModel, Provider
from upstream.pool.granting import LeaseRequest, grant
from upstream.pool.releasing import Outcome, release
member = User.objects.create(username="m")
provider = Provider.objects.create(title="P", base_url="https://api.example.com/v1")
model = LanguageModel.objects.create(provider=provider, name="m")
for number in range(10):
    Credential.objects.create(provider=provider, secret=f"sk-{number}", most_at_once=1)
models = (LanguageModel.objects.select_related("provider").get(),)
holder = uuid.uuid4()
done = Outcome("completed", first_text_ms=100, prompt_tokens=10, completion_tokens=20)
rounds = int(sys.argv[1])

def one():
    generation = uuid.uuid4()
    request = LeaseRequest(generation, member.pk, models[0], lambda: models)
    (granted,) = grant([request], holder=holder, providers=[provider.pk])
    release(granted, holder=holder, outcome=done)

def empty():
    for _ in range(2):
        with transaction.atomic():
            pass

def cost(work):
    for _ in range(20):
        work()
    before = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - before) / rounds * 1000

print(json.dumps({"lease": cost(one), "transaction": cost(empty)}))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds."""

    lease: float
    transaction: float


def lease_cost() -> Cost:
    with tempfile.TemporaryDirectory(
        prefix="chatportal-bench-", ignore_cleanup_errors=True
    ) as folder:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "chatportal.settings",
            "PORTAL_DATA_DIR": folder,
            "PYTHONPATH": str(ROOT),
        }
        printed = subprocess.run(
            [sys.executable, "-c", MEASURE, str(ROUNDS)],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    return Cost(**json.loads(printed))
