"""The pages of what changed: the log, one publication against the one before it, and any two."""

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from compliance.page.diff import AffectedChange, Change, Effect
from compliance.public import lookup
from compliance.public.context import RegisterContext
from compliance.public.errors import not_found, public
from compliance.public.responses import html_answer
from compliance.published import changelog
from compliance.published.changelog import Step
from compliance.published.store import PublishedEntry

# Publications a page of the log, and sentences of one on it: what is left out is a link away.
_A_PAGE, _SENTENCES = 20, 12
_PAGE = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class StepContext(RegisterContext):
    """A publication and what it changed, as shown at a moment."""

    step: Step

    @property
    def entry(self) -> PublishedEntry:
        """The publication."""
        return self.step.entry

    @property
    def is_waiting(self) -> bool:
        """Whether it was announced and has not taken effect."""
        return self.entry.effective_from > self.at

    @property
    def path(self) -> str:
        """The address of what it changed."""
        return self.path_of("step", number=self.entry.number)

    @property
    def entry_path(self) -> str:
        """The address of its page."""
        return self.path_of("publication", number=self.entry.number)

    @property
    def before_path(self) -> str:
        """The address of the page of the one before it."""
        return (
            self.path_of("publication", number=self.step.before.number) if self.step.before else ""
        )

    @property
    def changes(self) -> list[Change]:
        """What it changed, weaker first."""
        return [told.change for told in self.step.changes]

    @property
    def summary(self) -> str:
        """How many changes are weaker and stronger, in words; empty where there is nothing to count."""
        return counted(self.step.changes)

    @property
    def few(self) -> list[Change]:
        """The first changes; none of the first publication, of which everything is new."""
        return self.changes[:_SENTENCES] if self.step.before else []

    @property
    def more(self) -> int:
        """How many changes there are beside the first."""
        return len(self.step.changes) - len(self.few)


def counted(changes: tuple[AffectedChange, ...]) -> str:
    """Return how many changes are of which effect, in words: "2 weaker, 1 stronger, 5 neutral"."""
    effects = [told.change.effect for told in changes]
    return ", ".join(f"{effects.count(effect)} {effect}" for effect in Effect if effect in effects)


@public
def log(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Show what each publication changed, the newest first; `?page=2` shows earlier ones."""
    index, at = lookup.register(slug)
    steps = changelog.steps(index, at)
    page, pages = request.GET.get("page", "1"), -(-len(steps) // _A_PAGE)
    if not _PAGE.fullmatch(page) or int(page) > pages:
        raise not_found(f"The change log has no page {page[:20]}. Its last page is {pages}.")
    number = int(page)
    shown = steps[(number - 1) * _A_PAGE : number * _A_PAGE]
    context = {
        "frame": RegisterContext(index, at),
        "steps": [StepContext(index, at, step) for step in shown],
        "page": number,
        "pages": pages,
        "newer": number - 1,
        "older": number + 1 if number < pages else 0,
    }
    return html_answer("public/changes.html", context, index, at)


@public
def step(request: HttpRequest, *, slug: str, number: int) -> HttpResponse:
    """Show what one publication changed, against the one before it that stands."""
    index, entry, at = lookup.numbered(slug, number)
    frame = StepContext(index, at, changelog.step(index, entry, at))
    return html_answer("public/step.html", {"frame": frame}, index, at)


@public
def compare(request: HttpRequest, *, slug: str, number: int, other: int) -> HttpResponse:
    """Show what differs from one publication to another, in the order asked for."""
    index, before, at = lookup.numbered(slug, number)
    after = lookup.in_index(index, other, at)
    frame = StepContext(index, at, Step(index, after, before))
    return html_answer(
        "public/compare.html", {"frame": frame, "is_backwards": number > other}, index, at
    )
