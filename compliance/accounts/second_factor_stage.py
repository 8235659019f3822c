"""The step of a sign-in that asks for a second factor."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.stages import AuthenticateStage

# Set on a request whose ID token says that the provider has asked for a second factor, where
# OIDC_SECOND_FACTOR lets that count.
PROVIDED_FACTOR = "has_provided_factor"


class SecondFactorStage(AuthenticateStage):
    """Asks for a second factor of this registry, unless that of the provider counts."""

    def handle(self) -> tuple[Any, bool]:
        """Return the response that asks for it, if any, and whether the sign-in goes on."""
        if getattr(self.request, PROVIDED_FACTOR, False):
            record_authentication(self.request, self.login.user, "mfa", type="provider")
            return None, True
        asked: tuple[Any, bool] = super().handle()
        return asked
