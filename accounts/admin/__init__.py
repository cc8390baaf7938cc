"""Accounts in the admin, a module for each noun."""

from accounts.admin import (
    announcement,
    audit_record,
    audited,
    group,
    identity_provider,
    invitation,
    member,
    site,
    site_settings,
)

__all__ = [
    "announcement",
    "audit_record",
    "audited",
    "group",
    "identity_provider",
    "invitation",
    "member",
    "site",
    "site_settings",
]
