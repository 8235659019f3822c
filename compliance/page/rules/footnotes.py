"""Rules for footnotes: each is cited where it belongs, and is about what it marks."""

import re
from collections import Counter
from collections.abc import Iterator

from compliance.page.diff.sentences import FEW, join_names
from compliance.page.names import spelling_key
from compliance.page.rules.context import CitedPlace, RuleContext, the_row, the_rows
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.snapshot import Footnote, Model, Provider
from compliance.page.table import Listing

# "The menu calls this model …" is about whatever it marks.
_OF_WHAT_IT_MARKS = re.compile(r"\b(?:this|these|here)\b", re.IGNORECASE)


@rule("number-twice", Severity.BLOCKER, is_fixed=True)
def number_twice(context: RuleContext) -> Iterator[Fault]:
    """No two footnotes have the same number.

    On a real page a new footnote moved another to number 2; who renumbers by hand may forget a
    mark.
    """
    notes = {note.number: note for note in context.snapshot.footnotes}
    for number, count in Counter(note.number for note in context.snapshot.footnotes).items():
        if count > 1:
            message = f"{count} footnotes have the number {number}. Give each its own."
            yield Fault(SubjectKind.FOOTNOTE, notes[number].id, message)


@rule("no-footnote", Severity.BLOCKER, is_fixed=True)
def no_footnote(context: RuleContext) -> Iterator[Fault]:
    """Every mark has a footnote.

    A reader who follows a mark to no footnote misses the restriction that it stands for.
    """
    for number in sorted(
        set(context.citations) - {note.number for note in context.snapshot.footnotes}
    ):
        message = f"Footnote {number} is cited, but there is none. Write it, or remove the mark."
        listing = context.citations[number][0].listing
        yield Fault(SubjectKind.LISTING, listing.id, message, among=(str(number),))


@rule("uncited-footnote", Severity.NOTE)
def uncited_footnote(context: RuleContext) -> Iterator[Fault]:
    """A footnote is cited somewhere.

    When a row leaves the page, its footnote stays behind and is about nothing.
    """
    for note in context.snapshot.footnotes:
        if note.number not in context.citations:
            message = (
                f"Footnote {note.number} is cited nowhere in the table. Cite it, or remove it."
            )
            yield Fault(SubjectKind.FOOTNOTE, note.id, message)


@rule("footnote-names-absent-model", Severity.WARNING)
def footnote_names_absent_model(context: RuleContext) -> Iterator[Fault]:
    """A footnote names only models of the listings that cite it.

    A real footnote named models that had left the page up to 366 days before; its mark stood on a
    row of other models.
    """
    for note in context.snapshot.footnotes:
        models = _models(context.citations.get(note.number, []))
        # A note that nothing cites is reported by the rule `uncited-footnote` instead.
        for mention in context.mentions[note.id] if models else ():
            if any(mention.covers(name) for name in models.values()):
                continue
            id = context.model_ids.get(mention.name)
            elsewhere = f" It stands in {the_rows(context.listings_of_model[id])}." if id else ""
            message = (
                f"Footnote {note.number} names {mention.name}, which is not in "
                f"{_rows(context, note)}, where the note is cited.{elsewhere} "
                "Mend the note, or its marks."
            )
            among = (spelling_key(mention.name),)
            values = (note.text, tuple(sorted(models)))
            yield Fault(SubjectKind.FOOTNOTE, note.id, message, among=among, values=values)


