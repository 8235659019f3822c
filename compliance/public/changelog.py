"""The pages of what changed: the change log, one publication, and any two publications compared."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode

from compliance.page.diff import AffectedChange, Change, Effect
from compliance.public.context import RegisterContext
from compliance.public.errors import check_parameters, not_found, public
from compliance.public.forms import ChangeForm
from compliance.public.responses import html_response
from compliance.published import changelog, lookup
from compliance.published.change_filter import EVERYTHING, ChangeFilter
from compliance.published.earlier_names import name_earlier_models
from compliance.published.events import EventKind, PublicationEvent, list_events
from compliance.published.index import PublishedEntry

_EVENTS_PER_PAGE = 20
# How many changes of one event the log shows; a link leads to the others.
_SHOWN_CHANGES = 12
# At most six digits: int() raises an error for more than 4,300.
_PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class EventContext(RegisterContext):
    """Something that happened to a publication, with the changes that a reader asks for."""

    event: PublicationEvent
    filter: ChangeFilter = EVERYTHING

    @property
    def entry(self) -> PublishedEntry:
        """The publication to which it happened."""
        return self.event.entry

    @property
    def is_published(self) -> bool:
        """Whether the publication was announced or took effect."""
        return self.event.kind is EventKind.PUBLISHED

    @property
    def is_called_off(self) -> bool:
        """Whether the publication had been announced and does not come by itself."""
        return self.event.kind is EventKind.CALLED_OFF

    @property
    def is_waiting(self) -> bool:
        """Whether it was announced and has not taken effect."""
        return self.entry.is_waiting(self.at) and not self.entry.withdrawn_at

    @property
    def never_came(self) -> bool:
        """Whether the publication was called off before it took effect."""
        return self.event.called_off_at is not None

    @cached_property
    def fulfilled_by(self) -> PublishedEntry | None:
        """The publication with which the changes of one that was called off come, or None."""
        return changelog.fulfilled_by(self.index, self.event)

    @property
    def fulfilment(self) -> str:
        """With which publication the changes of a called-off one come; empty if they do not."""
        if self.fulfilled_by is None:
            return ""
        verb = "takes" if self.fulfilled_by.is_waiting(self.at) else "took"
        return f"{verb} effect with publication {self.fulfilled_by.number}"

    @property
    def fulfilled_at(self) -> datetime:
        """When the changes of a called-off publication come with another one."""
        ended_at = self.event.called_off_at or self.event.moment
        return max(ended_at, self.fulfilled_by.effective_from) if self.fulfilled_by else ended_at

    @property
    def fulfilled_path(self) -> str:
        """The address of what changed with that other publication, or "" if there is none."""
        if self.fulfilled_by is None:
            return ""
        return self.path_of("step", number=self.fulfilled_by.number)

    @property
    def path(self) -> str:
        """The address of the page that shows what it changed."""
        path = self._step_path
        return path if self.is_published else f"{path}#taken-back"

    @property
    def changes_address(self) -> str:
        """The address of its changes; those of a called-off one are the announced ones."""
        return self._step_path if self.is_called_off else self.path

    @property
    def _step_path(self) -> str:
        return self.path_of("step", number=self.entry.number)

    @property
    def entry_path(self) -> str:
        """The address of the publication's own page, or "" if it was withdrawn."""
        return self._page_path(self.entry)

    @property
    def before_path(self) -> str:
        """The address of the page before it, or "" if there is none that can be shown."""
        return self._page_path(self.event.before)

    @property
    def after_path(self) -> str:
        """The address of the page after it, or "" if there is none that can be shown."""
        return self._page_path(self.event.after)

    def _page_path(self, entry: PublishedEntry | None) -> str:
        if entry is None or entry.withdrawn_at:
            return ""
        return self.path_of("publication", number=entry.number)

    @cached_property
    def affected(self) -> Sequence[AffectedChange]:
        """What it changed as far as the reader asks for it, weaker changes first."""
        wanted = self.filter.wanted_of(self.index, self.event)
        return name_earlier_models(self.index, wanted, self.at)

    @property
    def changes(self) -> list[Change]:
        """What it changed, weaker changes first."""
        return [affected.change for affected in self.affected]

    @property
    def summary(self) -> str:
        """How many changes there are of each effect; empty if there are none."""
        return count_effects(self.affected)

    @property
    def shown_changes(self) -> list[Change]:
        """The first changes; none for the first publication, in which everything is new."""
        return self.changes[:_SHOWN_CHANGES] if self.event.before else []

    @property
    def hidden_count(self) -> int:
        """How many changes there are besides the shown ones."""
        return len(self.affected) - len(self.shown_changes)


