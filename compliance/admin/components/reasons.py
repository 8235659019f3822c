"""The last reason that a person gave, offered again: several edits often have one reason."""

from django.http import HttpRequest, QueryDict

from compliance.models import Changeset

# The box that gives the last reason again, without script; a script makes it a button.
SAME_REASON = "same_reason"


def last_reason(request: HttpRequest) -> str:
    """Return the reason of the person's last edit in the browser, empty if there is none."""
    edits = Changeset.objects.filter(
        by=request.user.pk, source=Changeset.Source.ADMIN.value, kind=Changeset.Kind.EDIT
    )
    return edits.order_by("-pk").values_list("reason", flat=True).first() or ""


def with_same_reason(request: HttpRequest) -> QueryDict:
    """Return what was posted, with the last reason where its box is ticked and none was typed."""
    if SAME_REASON not in request.POST or request.POST.get("reason", "").strip():
        return request.POST
    posted = request.POST.copy()
    posted["reason"] = last_reason(request)
    return posted
