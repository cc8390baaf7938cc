"""Making an export ahead. It is begun anew when the one who made it has ended in the middle: half a file is none."""

from __future__ import annotations

import errno
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from conversations.exports import files
from conversations.exports.writing import EXPORT_FORMATS, export_file
from conversations.jobs.holding import MOST_ATTEMPTS, Ended, Hold, claim
from conversations.jobs.stored import new_name
from conversations.models import Conversation, Export

State = Export.State
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

logger = logging.getLogger(__name__)


def claim_export(worker: uuid.UUID) -> Export | None:
    """The oldest export that nobody makes, now this worker's; of those alone who may still come in."""
    return claim(Export.objects.filter(owner__is_active=True), worker)


def work(
    export: Export, *, keep_on: Callable[[], bool] = lambda: True, breathes: bool = False
) -> None:
    """Make an export that this worker has claimed."""
    with translation.override(export.language):
        hold = Hold(export, keep_on, breathes=breathes)
        try:
            _make(export, hold)
        except Ended:
            hold.let_go(attempts=export.attempts)  # an orderly end is no failed attempt


def _make(export: Export, hold: Hold) -> None:
    files.remove(export.stored)  # what an attempt before left
    if export.attempts >= MOST_ATTEMPTS:
        reason = _("It broke off %d times. Ask for it again, or tell an administrator.")
        hold.move(State.FAILED, reason=reason % export.attempts, stored="")
        return
    # A name for each attempt: one who was taken for dead and goes on writes into a file that nobody looks at.
    stored = new_name()
    hold.note(state=State.RUNNING, stored=stored, attempts=export.attempts + 1, done=0)
    export.state = State.RUNNING
    own = Conversation.objects.visible_to(export.owner)
    wanted = own if export.chosen is None else own.filter(pk__in=export.chosen)
    try:
        watch = _Watch(hold)
        made = export_file(wanted, EXPORT_FORMATS[export.format], watch=watch)
        size = files.write(files.path_of(stored), _heeded(made.pieces, hold, watch))
        expires_at = timezone.now() + timedelta(hours=settings.PORTAL_EXPORT_KEEP_HOURS)
        told: dict[str, Any] = {
            "file_name": made.name,
            "content_type": made.content_type,
            "size": size,
        }
        told |= {"expires_at": expires_at, "done": watch.done, "total": watch.done}
        hold.move(State.READY, **told)
    except OSError as error:
        logger.exception("an export could not be written")
        files.remove(stored)
        hold.move(State.FAILED, reason=_why(error), stored="")
    except BaseException:
        files.remove(stored)
        raise


def _heeded(pieces: Iterator[bytes], hold: Hold, watch: _Watch) -> Iterator[bytes]:
    """Also while files are packed, long after the last conversation."""
    for piece in pieces:
        hold.tell(done=watch.done)
        yield piece


class _Watch:
    """Told before each conversation, and at the end."""

    def __init__(self, hold: Hold) -> None:
        self.hold = hold
        self.done = 0
        self.begun = time.monotonic()

    def __call__(self, done: int) -> None:
        self.hold.breathe(self.begun)
        self.begun = time.monotonic()
        self.done = done
        self.hold.tell(done=done)


def _why(error: OSError) -> str:
    if error.errno in NO_ROOM:
        return _("There is no room left where the portal keeps exports. Tell an administrator.")
    return _("The portal could not write the file. An administrator finds the reason in its log.")
