"""What the templates know about the register and the publication that a page shows."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from compliance.models.registers import contact_url
from compliance.page.diff import Effect
from compliance.page.formats import FORMATS
from compliance.published import reader
from compliance.published.events import list_events
from compliance.published.index import Index, PublishedEntry
from compliance.published.log import PublicLog

# How many publications a page lists; the change log has all of them.
_LATEST = 8


@dataclass(frozen=True, slots=True)
class RegisterContext:
    """A register at a moment: its publisher and title, and the addresses of its other pages."""

    index: Index
    at: datetime

    @property
    def named(self) -> PublishedEntry:
        """The publication that gives the register its title, publisher and language.

        It is the one in force, or else the last that the public saw.
        """
        return self.current or list_events(self.index, self.at)[0].entry

    @property
    def current(self) -> PublishedEntry | None:
        """The publication in force now."""
        return self.index.in_force(self.at)

    @property
    def announced(self) -> PublishedEntry | None:
        """The announced publication that takes effect next."""
        next_one = None
        for entry in self.index.visible(self.at):
            if not entry.is_waiting(self.at):
                break
            next_one = entry
        return next_one

    @property
    def register_path(self) -> str:
        """The address of the page in force."""
        return self.path_of("register")

    @property
    def changes_path(self) -> str:
        """The address of the change log."""
        return self.path_of("changes")

    @property
    def effects(self) -> list[Effect]:
        """The effects that a change can have, in the order of the legend."""
        return list(Effect)

    @property
    def home_path(self) -> str:
        """The address of the page in force, or of the change log where there is none."""
        return self.register_path if self.current else self.changes_path

    @property
    def navigation(self) -> list[tuple[str, str]]:
        """The label and address of each page in the navigation bar."""
        labels = {"changes": "What changed", "parties": "Models and providers"}
        if self.current:
            labels = {"register": "The page in force", "fit": "Which models fit?", **labels}
        return [(label, self.path_of(name)) for name, label in labels.items()]

    def path_of(self, name: str, **arguments: object) -> str:
        """Return the address of a page of this register, by the page's name in `urls`."""
        return reverse(f"public:{name}", kwargs={"slug": self.index.slug, **arguments})


@dataclass(frozen=True, slots=True)
class PublicationContext(RegisterContext):
    """A publication as shown at a moment; `day` is set if the reader asked for a day."""

    entry: PublishedEntry
    day: date | None = None

    @property
    def named(self) -> PublishedEntry:
        """This publication: it keeps the title that it was published with."""
        return self.entry

    @property
    def path(self) -> str:
        """The permanent address of this publication."""
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
        return self.entry.is_waiting(self.at)

    @property
    def until(self) -> datetime | None:
        """When the next publication replaced it, or None if none did."""
        later = self.index.after(self.entry.number, self.at)
        return later.effective_from if later else None

    @property
    def canonical_path(self) -> str:
        """The address that search engines should know for this page.

        It is the page in force where the two are the same, otherwise the permanent address.
        """
        return self.register_path if self.is_current and not self.day else self.path

    @property
    def file_paths(self) -> dict[str, str]:
        """The address of each file of this publication, by format."""
        return file_paths(self.register_path if self.is_current else self.path, self.entry)

    @property
    def log(self) -> PublicLog | None:
        """The public log if it has this publication, or None; a damaged log hides no page."""
        log = reader.readable_log()
        return log if log and log.has(self.entry) else None

    @property
    def proof_path(self) -> str:
        """The address of the proof that this publication is in the public log."""
        return self.path_of("proof", number=self.entry.number)

    @property
    def files(self) -> list[tuple[str, str]]:
        """The label and address of each file of this publication."""
        return [(FORMATS[name].label, path) for name, path in self.file_paths.items()]

    @property
    def contact_url(self) -> str | None:
        """What the contact links to, or None if it is neither a mail address nor a URL."""
        return contact_url(self.entry.contact)

    @property
    def latest(self) -> list[tuple[PublishedEntry, str]]:
        """The newest visible publications with their addresses, the newest first."""
        latest = self.index.visible(self.at)[:_LATEST]
        return [(entry, publication_path(self.index, entry)) for entry in latest]


def publication_path(index: Index, entry: PublishedEntry) -> str:
    """Return the permanent address of a publication's page."""
    return reverse("public:publication", kwargs={"slug": index.slug, "number": entry.number})


def file_paths(page_path: str, entry: PublishedEntry) -> dict[str, str]:
    """Return the address of each file by format; `page_path` is that of the publication's page."""
    stem = page_path.rstrip("/")
    return {name: f"{stem}.{name}" for name in FORMATS if name in entry.files}
