"""What the rules judge: a snapshot, what is known besides, and what several rules look up in it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from compliance.page import diff
from compliance.page.diff import Change
from compliance.page.diff.sentences import FEW, join_names, row_label
from compliance.page.names import Mention, Names, find_families
from compliance.page.rules.facts import Facts
from compliance.page.snapshot import Document, Model, Provider, Snapshot
from compliance.page.table import Listing, Term


@dataclass(frozen=True, slots=True)
class CitedPlace:
    """A place that cites a footnote; `marked` is None for a cell or a document."""

    listing: Listing
    marked: Model | Provider | None


class RuleContext:
    """A snapshot, the one in force before it (or None), and the facts; each lookup is done once."""

    def __init__(self, snapshot: Snapshot, before: Snapshot | None, facts: Facts) -> None:
        self.snapshot = snapshot
        self.before = before
        self.facts = facts

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The changes since the page in force; none if there is no page in force."""
        return diff.compare(self.before, self.snapshot) if self.before else ()

    @cached_property
    def listings(self) -> dict[str | None, Listing]:
        """The listings by id."""
        return {listing.id: listing for listing in self.snapshot.listings}

    @cached_property
    def models(self) -> dict[str, str]:
        """The names of the listed models, by id."""
        return {
            model.id: model.name for listing in self.snapshot.listings for model in listing.models
        }

    @cached_property
    def model_ids(self) -> dict[str, str]:
        """The ids of the listed models, by name."""
        return {name: id for id, name in self.models.items()}

    @cached_property
    def floors(self) -> dict[str, Term]:
        """The shortest retention that any provider of a model can offer, by the model's id."""
        return {
            model.id: model.retention_floor for model in self.facts.models if model.retention_floor
        }

    @cached_property
    def providers(self) -> dict[str, str]:
        """The names of the listed providers, by id."""
        return {
            provider.id: provider.name
            for listing in self.snapshot.listings
            for provider in listing.providers
        }

    @cached_property
    def mentions(self) -> dict[str, list[Mention]]:
        """The models that each footnote names, by the footnote's id.

        They are models listed here or on the page in force, models of the working copy by name or
        alias, and unknown names that the text calls models.
        """
        # A note may still name a model that has just left the page; real notes did so for a year.
        before = self.before.listings if self.before else ()
        known = [
            *self.models.values(),
            *(model.name for listing in before for model in listing.models),
        ]
        aliases = {alias: model.name for model in self.facts.models for alias in model.aliases}
        names = Names([*known, *(model.name for model in self.facts.models)], aliases)
        mentions: dict[str, list[Mention]] = {}
        for note in self.snapshot.footnotes:
            mentions[note.id] = names.found_in(note.text)
            unknown = [family for family in find_families(note.text) if family.name not in names]
            mentions[note.id] += unknown
        return mentions

    @cached_property
    def citations(self) -> dict[int, list[CitedPlace]]:
        """The places that cite each footnote in the order of the page, by the footnote's number."""
        found: defaultdict[int, list[CitedPlace]] = defaultdict(list)
        for listing in self.snapshot.listings:
            places: list[tuple[Model | Provider | None, tuple[int, ...]]] = []
            places += [(model, model.footnotes) for model in listing.models]
            places += [(provider, provider.footnotes) for provider in listing.providers]
            places += [(None, listing.training.footnotes), (None, listing.retention.footnotes)]
            places += [(None, document.footnotes) for document in listing.documents]
            for marked, numbers in places:
                for number in numbers:
                    found[number].append(CitedPlace(listing, marked))
        return found

    @cached_property
    def documents(self) -> dict[Document, list[Listing]]:
        """The listings that show each document; marks differ from row to row and are left out."""
        found: defaultdict[Document, list[Listing]] = defaultdict(list)
        for listing in self.snapshot.listings:
            for document in dict.fromkeys(
                replace(document, footnotes=()) for document in listing.documents
            ):
                found[document].append(listing)
        return found

    @cached_property
    def shown(self) -> set[tuple[str | None, str]]:
        """The provider and the label of each document that is shown."""
        return {(document.provider, document.label) for document in self.documents}

    @cached_property
    def provider_names(self) -> Names:
        """The names of the listed providers, to search texts for."""
        return Names(self.providers.values())

    @cached_property
    def listings_of_model(self) -> dict[str, list[Listing]]:
        """The listings that name each model, by its id; each listing once."""
        found: defaultdict[str, list[Listing]] = defaultdict(list)
        for listing in self.snapshot.listings:
            for id in dict.fromkeys(model.id for model in listing.models):
                found[id].append(listing)
        return found

    @cached_property
    def listings_of_provider(self) -> dict[str, list[Listing]]:
        """The listings that name each provider, by its id; each listing once."""
        found: defaultdict[str, list[Listing]] = defaultdict(list)
        for listing in self.snapshot.listings:
            for id in dict.fromkeys(provider.id for provider in listing.providers):
                found[id].append(listing)
        return found


def the_row(listing: Listing) -> str:
    """Return a row as it stands in a sentence: by its models, as its number may change."""
    if not listing.models:
        return "the row without models"
    return f"the row of {row_label(listing)}"


def the_rows(listings: Iterable[Listing]) -> str:
    """Return one row by its models, or the first few of several by the first model of each."""
    rows = list(listings)
    if len(rows) == 1:
        return the_row(rows[0])
    first_models = [row.models[0].name if row.models else "no model" for row in rows]
    return f"the rows of {join_names(first_models, limit=FEW)}"


def quoted(texts: Iterable[str]) -> str:
    """Return texts in quotation marks, each once, the first few of many."""
    return join_names((f"“{text}”" for text in dict.fromkeys(texts)), limit=FEW)


def sentence(text: str) -> str:
    """Return a text with its first letter as a capital."""
    return text[:1].upper() + text[1:]
