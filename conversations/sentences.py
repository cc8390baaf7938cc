"""What a member is told when an answer fails: one sentence for each error code, with the next step in it."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from upstream.quotas import LimitReached

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


def limit_sentence(reached: LimitReached) -> str:
    """Which limit it is and when there is room again, in the reader's time."""
    allowance = reached.allowance
    if reached.kind == "messages":
        most = allowance.limits.messages_an_hour or 0
        sentence = ngettext(
            "You may send %(most)s message an hour, and have. There is room again at %(time)s.",
            "You may send %(most)s messages an hour, and have. There is room again at %(time)s.",
            most,
        )
        time = timezone.localtime(allowance.messages_reset_at)
        return sentence % {"most": most, "time": date_format(time, "TIME_FORMAT")}
    if allowance.tokens_reserved:
        sentence = gettext(
            "Of your %(most)s tokens a month not enough is left, while answers are being written. Wait for these, or "
            "until %(day)s."
        )
    else:
        sentence = gettext(
            "Of your %(most)s tokens a month not enough is left. There is room again on %(day)s."
        )
    day = timezone.localtime(allowance.tokens_reset_at)
    most_tokens = number_format(allowance.limits.tokens_a_month or 0, force_grouping=True)
    return sentence % {"most": most_tokens, "day": date_format(day, "DATE_FORMAT")}
