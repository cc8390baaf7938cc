"""Ending what a dead process left: interrupted, with every character that was saved, and Continue and Retry."""

from __future__ import annotations

import os
import socket
import uuid
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from conversations.models import Delta, EngineProcess, Generation, Message
from conversations.standing import written_by
from upstream.estimates import estimate_tokens
from upstream.pool.releasing import release_all
from upstream.quotas import settle

STALE_AFTER = timedelta(seconds=10)  # five missed heartbeats


def register_engine() -> uuid.UUID:
    """Enter this process among the engines."""
    return EngineProcess.objects.create(host=own_host(), process_id=os.getpid()).pk


def beat(engine_id: uuid.UUID) -> bool:
    """Say that this engine lives; False when another process has taken it for dead."""
    return bool(EngineProcess.objects.filter(pk=engine_id).update(heartbeat_at=timezone.now()))


def retire_engine(engine_id: uuid.UUID) -> None:
    """Leave in order. What was claimed and never begun waits again; all else has ended."""
    release_all(engine_id)
    never_begun = Generation.objects.filter(engine=engine_id, status=Generation.Status.STREAMING)
    never_begun.filter(deltas=None).update(status=Generation.Status.PENDING, engine=None)
    EngineProcess.objects.filter(pk=engine_id).delete()


def reap_dead_engines(own_id: uuid.UUID) -> list[Generation]:
    """End what dead engines claimed, and forget them. Returns the generations that were ended."""
    reaped: list[Generation] = []
    for engine in EngineProcess.objects.exclude(pk=own_id):
        if is_dead(engine):
            reaped += _reap(engine)
    orphans = (
        Generation.objects.active().filter(engine=None).exclude(status=Generation.Status.PENDING)
    )
    return reaped + [
        generation
        for generation in orphans
        if end_with_what_is_saved(generation, code="interrupted")
    ]


def is_dead(engine: EngineProcess) -> bool:
    """A process of this host is asked for; of another host only its silence tells.

    A process number that is our own belonged to an earlier life: in a container every life has number 1.
    """
    if engine.host == own_host() and (
        engine.process_id == os.getpid() or not _is_running(engine.process_id)
    ):
        return True
    return engine.heartbeat_at < timezone.now() - STALE_AFTER


@cache
def own_host() -> str:
    """Where process numbers mean the same: this host, since it was started, and its namespace of processes.

    Containers may share a host name, and each has a process number 1.
    """
    return f"{socket.gethostname()} {_boot()} {_process_namespace()}"


def end_with_what_is_saved(generation: Generation, *, code: str) -> bool:
    """Fold the deltas that there are into the message and end the generation; False when it had ended already."""
    with transaction.atomic():
        written = written_by([generation.pk]).get(generation.pk)
        message = Message.objects.get(pk=generation.message_id)
        text = message.text + (written.text if written else "")
        status = (
            Generation.Status.INTERRUPTED
            if text or code == "interrupted"
            else Generation.Status.FAILED
        )
        if not generation.finish(
            status, error_code=code, sequence=written.sequence if written else 0
        ):
            return False
        settle(generation.pk, counts=written is not None)
        if written:
            Message.objects.filter(pk=message.pk).update(
                text=text, reasoning=message.reasoning + written.reasoning
            )
            Delta.objects.filter(generation=generation).delete()
        return True


@transaction.atomic
def _reap(engine: EngineProcess) -> list[Generation]:
    # The journal of that process, should it be alive after all, holds this row while it commits (ledger.py).
    locked = EngineProcess.objects.select_for_update(no_key=True).filter(pk=engine.pk).first()
    if locked is None or not is_dead(locked):
        return []
    active = list(Generation.objects.active().filter(engine=locked))
    took = _tokens_taken(active)
    reaped = [
        generation
        for generation in active
        if end_with_what_is_saved(generation, code="interrupted")
    ]
    release_all(locked.pk, took=took)
    locked.delete()
    return reaped


def _tokens_taken(generations: list[Generation]) -> dict[uuid.UUID, tuple[int, int]]:
    """What a dead process's answers took, estimated by what was sent for them and by what they have written."""
    written = written_by([generation.pk for generation in generations])
    return {
        generation.pk: (
            generation.sent["tokens"],
            estimate_tokens(written[generation.pk].text + written[generation.pk].reasoning),
        )
        for generation in generations
        if generation.sent and generation.pk in written
    }


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _process_namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""
