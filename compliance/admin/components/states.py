"""What is pending about records: in a column and a filter of their list, and on their form."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from compliance.admin.components.change_form import is_previewed
from compliance.admin.components.findings import registers_printing
from compliance.admin.components.links import sees_pages
from compliance.admin.components.summaries import describe_moment
from compliance.models import AIModel, Footnote, Listing, Provider, Register
from compliance.models.graph import aggregate_of
from compliance.models.tracked import Tracked
from compliance.page.diff.sentences import join_names
from compliance.publishing.part_states import UNCHANGED, PartState, combined, part_states

_log = logging.getLogger(__name__)

# The attributes of a PartState, with what the filter calls them.
_CHOICES = {
    "differs": "Differs from the page in force",
    "in_review": "In review",
    "scheduled": "Scheduled",
    "announced": "Announced",
    "unfinished": "Rejected or called off",
}
# Parts with a form of their own; the form of a register tells of the others.
_ON_OTHER_FORMS = ("listing:", "footnote:", "model:", "provider:")
_MOST_NAMES = 8


def may_see_states(request: HttpRequest) -> bool:
    """Return whether a person may see pages and publications, of which states tell."""
    return sees_pages(request.user) and request.user.has_perm("compliance.view_publication")


def describe_state(state: PartState) -> str:
    """Return what is pending about a part, in words; empty where nothing is."""
    parts = ["differs from the page in force"] if state.differs else []
    if state.in_review:
        parts.append("in review")
    parts += [describe_moment(publication) for publication in state.scheduled]
    if state.unfinished:
        parts.append("rejected or called off")
    return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class StateLine:
    """A line on a form: that what it names differs, or is pending in a publication.

    `status` is differs, in_review, scheduled, rejected or called_off.
    """

    subject: str
    is_many: bool
    status: str
    publication: Any = None


class StateMixin(admin.ModelAdmin):
    """A screen of records that are parts of a page, or have some, with what is pending of them."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the list that knows the state of each record."""
        return _StateChangeList

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add what is pending of the record, for people who may see it."""
        record = context["original"]
        if record and not is_previewed(request) and may_see_states(request):
            try:
                context["state_lines"] = list(_state_lines(record))
            except OperationalError:  # each register would wait for it anew
                raise
            # Whatever is wrong with a register is put right on these very forms: they must open.
            except Exception:
                _log.exception("The form of %s cannot show what is pending of it.", record)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="State")
    def state(self, record: Any) -> str:
        """Whether it is edited, in review or scheduled."""
        pending = getattr(record, "part_state", None)
        return describe_state(pending) if pending else ""


class _StateChangeList(ChangeList):
    """A list of records, each with its `part_state`, asked once for each register."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if "state" not in self.list_display or not may_see_states(request):
            return
        records: list[Any] = list(self.result_list)
        at = timezone.now()
        registers = {_register(record) for record in records}
        states = {register.pk: part_states(register, at=at) for register in registers}
        for record in records:
            of_register = states[_register(record).pk]
            if self.model is Register:
                record.part_state = combined(of_register.values())
            else:
                record.part_state = of_register.get(_key(record), UNCHANGED)
        self.result_list = records


class StateFilter(admin.SimpleListFilter):
    """Leaves the listings or footnotes about which something is pending."""

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
        prefix = f"{aggregate_of(queryset.model).subject}:"
        found = [
            key.removeprefix(prefix)
            for register in Register.objects.all()
            for key, state in part_states(register, at=at).items()
            if key.startswith(prefix) and getattr(state, name)
        ]
        return queryset.filter(pk__in=found)


def _register(record: Any) -> Register:
    """Return the register of a listing or footnote; a register itself."""
    match record:
        case Register():
            return record
        case Listing():
            return record.section.register
    register: Register = record.register
    return register


def _key(record: Tracked) -> str:
    """Return the key of the part that a record is of a page."""
    aggregate = aggregate_of(type(record))
    return f"{aggregate.subject}:{getattr(record, aggregate.identity)}"


def _state_lines(record: Tracked) -> Iterator[StateLine]:
    """Yield what is pending of a record, in all registers that print it."""
    at = timezone.now()
    if isinstance(record, Register):
        yield from _lines_of_register(part_states(record, at=at))
    elif isinstance(record, AIModel | Provider):
        for register in registers_printing(record):
            state = part_states(register, at=at).get(_key(record), UNCHANGED)
            yield from _lines(f"What {register} says of this {record._meta.verbose_name}", state)
    else:
        state = part_states(_register(record), at=at).get(_key(record), UNCHANGED)
        yield from _lines("This footnote" if isinstance(record, Footnote) else "This row", state)


def _lines_of_register(states: dict[str, PartState]) -> Iterator[StateLine]:
    """Yield a line for each thing that is pending, which names the parts that it is about."""
    own = [state for key, state in states.items() if not key.startswith(_ON_OTHER_FORMS)]
    names: dict[tuple[str, Any], list[str]] = {}
    for state in own:
        for line in _lines(state.name, state):
            names.setdefault((line.status, line.publication), []).append(line.subject)
    for (status, publication), parts in names.items():
        subject = join_names(parts, limit=_MOST_NAMES)
        yield StateLine(subject, len(parts) > 1, status, publication)


def _lines(subject: str, state: PartState) -> Iterator[StateLine]:
    if state.differs:
        yield StateLine(subject, is_many=False, status="differs")
    for publication in state.in_review:
        yield StateLine(subject, is_many=False, status="in_review", publication=publication)
    for publication in state.scheduled:
        yield StateLine(subject, is_many=False, status="scheduled", publication=publication)
    for publication in state.unfinished:
        is_rejected = publication.ended_by == "rejected"
        status = "rejected" if is_rejected else "called_off"
        yield StateLine(subject, is_many=False, status=status, publication=publication)
