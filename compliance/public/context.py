"""The frame around a publication's page: which one it is, since when, and where the others are."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile

from django.urls import reverse

from compliance.models.registers import contact_url
from compliance.page.formats import FORMATS
from compliance.published.store import Index, PublishedEntry

_LATEST = 8


@dataclass(frozen=True, slots=True)
class RegisterContext:
    """A register around one of its pages at a moment: whose it is, and where its other pages are."""

    index: Index
    at: datetime

    @property
    def named(self) -> PublishedEntry:
        """The publication by whose title, publisher and language the register is called."""
        return self.current or self.index.visible(self.at)[0]

    @property
    def current(self) -> PublishedEntry | None:
        """The publication in force now."""
        return self.index.in_force(self.at)

    @property
    def announced(self) -> PublishedEntry | None:
        """The next publication that is announced, None where there is none."""
        waiting = list(
            takewhile(lambda entry: entry.effective_from > self.at, self.index.visible(self.at))
        )
        return waiting[-1] if waiting else None

    @property
    def register_path(self) -> str:
        """The address of the page in force."""
        return self.path_of("register")

    @property
    def changes_path(self) -> str:
        """The address of the change log."""
        return self.path_of("changes")

    @property
    def navigation(self) -> list[tuple[str, str]]:
        """Label and address of each page that every page leads to."""
        pages = {
            "register": "The page in force",
            "fit": "Which models fit?",
            "changes": "What changed",
            "everyone": "Models and providers",
        }
        return [(label, self.path_of(name)) for name, label in pages.items()]

    def path_of(self, name: str, **place: object) -> str:
        """Return the address of a page of this register, by its name in `urls`."""
        return reverse(f"public:{name}", kwargs={"slug": self.index.slug, **place})


@dataclass(frozen=True, slots=True)
class PublicationContext(RegisterContext):
    """A publication as shown at a moment; `day` is set where the reader asked for a day."""

    entry: PublishedEntry
    day: date | None = None

    @property
    def named(self) -> PublishedEntry:
        """This publication: it is called as it was."""
        return self.entry

    @property
    def path(self) -> str:
        """The address of this publication for good."""
        return publication_path(self.index, self.entry)

    @property
    def step_path(self) -> str:
        """The address of what this publication changed."""
        return self.path_of("step", number=self.entry.number)

    @property
    def is_current(self) -> bool:
        """Whether this is the publication in force."""
        return self.entry == self.current

    @property
    def is_waiting(self) -> bool:
        """Whether it was announced and has not taken effect."""
        return self.entry.effective_from > self.at

    @property
    def until(self) -> datetime | None:
        """When the next one took its place, or None."""
        later = self.index.after(self.entry.number, self.at)
        return later.effective_from if later else None

    @property
    def canonical_path(self) -> str:
        """The address under which this page is to be known: that of the page in force, or its own for good."""
        return self.register_path if self.is_current and not self.day else self.path

    @property
    def file_paths(self) -> dict[str, str]:
        """The address of each file of this publication, by format."""
        stem = (self.register_path if self.is_current else self.path).rstrip("/")
        return {name: f"{stem}.{name}" for name in FORMATS if name in self.entry.files}

    @property
    def files(self) -> list[tuple[str, str]]:
        """Label and address of each file of this publication."""
        labels = {"md": "Markdown", "csv": "CSV", "json": "JSON"}
        return [(labels.get(name, name), path) for name, path in self.file_paths.items()]

    @property
    def contact_url(self) -> str | None:
        """What the contact links to, or None where it is neither an address nor a URL."""
        return contact_url(self.entry.contact)

    @property
    def latest(self) -> list[tuple[PublishedEntry, str]]:
        """The newest publications that may be seen, the newest first, with their addresses; the change log has all."""
        return [
            (entry, publication_path(self.index, entry))
            for entry in self.index.visible(self.at)[:_LATEST]
        ]


def publication_path(index: Index, entry: PublishedEntry) -> str:
    """Return the address of a publication's own page."""
    return reverse("public:publication", kwargs={"slug": index.slug, "number": entry.number})
