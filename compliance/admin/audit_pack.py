"""The screen from which auditors and approvers download the record of a provider or a period."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.timezone import get_current_timezone, localdate
from django.views.decorators.http import require_safe

from compliance.admin.components.days import DayField
from compliance.admin.components.links import sees_pages
from compliance.admin.pack import MOST_PUBLICATIONS, AuditPack
from compliance.models import Provider

_PERMISSIONS = (
    "compliance.download_audit_pack",
    "compliance.view_publication",
    "compliance.view_changeset",
)


class AuditPackForm(forms.Form):
    """What is in the pack: all that concerns a provider, or a period, or both."""

    provider = forms.ModelChoiceField(
        Provider.objects.order_by("name"),
        required=False,
        empty_label="All providers",
        help_text="The edits that concern it, and the publications whose pages name it.",
    )
    since = DayField(
        label="From", required=False, help_text="For example 1 Jan 2026. Empty: from the beginning."
    )
    until = DayField(
        label="Until", required=False, help_text="The day is included. Empty: until now."
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a pack of everything, days in the wrong order, and more than one pack may have."""
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if self.errors:
            return cleaned
        if since and since > localdate():
            self.add_error("since", "This is after today. Nothing happened then yet.")
        elif since and until and until < since:
            self.add_error("until", "This is before the first day. Give a later day.")
        elif not (cleaned.get("provider") or since or until):
            self.add_error(None, "Choose a provider, or a period.")
        elif self.pack(cleaned).has_too_many:
            self.add_error(
                None,
                f"More than {MOST_PUBLICATIONS} publications were submitted or decided then. "
                "Choose a shorter period.",
            )
        return cleaned

    def pack(self, cleaned: dict[str, Any]) -> AuditPack:
        """Return the pack that was chosen; days are those of the person's time zone."""
        zone = get_current_timezone()
        since, until = cleaned["since"], cleaned["until"]
        return AuditPack(
            provider=cleaned["provider"],
            since=datetime.combine(since, time.min, tzinfo=zone) if since else None,
            until=datetime.combine(until, time.max, tzinfo=zone) if until else None,
        )


@require_safe
def audit_pack_response(request: HttpRequest, site: AdminSite) -> HttpResponseBase:
    """Show the form, or send the pack that it asks for."""
    user: Any = request.user
    if not (user.has_perms(_PERMISSIONS) and sees_pages(user)):
        raise PermissionDenied
    is_asked = AuditPackForm.base_fields.keys() <= request.GET.keys()
    form = AuditPackForm(request.GET if is_asked else None, label_suffix="")
    if is_asked and form.is_valid():
        pack = form.pack(form.cleaned_data)
        return FileResponse(
            pack.write(),
            as_attachment=True,
            filename=f"{pack.name}.zip",
            content_type="application/zip",
        )
    context = {**site.each_context(request), "title": "Audit pack", "form": form}
    request.current_app = site.name
    return TemplateResponse(request, "admin/audit_pack.html", context)
