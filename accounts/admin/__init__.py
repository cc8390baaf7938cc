"""Accounts in the admin, a module for each noun."""

from accounts.admin import group, identity_provider, invitation, member, site

__all__ = ["group", "identity_provider", "invitation", "member", "site"]
