"""Rules over the footnotes: that each is cited where it belongs, and speaks of what it marks."""

import re
from collections import Counter
from collections.abc import Iterator

from compliance.page.diff.sentences import FEW, join_names
from compliance.page.names import spelling_key
from compliance.page.rules.context import CitedPlace, RuleContext, the_row, the_rows
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.snapshot import Footnote, Listing, Model, Provider

# "The menu calls this model …" speaks of whatever it marks.
_OF_WHAT_IT_MARKS = re.compile(r"\b(?:this|these|here)\b", re.IGNORECASE)


@rule("number-twice", Severity.BLOCKER, is_fixed=True)
def number_twice(case: RuleContext) -> Iterator[Fault]:
    """A footnote's number is its own.

    A real note became number 2 when another came before it; whoever renumbers by hand forgets one.
    """
    notes = {note.number: note for note in case.snapshot.footnotes}
    for number, count in Counter(note.number for note in case.snapshot.footnotes).items():
        if count > 1:
            message = f"{count} footnotes have the number {number}. Give each its own."
            yield Fault(SubjectKind.FOOTNOTE, notes[number].id, message)


@rule("no-footnote", Severity.BLOCKER, is_fixed=True)
def no_footnote(case: RuleContext) -> Iterator[Fault]:
    """A mark has its footnote.

    A reader who follows a mark to nothing misses the reservation that it was set for.
    """
    for number in sorted(set(case.citations) - {note.number for note in case.snapshot.footnotes}):
        message = f"Footnote {number} is cited, but there is none. Write it, or remove the mark."
        listing = case.citations[number][0].listing
        yield Fault(SubjectKind.LISTING, listing.id, message, among=(str(number),))


@rule("uncited-footnote", Severity.NOTE)
def uncited_footnote(case: RuleContext) -> Iterator[Fault]:
    """A footnote is cited somewhere.

    A note whose row left the page stays behind and speaks of nothing.
    """
    for note in case.snapshot.footnotes:
        if note.number not in case.citations:
            message = (
                f"Footnote {note.number} is cited nowhere in the table. Cite it, or remove it."
            )
            yield Fault(SubjectKind.FOOTNOTE, note.id, message)


@rule("footnote-names-absent-model", Severity.WARNING)
def footnote_names_absent_model(case: RuleContext) -> Iterator[Fault]:
    """A footnote names only models of the listings that cite it.

    A real note named models that had left the page for up to 366 days; its mark stood on a row of others.
    """
    for note in case.snapshot.footnotes:
        there = _models(case.citations.get(note.number, []))
        for mention in case.mentions[note.id] if there else ():
            if not any(mention.covers(model) for model in there.values()):
                id = case.model_ids.get(mention.name)
                elsewhere = f" It stands in {the_rows(case.listings_of_model[id])}." if id else ""
                message = (
                    f"Footnote {note.number} names {mention.name}, which is not in {_rows(case, note)}, where "
                    f"the note is cited.{elsewhere} Mend the note, or its marks."
                )
                values = (note.text, tuple(sorted(there)))
                yield Fault(
                    SubjectKind.FOOTNOTE,
                    note.id,
                    message,
                    among=(spelling_key(mention.name),),
                    values=values,
                )


@rule("footnote-misses-marked-model", Severity.WARNING)
def footnote_misses_marked_model(case: RuleContext) -> Iterator[Fault]:
    """A footnote on a model that names models names that one too.

    Real notes were renumbered by hand; a mark that keeps its old number tells its reader about another model. A note
    that says "this model" speaks of whatever it marks.
    """
    for note in case.snapshot.footnotes:
        mentions = case.mentions[note.id]
        if not mentions or _OF_WHAT_IT_MARKS.search(note.text):
            continue
        for citation in case.citations.get(note.number, []):
            model = citation.marked
            if isinstance(model, Model) and not any(
                mention.covers(model.name) for mention in mentions
            ):
                named = join_names([mention.name for mention in mentions], limit=FEW)
                message = (
                    f"Footnote {note.number} marks {model.name} in {the_row(citation.listing)}, but names {named}. Mend "
                    "the note, or remove the mark."
                )
                among = (citation.listing.id, model.id)
                yield Fault(
                    SubjectKind.FOOTNOTE, note.id, message, among=among, values=(note.text,)
                )


@rule("footnote-names-some-models", Severity.NOTE)
def footnote_names_some_models(case: RuleContext) -> Iterator[Fault]:
    """A footnote on a provider, a cell or a document that names models of the row names all of them.

    A model joined a real row whose provider was marked with a note on two others: it said nothing of the newcomer.
    Where a note is meant for those it names alone, mark them instead of their provider.
    """
    for note in case.snapshot.footnotes:
        mentions = case.mentions[note.id]
        rows = {
            each.listing.id: each.listing
            for each in case.citations.get(note.number, [])
            if not _is_model(each)
        }
        for listing in rows.values() if mentions else ():
            named = {
                model.id
                for model in listing.models
                if any(each.covers(model.name) for each in mentions)
            }
            missed = {model.id: model.name for model in listing.models if model.id not in named}
            if named and missed:
                message = (
                    f"Footnote {note.number} marks all of {the_row(listing)}, but does not name "
                    f"{join_names(missed.values(), limit=FEW)}. Name all, or mark only the models that it is about."
                )
                values = (note.text, tuple(sorted(missed)))
                yield Fault(
                    SubjectKind.FOOTNOTE, note.id, message, among=(listing.id,), values=values
                )


@rule("footnote-on-some-listings", Severity.WARNING)
def footnote_on_some_listings(case: RuleContext) -> Iterator[Fault]:
    """A footnote about a provider is cited in all of the provider's listings.

    A court order to keep prompts was noted on one of a provider's two rows for 119 days; readers of the other row did
    not learn of it. A note that names models says itself where it belongs.
    """
    for note in case.snapshot.footnotes:
        cited = {each.listing.id: each for each in case.citations.get(note.number, [])}
        if not cited or case.mentions[note.id]:
            continue
        about = {
            each.marked.id
            for each in case.citations[note.number]
            if isinstance(each.marked, Provider)
        }
        named = {mention.name for mention in case.provider_names.found_in(note.text)}
        there = {
            provider.id
            for each in cited.values()
            for provider in each.listing.providers
            if provider.name in named
        }
        for id in sorted(about | there):
            without = [
                listing for listing in case.listings_of_provider[id] if listing.id not in cited
            ]
            if without:
                message = (
                    f"Footnote {note.number} is about {case.providers[id]}, but {the_rows(without)} "
                    f"{'does' if len(without) == 1 else 'do'} not cite it. Cite it there too, or say in the answer why "
                    "not."
                )
                values = (note.text, tuple(sorted(listing.id for listing in without)))
                yield Fault(SubjectKind.FOOTNOTE, note.id, message, among=(id,), values=values)


def _models(citations: list[CitedPlace]) -> dict[str, str]:
    return {model.id: model.name for each in citations for model in each.listing.models}


def _is_model(citation: CitedPlace) -> bool:
    return isinstance(citation.marked, Model)


def _rows(case: RuleContext, note: Footnote) -> str:
    listings: dict[str, Listing] = {
        each.listing.id: each.listing for each in case.citations[note.number]
    }
    return the_rows(listings.values())
