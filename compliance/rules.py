"""Rules over several records: what in a snapshot stands in the way of publishing it, or asks for a second look."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from compliance import changes, wording
from compliance.changes import Change, Effect
from compliance.snapshot import ClauseKind, Listing, Snapshot, TrainingUse

_USES = list(TrainingUse)


class Severity(StrEnum):
    """A blocker refuses, a warning needs an answer, a note is only said."""

    BLOCKER = "blocker"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: `key` stays the same as long as the fault does; `subject` is the id of what it is about."""

    key: str
    severity: Severity
    message: str
    subject: str

    def to_dict(self) -> dict[str, str]:
        """Return the finding as JSON values."""
        return {name: str(value) for name, value in asdict(self).items()}


def findings(snapshot: Snapshot, before: Snapshot | None = None) -> list[Finding]:
    """Return what all rules find in a snapshot: blockers first, then warnings, then notes.

    With the snapshot in force `before` it, also each change of a promise and each new recipient.
    """
    found = [finding for rule in RULES for finding in rule(snapshot)]
    if before is not None:
        found += promises_kept(changes.between(before, snapshot))
    return sorted(found, key=lambda finding: list(Severity).index(finding.severity))


def promises_kept(found: Iterable[Change]) -> Iterator[Finding]:
    """Whoever weakens or strengthens a promise to readers, or sends their prompts elsewhere, says why."""
    for change in found:
        if change.effect != Effect.NEUTRAL:
            message = f"{change.sentence} This is {change.effect} for readers: say in the answer why."
            yield Finding(f"{change.effect}:{change.key}", Severity.WARNING, message, change.listing or change.key)


def listings_complete(snapshot: Snapshot) -> Iterator[Finding]:
    """A listing has a model and a provider."""
    for row, listing in enumerate(snapshot.listings, start=1):
        if not listing.models:
            message = f"Row {row} has no model. Add one, or remove the listing."
            yield Finding(f"no-model:{listing.id}", Severity.BLOCKER, message, listing.id)
        if not listing.providers:
            message = f"{_called(row, listing)} has no provider. Add one, or retire the listing."
            yield Finding(f"no-provider:{listing.id}", Severity.BLOCKER, message, listing.id)


def something_is_listed(snapshot: Snapshot) -> Iterator[Finding]:
    """A page lists something; one that lists nothing says that nobody gets prompts."""
    if not snapshot.listings:
        message = "The page lists nothing. Choose a listing, or say in the answer why nobody gets prompts."
        yield Finding("no-listing", Severity.WARNING, message, snapshot.register.slug)


def footnotes_numbered_once(snapshot: Snapshot) -> Iterator[Finding]:
    """A footnote's number is its own."""
    for number, count in Counter(note.number for note in snapshot.footnotes).items():
        if count > 1:
            message = f"{count} footnotes have the number {number}. Give each its own."
            yield Finding(f"number-twice:{number}", Severity.BLOCKER, message, str(number))


def citations_have_footnotes(snapshot: Snapshot) -> Iterator[Finding]:
    """A mark has its footnote."""
    for number in sorted(set(snapshot.marks()) - {note.number for note in snapshot.footnotes}):
        message = f"Footnote {number} is cited, but there is none. Write it, or remove the mark."
        yield Finding(f"no-footnote:{number}", Severity.BLOCKER, message, str(number))


def footnotes_are_cited(snapshot: Snapshot) -> Iterator[Finding]:
    """A footnote is cited somewhere."""
    cited = set(snapshot.marks())
    for note in snapshot.footnotes:
        if note.number not in cited:
            message = f"Footnote {note.number} is cited nowhere in the table. Cite it, or remove it."
            yield Finding(f"uncited:{note.id}", Severity.NOTE, message, note.id)


def models_listed_once(snapshot: Snapshot) -> Iterator[Finding]:
    """A model stands once in the register."""
    names = {model.id: model.name for listing in snapshot.listings for model in listing.models}
    for id, count in Counter(model.id for listing in snapshot.listings for model in listing.models).items():
        if count > 1:
            message = f"{names[id]} is listed {count} times. Say in the answer why, or retire the others."
            yield Finding(f"listed-twice:{id}", Severity.WARNING, message, id)


