from accounts.models.access_code import AccessCode
from accounts.models.announcement import Announcement, Dismissal
from accounts.models.audit_record import AuditRecord
from accounts.models.group_policy import GroupPolicy
from accounts.models.identity_provider import IdentityProvider
from accounts.models.invitation import Invitation
from accounts.models.profile_picture import ProfilePicture
from accounts.models.site_settings import SiteSettings
from accounts.models.user import User

__all__ = [
    "AccessCode",
    "Announcement",
    "AuditRecord",
    "Dismissal",
    "GroupPolicy",
    "IdentityProvider",
    "Invitation",
    "ProfilePicture",
    "SiteSettings",
    "User",
]
