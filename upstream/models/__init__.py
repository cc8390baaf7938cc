from upstream.models.alert import Alert
from upstream.models.credential import Credential
from upstream.models.language_model import LanguageModel
from upstream.models.lease import Lease
from upstream.models.price import Price
from upstream.models.provider import Provider
from upstream.models.quota import Quota
from upstream.models.reservation import MessageCount, Reservation
from upstream.models.usage_day import UsageDay
from upstream.models.usage_record import UsageRecord
from upstream.models.webhook import Webhook

__all__ = [
    "Alert",
    "Credential",
    "LanguageModel",
    "Lease",
    "MessageCount",
    "Price",
    "Provider",
    "Quota",
    "Reservation",
    "UsageDay",
    "UsageRecord",
    "Webhook",
]
