"""The frame around a publication's page: which one it is, since when, and where the others are."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from compliance.formats import FORMATS
from compliance.models.registers import contact_url
from compliance.store import Index, PublishedEntry


@dataclass(frozen=True, slots=True)
class Frame:
    """A publication as shown at a moment; `day` is set where the reader asked for a day."""

    index: Index
    entry: PublishedEntry
    at: datetime
    day: date | None = None

    @property
    def register_path(self) -> str:
        """The address of the page in force."""
        return reverse("public:register", kwargs={"slug": self.index.slug})

    @property
    def path(self) -> str:
        """The address of this publication for good."""
        return publication_path(self.index, self.entry)

    @property
    def current(self) -> PublishedEntry | None:
        """The publication in force now."""
        return self.index.in_force(self.at)

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
        later = [
            e.effective_from for e in self.index.publications if not e.withdrawn_at and e.number > self.entry.number
        ]
        return min((moment for moment in later if moment <= self.at), default=None)

    @property
    def files(self) -> list[tuple[str, str]]:
        """Label and address of each file of this publication."""
        labels = {"md": "Markdown", "csv": "CSV", "json": "JSON"}
        stem = (self.register_path if self.is_current else self.path).rstrip("/")
        return [(labels.get(name, name), f"{stem}.{name}") for name in FORMATS if name in self.entry.files]

    @property
    def contact_url(self) -> str | None:
        """What the contact links to, or None where it is neither an address nor a URL."""
        return contact_url(self.entry.contact)

    @property
    def publications(self) -> list[tuple[PublishedEntry, str]]:
        """Every publication that may be seen, the newest first, with its address."""
        return [(entry, publication_path(self.index, entry)) for entry in self.index.visible(self.at)]


def publication_path(index: Index, entry: PublishedEntry) -> str:
    """Return the address of a publication's own page."""
    return reverse("public:publication", kwargs={"slug": index.slug, "number": entry.number})
