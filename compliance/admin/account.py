"""The screen of a person's own account: the time zone in which they see moments."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from compliance.models import User
from compliance.models.time_zones import time_zones


class AccountForm(forms.Form):
    """What people set about their own account."""

    time_zone = forms.ChoiceField(
        label="Time zone",
        required=False,
        help_text=(
            "Moments are shown in it, with UTC beside it, and what you type is read in it. The "
            "public page always says UTC."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["time_zone"]
        zones = [(name, name.replace("_", " ")) for name in time_zones()]
        field.choices = [("", "As the installation"), *zones]


def account_response(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show the form of the person's own account, and save it."""
    user: Any = request.user
    form = AccountForm(
        request.POST if request.method == "POST" else None,
        initial={"time_zone": user.time_zone},
        label_suffix="",
    )
    if request.method == "POST" and form.is_valid():
        User.objects.filter(pk=user.pk).update(time_zone=form.cleaned_data["time_zone"])
        messages.success(request, "Your time zone is saved.")
        return HttpResponseRedirect(request.path)
    context = {
        **site.each_context(request),
        "title": "Your account",
        "form": form,
        "now": timezone.now(),
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/account.html", context)
