"""Accounts in the admin, a module for each noun."""

from accounts.admin import group, member, site

__all__ = ["group", "member", "site"]
