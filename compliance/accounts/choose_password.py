"""The page at which a person with a link chooses their password."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from compliance.accounts import invitations


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose_password(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Show the form of a link that works, and set the password.

    The token is read from the address each time and kept in no session: a browser that follows a
    link from web mail sends no cookie with SameSite "Strict".
    """
    user = invitations.invited(key, token)
    if user is None:
        return TemplateResponse(request, "account/no_link.html", status=404)
    form: Any = SetPasswordForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(
            request, f"Your password is set. Sign in as {user}: then set up a second factor."
        )
        return HttpResponseRedirect(reverse("account_login"))
    return TemplateResponse(
        request, "account/choose_password.html", {"form": form, "account": user}
    )