@rule("footnote-misses-marked-model", Severity.WARNING)
def footnote_misses_marked_model(context: RuleContext) -> Iterator[Fault]:
    """A footnote on a model that names models names that one too.

    Real footnotes were renumbered by hand; a mark that keeps its old number leads to a note on
    another model. A note that says "this model" is about whatever it marks.
    """
    for note in context.snapshot.footnotes:
        mentions = context.mentions[note.id]
        if not mentions or _OF_WHAT_IT_MARKS.search(note.text):
            continue
        for citation in context.citations.get(note.number, []):
            model = citation.marked
            if isinstance(model, Model) and not any(
                mention.covers(model.name) for mention in mentions
            ):
                named = join_names([mention.name for mention in mentions], limit=FEW)
                message = (
                    f"Footnote {note.number} marks {model.name} in {the_row(citation.listing)}, "
                    f"but names {named}. Mend the note, or remove the mark."
                )
                among = (citation.listing.id, model.id)
                yield Fault(
                    SubjectKind.FOOTNOTE, note.id, message, among=among, values=(note.text,)
                )


@rule("footnote-names-some-models", Severity.NOTE)
def footnote_names_some_models(context: RuleContext) -> Iterator[Fault]:
    """A footnote at a provider, cell or document that names models of the row names all of them.

    A model was added to a real row whose provider cited a note about two others, and the note did
    not mention the new one. If a note is meant only for the models it names, mark them, not the
    provider.
    """
    for note in context.snapshot.footnotes:
        mentions = context.mentions[note.id]
        rows: dict[str, Listing] = {}
        for citation in context.citations.get(note.number, []):
            if not isinstance(citation.marked, Model):
                rows[citation.listing.id] = citation.listing
        for listing in rows.values() if mentions else ():
            named: set[str] = set()
            for mention in mentions:
                named |= {model.id for model in listing.models if mention.covers(model.name)}
            missed = {model.id: model.name for model in listing.models if model.id not in named}
            if named and missed:
                message = (
                    f"Footnote {note.number} marks all of {the_row(listing)}, but does not name "
                    f"{join_names(missed.values(), limit=FEW)}. "
                    "Name all, or mark only the models that it is about."
                )
                values = (note.text, tuple(sorted(missed)))
                yield Fault(
                    SubjectKind.FOOTNOTE, note.id, message, among=(listing.id,), values=values
                )


@rule("footnote-on-some-listings", Severity.WARNING)
def footnote_on_some_listings(context: RuleContext) -> Iterator[Fault]:
    """A footnote about a provider is cited in all of the provider's listings.

    For 119 days the note on a court order to keep prompts was cited in one of a provider's two
    rows; readers of the other row did not learn of it. Notes that name models are left out: they
    say where they belong.
    """
    for note in context.snapshot.footnotes:
        citations = context.citations.get(note.number, [])
        if not citations or context.mentions[note.id]:
            continue
        cited = {citation.listing.id for citation in citations}
        for id in sorted(_providers_of(context, note, citations)):
            listings = context.listings_of_provider[id]
            without = [listing for listing in listings if listing.id not in cited]
            if without:
                does = "does" if len(without) == 1 else "do"
                message = (
                    f"Footnote {note.number} is about {context.providers[id]}, "
                    f"but {the_rows(without)} {does} not cite it. "
                    "Cite it there too, or say in the answer why not."
                )
                values = (note.text, tuple(sorted(listing.id for listing in without)))
                yield Fault(SubjectKind.FOOTNOTE, note.id, message, among=(id,), values=values)


def _providers_of(context: RuleContext, note: Footnote, citations: list[CitedPlace]) -> set[str]:
    """Return the ids of the providers that a footnote marks or names."""
    names = {mention.name for mention in context.provider_names.found_in(note.text)}
    ids: set[str] = set()
    for citation in citations:
        if isinstance(citation.marked, Provider):
            ids.add(citation.marked.id)
        ids |= {provider.id for provider in citation.listing.providers if provider.name in names}
    return ids


def _models(citations: list[CitedPlace]) -> dict[str, str]:
    return {model.id: model.name for citation in citations for model in citation.listing.models}


def _rows(context: RuleContext, note: Footnote) -> str:
    citations = context.citations[note.number]
    rows = {citation.listing.id: citation.listing for citation in citations}
    return the_rows(rows.values())
