"""What stands between a right password and the session, beside allauth's own stages."""

from __future__ import annotations

from typing import Any

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.stages import EmailVerificationStage


class ProvenEmailStage(EmailVerificationStage):
    """Whoever was let in for an address of the team has to prove that it is theirs, at each log-in until they have."""

    def handle(self) -> Any:
        user = self.login.user
        if user is not None and user.must_verify_email:
            self.login.email_verification = EmailVerificationMethod.MANDATORY
        return super().handle()
