from upstream.models.alert import Alert
from upstream.models.credential import Credential
from upstream.models.language_model import LanguageModel
from upstream.models.lease import Lease
from upstream.models.provider import Provider
from upstream.models.usage_record import UsageRecord
from upstream.models.webhook import Webhook

__all__ = [
    "Alert",
    "Credential",
    "LanguageModel",
    "Lease",
    "Provider",
    "UsageRecord",
    "Webhook",
]
