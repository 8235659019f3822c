"""The pages of models and providers: when each was listed, with whom, on which terms, and when it was gone."""

from dataclasses import dataclass
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode

from compliance.public import lookup
from compliance.public.context import RegisterContext
from compliance.public.errors import not_found, public
from compliance.public.responses import html_answer
from compliance.published.offerings import (
    OfferingHistories,
    OfferingHistory,
    Period,
    Subject,
    offering_histories,
)
from compliance.published.store import PublishedEntry
from compliance.rendering import html

_OTHER = {Subject.MODEL: Subject.PROVIDER, Subject.PROVIDER: Subject.MODEL}


@dataclass(frozen=True, slots=True)
class Line:
    """A span as shown: the other side of the offering, its address, empty where the row names none."""

    span: Period
    name: str
    path: str
    first_path: str
    gone_path: str


@dataclass(frozen=True, slots=True)
class LifeFrame(RegisterContext):
    """The life of a model or provider as shown at a moment."""

    told: OfferingHistories
    subject: Subject
    id: str
    life: OfferingHistory

    @property
    def name(self) -> str:
        """Its newest name."""
        return self.life.names[0]

    @property
    def path(self) -> str:
        """Its address for good."""
        return self.path_of(self.subject, id=self.id)

    @property
    def row_path(self) -> str:
        """Where the page in force names it first: `rendering` makes that place's id, in bodies frozen since it does."""
        return f"{self.register_path}#{quote(html.anchor(self.subject, self.id))}"

    @property
    def feed_path(self) -> str:
        """The address of the feed of what changes for it."""
        return f"{self.path_of('feed_atom')}?{urlencode({str(self.subject): self.id})}"

    @property
    def other(self) -> Subject:
        """What it is listed with."""
        return _OTHER[self.subject]

    @property
    def parts(self) -> list[tuple[str, list[Line]]]:
        """What was announced of it, what is said now, and what was said before, the latest first; each with a word."""
        parts: dict[str, list[Line]] = {"Announced": [], "Now": [], "Before": []}
        for span in self.life.spans:
            when = (
                "Before"
                if span.has_ended(self.at)
                else "Announced"
                if span.is_announced(self.at)
                else "Now"
            )
            parts[when].append(self._line(span))
        return [(when, lines) for when, lines in parts.items() if lines]

    @property
    def is_announced(self) -> bool:
        """Whether it was announced and never listed so far."""
        return self.life.first.effective_from > self.at

    @property
    def is_gone(self) -> bool:
        """Whether it is no longer listed."""
        return all(span.has_ended(self.at) for span in self.life.spans)

    def _line(self, span: Period) -> Line:
        id = getattr(span.offered, self.other)
        return Line(
            span,
            self.told.name(self.other, id) if id else f"no {self.other}",
            self.path_of(self.other, id=id) if id else "",
            self._entry_path(span.first),
            self._entry_path(span.gone) if span.gone else "",
        )

    def _entry_path(self, entry: PublishedEntry) -> str:
        return self.path_of("step", number=entry.number)


@public
def model(request: HttpRequest, *, slug: str, id: str) -> HttpResponse:
    """Show the life of a model."""
    return _life(slug, Subject.MODEL, id)


@public
def provider(request: HttpRequest, *, slug: str, id: str) -> HttpResponse:
    """Show the life of a provider."""
    return _life(slug, Subject.PROVIDER, id)


@public
def everyone(request: HttpRequest, *, slug: str) -> HttpResponse:
    """List the models and providers that are listed, and those that were."""
    index, at = lookup.register(slug)
    told = offering_histories(index, at)
    frame = RegisterContext(index, at)
    kinds = [
        (subject, *(_named(frame, told, subject, ids) for ids in told.listed(subject, at)))
        for subject in Subject
    ]
    return html_answer("public/everyone.html", {"frame": frame, "kinds": kinds}, index, at)


def _life(slug: str, subject: Subject, id: str) -> HttpResponse:
    index, at = lookup.register(slug)
    told = offering_histories(index, at)
    life = told.life(subject, id)
    if life is None:
        raise not_found(
            f"No {subject} called {id[:60]} was ever listed. Its address is made of its first name."
        )
    return html_answer(
        "public/life.html", {"frame": LifeFrame(index, at, told, subject, id, life)}, index, at
    )


def _named(
    frame: RegisterContext, told: OfferingHistories, subject: Subject, ids: list[str]
) -> list[tuple[str, str]]:
    return [(told.name(subject, id), frame.path_of(subject, id=id)) for id in ids]
