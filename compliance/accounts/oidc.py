"""Single sign-on by OpenID Connect: which identities open which account.

Imported only where OIDC_SERVER_URL is set. Who may sign in is decided here: an identity opens the
account that its owner has connected it with, while signed in by password and second factor. The
provider gives neither an account nor a role.
"""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import views as social
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from compliance.accounts.second_factor_stage import PROVIDED_FACTOR

# What an ID token calls more than one factor, or one that is both (RFC 8176, section 2).
_FACTORS = {"mfa", "hwk", "swk", "otp", "sc", "fpt", "face", "pop"}


def leading_there(view: Any) -> Any:
    """Return a view whose forms may lead to the provider.

    Chromium holds `form-action` also for what a form is redirected to.
    """
    parts = urlsplit(settings.OIDC_SERVER_URL)
    return csp_update({"form-action": [f"{parts.scheme}://{parts.netloc}"]})(view)


def urls() -> list[URLPattern]:
    """Return the addresses of single sign-on, below those of accounts."""
    return [
        path("oidc/<str:provider_id>/login/", leading_there(begin), name="openid_connect_login"),
        # A browser that comes from the provider sends no cookie with SameSite "Strict", and so not
        # the session in which the sign-in began. allauth then lets it open the same address again.
        path(
            "oidc/<str:provider_id>/login/callback/",
            openid_connect.callback,
            name="openid_connect_callback",
        ),
        path("identities/", leading_there(social.connections), name="socialaccount_connections"),
        path("oidc/signup/", social.signup, name="socialaccount_signup"),  # closed, and says so
        path("oidc/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
        path("oidc/error/", social.login_error, name="socialaccount_login_error"),
    ]


def begin(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Lead to the provider; who connects an identity proves once more who they are.

    Whoever finds a screen unlocked could else connect an identity of their own.
    """
    view: Any = openid_connect.login
    if request.GET.get("process") == "connect":
        view = reauthentication_required(view)
    response: HttpResponseBase = view(request, provider_id=provider_id)
    return response


class IdentityAdapter(DefaultSocialAccountAdapter):
    """Lets in identities that are connected with an account, and no others."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse an identity that opens no account, and note a second factor at the provider."""
        is_connecting = sociallogin.state.get("process") == "connect"
        if not sociallogin.is_existing and not is_connecting:
            page = TemplateResponse(request, "account/oidc_unknown.html", status=403)
            raise ImmediateHttpResponse(page.render())
        if settings.OIDC_SECOND_FACTOR == "provider":
            claims: dict[str, Any] = sociallogin.account.extra_data.get("id_token", {})
            if _FACTORS.intersection(claims.get("amr") or ()):
                setattr(request, PROVIDED_FACTOR, True)

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return False