def providers_have_documents(snapshot: Snapshot) -> Iterator[Finding]:
    """A provider of a listing has a document in it."""
    for row, listing in enumerate(snapshot.listings, start=1):
        documented = {document.provider for document in listing.documents}
        for provider in listing.providers:
            if provider.id not in documented:
                message = f"{_called(row, listing)} shows no document of {provider.name}. Add its privacy policy."
                yield Finding(f"no-document:{listing.id}:{provider.id}", Severity.WARNING, message, listing.id)


def documents_have_providers(snapshot: Snapshot) -> Iterator[Finding]:
    """A document belongs to a provider of its listing."""
    for row, listing in enumerate(snapshot.listings, start=1):
        listed = {provider.id for provider in listing.providers}
        for document in listing.documents:
            if document.provider not in listed:
                message = (
                    f"{_called(row, listing)} shows “{document.label}”, which is none of its providers' documents."
                )
                key = f"foreign-document:{listing.id}:{document.label}"
                yield Finding(key, Severity.WARNING, message, listing.id)


def links_are_https(snapshot: Snapshot) -> Iterator[Finding]:
    """A document's link is encrypted."""
    urls = {document.url for listing in snapshot.listings for document in listing.documents if document.url}
    for url in sorted(url for url in urls if url.startswith("http://")):
        yield Finding(f"http:{url}", Severity.WARNING, f"{url} is not encrypted. Use its https address.", url)


def wordings_understood(snapshot: Snapshot) -> Iterator[Finding]:
    """A wording is understood, so that it can be compared."""
    terms = {listing.retention.text: listing.retention for listing in snapshot.listings}
    for text, retention in terms.items():
        if any(clause.kind == ClauseKind.UNKNOWN for clause in retention.clauses):
            message = f"“{text}” is not understood. Give the retention term its clauses."
            yield Finding(f"unknown-term:{text}", Severity.WARNING, message, text)
    uses = {listing.training.text: listing.training.use for listing in snapshot.listings}
    for text, use in uses.items():
        if use == TrainingUse.UNKNOWN:
            message = f"“{text}” does not say whether users' prompts are trained on. Choose a training use."
            yield Finding(f"unknown-training:{text}", Severity.WARNING, message, text)


def cells_keep_what_providers_declare(snapshot: Snapshot) -> Iterator[Finding]:
    """A listing promises no more than its providers declare."""
    for row, listing in enumerate(snapshot.listings, start=1):
        for provider in listing.providers:
            declared = provider.declared
            if declared is None:
                continue
            promise = wording.severity(listing.retention.clauses)
            if declared.retention and wording.severity(declared.retention.clauses) > promise:
                message = (
                    f"{_called(row, listing)} promises “{listing.retention.text}”, but {provider.name} declares "
                    f"“{declared.retention.text}”."
                )
                yield Finding(f"retention:{listing.id}:{provider.id}", Severity.WARNING, message, listing.id)
            if declared.training and _USES.index(declared.training) > _USES.index(listing.training.use):
                message = (
                    f"{_called(row, listing)} says “{listing.training.text}” of training, but {provider.name} declares "
                    f"“{wording.training_text(declared.training)}”."
                )
                yield Finding(f"training:{listing.id}:{provider.id}", Severity.WARNING, message, listing.id)


def _called(row: int, listing: Listing) -> str:
    """Return a row by its first model: its number changes with the rows above, and an answer would lapse with it."""
    if not listing.models:
        return f"Row {row}"
    return f"The row of {listing.models[0].name}{', …' if len(listing.models) > 1 else ''}"


RULES: tuple[Callable[[Snapshot], Iterator[Finding]], ...] = (
    listings_complete,
    something_is_listed,
    footnotes_numbered_once,
    citations_have_footnotes,
    models_listed_once,
    providers_have_documents,
    documents_have_providers,
    links_are_https,
    wordings_understood,
    cells_keep_what_providers_declare,
    footnotes_are_cited,
)
