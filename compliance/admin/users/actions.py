"""What an administrator does for somebody: send a link for a password, remove second factors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from compliance.accounts import factors, invitations, mail
from compliance.admin.components.fields import acting
from compliance.admin.site import site
from compliance.admin.users.forms import ReasonForm
from compliance.models import Changeset, User
from compliance.models.changesets import changeset


@dataclass(frozen=True, slots=True)
class AccountAction:
    """An act for somebody. `perform` gets the person, who acts, and why; it returns what to say.

    `obstacle` gets the person and returns why it cannot be done, "" if it can.
    """

    title: str
    description: str
    button: str
    obstacle: Callable[[User], str]
    perform: Callable[[User, User, str], str]


def action_response(
    request: HttpRequest, model_admin: Any, pk: int, action: AccountAction
) -> HttpResponse:
    """Ask for the reason, do it, and return to the account."""
    user = User.objects.filter(pk=pk).first()
    if not model_admin.has_change_permission(request, user):
        raise PermissionDenied
    if user is None:
        raise Http404
    form = ReasonForm(request.POST if request.method == "POST" else None, label_suffix="")
    refusal = action.obstacle(user)
    if request.method == "POST" and not refusal and form.is_valid():
        done = action.perform(user, acting(request), form.cleaned_data["reason"])
        messages.success(request, done)
        return HttpResponseRedirect(reverse("admin:compliance_user_change", args=[user.pk]))
    context = {
        **site.each_context(request),
        "title": f"{action.title}: {user}",
        "form": form,
        "action": action,
        "refusal": refusal,
        "account": user,
        "opts": User._meta,
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/users/action.html", context)


def _no_link(user: User) -> str:
    if not user.is_active:
        return f"{user} may not sign in. Tick “May sign in” first."
    if not user.email:
        return f"The account of {user} has no mail address. Add it first."
    if not mail.is_sent():
        return "This registry cannot send mail. Ask whoever runs the server to set EMAIL_HOST."
    return ""


def _send_link(user: User, by: User, reason: str) -> str:
    invitations.send(user, by=by, reason=reason)
    return f"A link to choose a password went to {user.email}."


def _no_factor(user: User) -> str:
    return "" if factors.has_any(user) else f"{user} has no second factor."


def _reset_factors(user: User, by: User, reason: str) -> str:
    with changeset(by=by, reason=reason, kind=Changeset.Kind.ACCOUNT):
        factors.reset(user)
    return f"{user} is signed out, and sets up a new second factor at the next sign-in."


LINK = AccountAction(
    "Send a link for a password",
    "A mail goes to the address of the account, with a link that works once and for three days. "
    "The person chooses the password: nobody else learns it.",
    "Send the link",
    _no_link,
    _send_link,
)
RESET = AccountAction(
    "Reset the second factor",
    "All passkeys, apps and recovery codes of the account are removed, and its sessions end. The "
    "person sets up a new second factor at the next sign-in, and gets a mail about this.",
    "Reset the second factor",
    _no_factor,
    _reset_factors,
)
