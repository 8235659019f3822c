"""What is pending about rows, in the list of listings and on their form."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from compliance.admin.components.links import sees_pages
from compliance.admin.components.summaries import describe_moment
from compliance.models import Register
from compliance.publishing.row_states import UNCHANGED, RowState, row_states

# The attributes of a RowState, with what the filter calls them.
_CHOICES = {
    "differs": "Differs from the page in force",
    "in_review": "In review",
    "scheduled": "Scheduled",
    "announced": "Announced",
    "unfinished": "Rejected or called off",
}


def may_see_states(request: HttpRequest) -> bool:
    """Return whether a person may see pages and publications, of which states tell."""
    return sees_pages(request.user) and request.user.has_perm("compliance.view_publication")


def describe_state(state: RowState) -> str:
    """Return what is pending about a row, in words; empty where nothing is."""
    parts = ["differs from the page in force"] if state.differs else []
    if state.in_review:
        parts.append("in review")
    parts += [describe_moment(publication) for publication in state.scheduled]
    if state.unfinished:
        parts.append("rejected or called off")
    return "; ".join(parts)


class ListingChangeList(ChangeList):
    """The list of listings, each with its `row_state`, asked once for each register."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not may_see_states(request):
            return
        listings: Iterable[Any] = list(self.result_list)
        at = timezone.now()
        registers = {listing.section.register for listing in listings}
        states = {register.pk: row_states(register, at=at) for register in registers}
        for listing in listings:
            of_register = states[listing.section.register_id]
            listing.row_state = of_register.get(str(listing.pk), UNCHANGED)
        self.result_list = listings


class StateFilter(admin.SimpleListFilter):
    """Leaves the listings about which something is pending."""

    title = "state"
    parameter_name = "state"

    def has_output(self) -> bool:
        return self._is_shown and super().has_output()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self._is_shown = may_see_states(request)
        return list(_CHOICES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        name = self.value()
        if name not in _CHOICES or not self._is_shown:
            return queryset
        at = timezone.now()
        found = [
            row
            for register in Register.objects.all()
            for row, state in row_states(register, at=at).items()
            if getattr(state, name)
        ]
        return queryset.filter(pk__in=found)