@dataclass(frozen=True, slots=True)
class ComparisonContext(RegisterContext):
    """Two publications, and what differs from `before` to `after`."""

    before: PublishedEntry
    after: PublishedEntry
    affected: Sequence[AffectedChange]

    @property
    def changes(self) -> list[Change]:
        """What differs, weaker changes first."""
        return [affected.change for affected in self.affected]

    @property
    def summary(self) -> str:
        """How many changes there are of each effect; empty if there are none."""
        return count_effects(self.affected)

    @property
    def before_path(self) -> str:
        """The address of the page of `before`."""
        return self.path_of("publication", number=self.before.number)

    @property
    def after_path(self) -> str:
        """The address of the page of `after`."""
        return self.path_of("publication", number=self.after.number)


def count_effects(changes: Sequence[AffectedChange]) -> str:
    """Return how many changes have each effect, in words: "2 weaker, 1 stronger, 5 neutral"."""
    effects = [affected.change.effect for affected in changes]
    return ", ".join(f"{effects.count(effect)} {effect}" for effect in Effect if effect in effects)


@public
def log(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Show everything that happened to the publications, the newest first.

    `?effect=`, `from=`, `to=`, `model=` and `provider=` select; `?page=2` shows earlier events.
    """
    check_parameters(request.GET, {*ChangeForm.NAMES, "page"})
    at = timezone.now()
    index = lookup.find_register(slug, at)
    form = ChangeForm(request.GET, index, at)
    if not form.is_valid():
        context = {"page": RegisterContext(index, at), "form": form}
        return html_response("public/changes.html", context, index, at, status=400)
    events = form.filter.select(index, list_events(index, at))
    page_count = max(-(-len(events) // _EVENTS_PER_PAGE), 1)
    page_number = _page_number(request.GET.get("page", "1"), page_count)
    start = (page_number - 1) * _EVENTS_PER_PAGE
    shown = events[start : start + _EVENTS_PER_PAGE]
    context = {
        "page": RegisterContext(index, at),
        "form": form,
        "query": urlencode(form.asked),
        "count": len(events),
        "events": [EventContext(index, at, event, form.filter) for event in shown],
        "page_number": page_number,
        "page_count": page_count,
        "newer": page_number - 1,
        "older": page_number + 1 if page_number < page_count else 0,
    }
    return html_response("public/changes.html", context, index, at)


def _page_number(text: str, page_count: int) -> int:
    if not _PAGE_NUMBER.fullmatch(text) or int(text) > page_count:
        raise not_found(f"The change log has no page {text[:20]}. Its last page is {page_count}.")
    return int(text)


@public
def step(request: HttpRequest, *, slug: str, number: int) -> HttpResponse:
    """Show what one publication changed, and what was undone if it was taken back."""
    at = timezone.now()
    index, published, ended = lookup.find_events(slug, number, at)
    context = {
        "page": EventContext(index, at, published),
        "end": EventContext(index, at, ended) if ended else None,
    }
    return html_response("public/step.html", context, index, at)


@public
def compare(request: HttpRequest, *, slug: str, number: int, other: int) -> HttpResponse:
    """Show what differs from one publication to another, in the order of the address."""
    check_parameters(request.GET)
    at = timezone.now()
    index, before = lookup.find_numbered(slug, number, at)
    after = lookup.find_entry(index, other, at)
    changes = changelog.compare_any(index, before, after)
    changes = tuple(name_earlier_models(index, changes, at))
    page = ComparisonContext(index, at, before, after, changes)
    context = {"page": page, "is_backwards": number > other}
    return html_response("public/compare.html", context, index, at)
