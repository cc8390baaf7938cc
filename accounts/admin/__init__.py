"""Accounts in the admin, a module for each noun."""

from accounts.admin import announcement, group, member, site, site_settings

__all__ = ["announcement", "group", "member", "site", "site_settings"]
