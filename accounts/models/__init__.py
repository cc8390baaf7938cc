from accounts.models.audit_record import AuditRecord
from accounts.models.group_policy import GroupPolicy
from accounts.models.site_settings import SiteSettings
from accounts.models.user import User

__all__ = ["AuditRecord", "GroupPolicy", "SiteSettings", "User"]
