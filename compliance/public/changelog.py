"""The pages of what changed: the change log, one publication, and any two publications compared."""

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from compliance.page.diff import AffectedChange, Change, Effect
from compliance.public.context import RegisterContext
from compliance.public.errors import not_found, public
from compliance.public.responses import html_response
from compliance.published import changelog, lookup
from compliance.published.changelog import PublicationStep
from compliance.published.index import PublishedEntry

_STEPS_PER_PAGE = 20
# How many changes of one publication the log shows; a link leads to the others.
_SHOWN_CHANGES = 12
# At most six digits: int() raises an error for more than 4,300.
_PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class StepContext(RegisterContext):
    """A publication and what it changed, as shown at a moment."""

    step: PublicationStep

    @property
    def entry(self) -> PublishedEntry:
        """The publication that is compared with the one before it."""
        return self.step.entry

    @property
    def before(self) -> PublishedEntry | None:
        """The publication that it is compared with, or None for the first."""
        return self.step.before

    @property
    def is_waiting(self) -> bool:
        """Whether it was announced and has not taken effect."""
        return self.entry.is_waiting(self.at)

    @property
    def path(self) -> str:
        """The address of the page that shows what it changed."""
        return self.path_of("step", number=self.entry.number)

    @property
    def entry_path(self) -> str:
        """The address of the publication's own page."""
        return self.path_of("publication", number=self.entry.number)

    @property
    def before_path(self) -> str:
        """The address of the page of the publication before it, or "" for the first."""
        return self.path_of("publication", number=self.before.number) if self.before else ""

    @property
    def changes(self) -> list[Change]:
        """What it changed, weaker changes first."""
        return [affected.change for affected in self.step.changes]

    @property
    def summary(self) -> str:
        """How many changes there are of each effect; empty if there are none."""
        return count_effects(self.step.changes)

    @property
    def shown_changes(self) -> list[Change]:
        """The first changes; none for the first publication, in which everything is new."""
        return self.changes[:_SHOWN_CHANGES] if self.before else []

    @property
    def hidden_count(self) -> int:
        """How many changes there are besides the shown ones."""
        return len(self.step.changes) - len(self.shown_changes)


def count_effects(changes: tuple[AffectedChange, ...]) -> str:
    """Return how many changes have each effect, in words: "2 weaker, 1 stronger, 5 neutral"."""
    effects = [affected.change.effect for affected in changes]
    return ", ".join(f"{effects.count(effect)} {effect}" for effect in Effect if effect in effects)


@public
def log(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Show what each publication changed, the newest first; `?page=2` shows earlier ones."""
    at = timezone.now()
    index = lookup.find_register(slug, at)
    steps = changelog.list_steps(index, at)
    page_count = -(-len(steps) // _STEPS_PER_PAGE)
    page_number = _page_number(request.GET.get("page", "1"), page_count)
    start = (page_number - 1) * _STEPS_PER_PAGE
    shown_steps = steps[start : start + _STEPS_PER_PAGE]
    context = {
        "page": RegisterContext(index, at),
        "steps": [StepContext(index, at, step) for step in shown_steps],
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
    """Show what one publication changed, compared with the one before it."""
    at = timezone.now()
    index, entry = lookup.find_numbered(slug, number, at)
    page = StepContext(index, at, changelog.make_step(index, entry, at))
    return html_response("public/step.html", {"page": page}, index, at)


@public
def compare(request: HttpRequest, *, slug: str, number: int, other: int) -> HttpResponse:
    """Show what differs from one publication to another, in the order of the address."""
    at = timezone.now()
    index, before = lookup.find_numbered(slug, number, at)
    after = lookup.find_entry(index, other, at)
    page = StepContext(index, at, PublicationStep(index, after, before))
    context = {"page": page, "is_backwards": number > other}
    return html_response("public/compare.html", context, index, at)
