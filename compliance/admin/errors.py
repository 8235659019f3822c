"""The pages that answer a member of staff with 403 or 404: what is missing, and the way back."""

from django.contrib.admin import AdminSite
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import get_text_list

from compliance.accounts import roles
from compliance.admin.site import site

_LONGEST_PATH = 120
_ROLES = (roles.EDITOR, roles.APPROVER, roles.AUDITOR)
# The permission that a screen takes, where its name does not say it.
_PERMISSIONS = {
    "audit_pack": "download_audit_pack",
    "compliance_changeset_undo": "change_listing",
    "compliance_publication_approve": "approve_publication",
    "compliance_publication_drop": "submit_publication",
    "compliance_publication_rebase": "submit_publication",
    "compliance_publication_reject": "approve_publication",
    "compliance_publication_revert": "submit_publication",
    "compliance_publication_submit": "submit_publication",
    "compliance_publication_withdraw": "approve_publication",
    "compliance_register_preview": "view_register",
}
# The record that a screen is opened for, where its name begins with another.
_RECORDS = {"compliance_publication_submit": "register"}
_READ = {"changelist", "history", "deleted", "autocomplete"}


def is_for_staff(request: HttpRequest) -> bool:
    """Return whether a request for the admin comes from somebody who may use it."""
    is_admin = request.path_info.startswith(reverse("admin:index"))
    return is_admin and hasattr(request, "user") and site.has_permission(request)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say which role the screen takes, and which the person has."""
    return _response(request, site, 403, "You may not do this", _refusal(request))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what was not found."""
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    if name.startswith("compliance_"):
        what = _kind(name)
        sentence = f"This {what} is not there. It may have been deleted."
    else:
        sentence = f"The admin has no screen at {request.path[:_LONGEST_PATH]}."
    return _response(request, site, 404, "Not found", sentence)


def _response(
    request: HttpRequest, site: AdminSite, status: int, title: str, sentence: str
) -> HttpResponse:
    context = {**site.each_context(request), "title": title, "sentence": sentence}
    request.current_app = site.name
    response = TemplateResponse(request, "admin/error.html", context, status=status)
    return response.render()


def _refusal(request: HttpRequest) -> str:
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    if name.startswith(("auth_group", "compliance_user")):
        return "Accounts are kept by administrators. Ask one of them."
    permission = _permission(name, is_post=request.method == "POST")
    if not permission or request.user.has_perm(f"compliance.{permission}"):
        return "Nobody may do this here, or not in its present state. Go back and look at it again."
    able = Group.objects.filter(name__in=_ROLES, permissions__codename=permission)
    names = [role for role in _ROLES if role in set(able.values_list("name", flat=True))]
    own = list(request.user.groups.order_by("name").values_list("name", flat=True))
    if not names:
        return "No role may do this. Ask an administrator."
    needed = f"the role of {get_text_list(names, 'or')}"
    yours = f"You have: {get_text_list(own, 'and')}." if own else "You have no role yet."
    return f"This takes {needed}. {yours} Ask an administrator."


def _permission(name: str, *, is_post: bool) -> str:
    """Return the permission that a screen takes, "" if it is not known."""
    if name in _PERMISSIONS:
        return _PERMISSIONS[name]
    if not name.startswith("compliance_"):
        return "view_listing"  # the screens about whole pages are for all who may read them
    model, _, verb = name.removeprefix("compliance_").partition("_")
    if verb in _READ or (verb == "change" and not is_post):
        return f"view_{model}"
    return f"{verb}_{model}" if verb in ("add", "delete") else f"change_{model}"


def _kind(name: str) -> str:
    model = _RECORDS.get(name) or name.split("_")[1]
    known = {candidate._meta.model_name: candidate for candidate in site._registry}
    return str(known[model]._meta.verbose_name) if model in known else "record"
