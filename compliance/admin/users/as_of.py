"""Who could do what on a day, from the record alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from compliance.admin.components.days import DayField
from compliance.admin.site import site
from compliance.models import AccountState, FactorRemoval, RecordedFactor, User


class DayForm(forms.Form):
    on = DayField(label="Day", required=False, help_text="Such as 3 May 2026. Empty: today.")


@dataclass(frozen=True, slots=True)
class PastAccount:
    """An account as it was, with the kinds of its second factors; `since` is when it became so."""

    state: AccountState
    factors: tuple[str, ...]
    since: datetime


def accounts_as_of(moment: datetime) -> list[PastAccount]:
    """Return the accounts that the record held at a moment, by their names then."""
    states: dict[int, AccountState] = {}
    recorded = AccountState.objects.filter(changeset__recorded_at__lte=moment)
    for state in recorded.select_related("changeset").order_by("pk"):
        states[state.user_id] = state
    removed = FactorRemoval.objects.filter(changeset__recorded_at__lte=moment).values("factor")
    factors = RecordedFactor.objects.filter(changeset__recorded_at__lte=moment)
    kinds: dict[int, dict[str, None]] = {}
    for factor in factors.exclude(pk__in=removed).order_by("pk"):
        kinds.setdefault(factor.user_id, {})[factor.get_kind_display().lower()] = None
    found = [
        PastAccount(state, tuple(kinds.get(user, ())), state.changeset.recorded_at)
        for user, state in states.items()
    ]
    return sorted(found, key=lambda account: account.state.username)


def may_approve(accounts: Iterable[PastAccount]) -> list[str]:
    """Return the names of the accounts that could approve."""
    return [account.state.username for account in accounts if account.state.may_approve]


def as_of_response(request: HttpRequest) -> HttpResponse:
    """Show the accounts at the end of a day, in UTC; today if none is asked for."""
    form = DayForm(request.GET, label_suffix="")
    day = form.cleaned_data["on"] if form.is_valid() else None
    day = day or timezone.now().date()
    accounts = accounts_as_of(_end_of(day)) if form.is_valid() else []
    context = {
        **site.each_context(request),
        "title": "Who could do what",
        "form": form,
        "day": day,
        "accounts": accounts,
        "approvers": may_approve(accounts),
        "opts": User._meta,
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/users/as_of.html", context)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, tzinfo=UTC)
