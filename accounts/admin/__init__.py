"""Accounts in the admin, a module for each noun."""

from accounts.admin import group, member, site, site_settings

__all__ = ["group", "member", "site", "site_settings"]
