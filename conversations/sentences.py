"""What a member is told when an answer fails: one sentence for each error code, with the next step in it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "unreachable": _("The model cannot be reached just now. Try again in a moment."),
    "unauthorized": _(
        "The portal's access to this model no longer works. Tell your administrator, or choose another model."
    ),
    "rate_limited": _(
        "The model is taking no more requests for the moment. Wait a little and retry."
    ),
    "quota_exceeded": _(
        "The allowance for this model is used up. Choose another model, or tell your administrator."
    ),
    "context_too_long": _(
        "This conversation is longer than the model can read. Start a new one, or send less text."
    ),
    "rejected": _(
        "The model's service refused this request. Change the message or choose another model."
    ),
    "not_offered": _(
        "This model is not offered to you any more. What was written is kept; choose another model."
    ),
    "malformed": _(
        "The model's service gave an answer that cannot be read. Retry, or tell your administrator."
    ),
    "interrupted": _("The line to the model broke. What was written is kept."),
    "internal_error": _(
        "Something went wrong in the portal. What was written is kept; retry, or tell your administrator."
    ),
}


def sentence_for(code: str) -> str:
    """The sentence for an error code of the vocabulary; empty for no error."""
    return str(SENTENCES.get(code, SENTENCES["internal_error"])) if code else ""
