"""Files and pictures that belong to what was said."""

from __future__ import annotations

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from conversations.attached_files import path_of
from conversations.models import Attachment
from conversations.views.kept_file import kept_file

NOTHING_RUNS = "default-src 'none'; sandbox"


@require_GET
def attachment(request: HttpRequest, digest: str) -> StreamingHttpResponse:
    """A picture to be shown; everything else to be saved, for nothing of it may run here."""
    own = Attachment.objects.visible_to(request.user).select_related("conversation")
    found = own.filter(digest=digest).first()
    if found is None:
        raise Http404
    kind = found.media_type if found.is_picture else "application/octet-stream"
    try:
        answer = kept_file(
            request,
            path_of(found.conversation.owner_id, digest),
            name=found.name or digest[:12],
            content_type=kind,
            version=digest,
            shown=found.is_picture,
            cache_control="private, max-age=31536000, immutable",
        )
    except OSError as error:
        raise Http404 from error
    answer.headers["Content-Security-Policy"] = NOTHING_RUNS
    return answer
