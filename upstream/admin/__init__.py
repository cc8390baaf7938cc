"""Providers, credentials and models in the admin, and who may use how much. A secret goes in and never comes out."""

from upstream.admin import grants
from upstream.admin.credential import CredentialAdmin
from upstream.admin.language_model import LanguageModelAdmin
from upstream.admin.provider import ProviderAdmin
from upstream.admin.quota import QuotaAdmin
from upstream.admin.usage import UsageAdmin
from upstream.admin.usage_record import UsageRecordAdmin
from upstream.admin.webhook import WebhookAdmin

__all__ = [
    "CredentialAdmin",
    "LanguageModelAdmin",
    "ProviderAdmin",
    "QuotaAdmin",
    "UsageAdmin",
    "UsageRecordAdmin",
    "WebhookAdmin",
    "grants",
]
