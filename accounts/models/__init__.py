from accounts.models.announcement import Announcement, Dismissal
from accounts.models.audit_record import AuditRecord
from accounts.models.group_policy import GroupPolicy
from accounts.models.profile_picture import ProfilePicture
from accounts.models.site_settings import SiteSettings
from accounts.models.user import User

__all__ = [
    "Announcement",
    "AuditRecord",
    "Dismissal",
    "GroupPolicy",
    "ProfilePicture",
    "SiteSettings",
    "User",
]
