"""Rules for footnotes: each is cited where it belongs, and is about what it marks."""

import re
from collections import Counter
from collections.abc import Iterator

from compliance.page.diff.sentences import FEW, join_names
from compliance.page.ends import named_end
from compliance.page.names import spelling_key
from compliance.page.rules.context import CitedPlace, RuleContext
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.snapshot import Footnote
from compliance.page.table import ModelItem, ProviderItem, Row

# "The menu calls this model …" is about whatever it marks.
_OF_WHAT_IT_MARKS = re.compile(r"\b(?:this|these|here)\b", re.IGNORECASE)


@rule("number-twice", Severity.BLOCKER, is_fixed=True)
def number_twice(context: RuleContext) -> Iterator[Fault]:
    """No two footnotes have the same number.

    Who puts a footnote before others renumbers them, and may forget one of them or its mark.
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
        message = (
            f"Footnote {number} is cited, but there is none. Cite the one that is meant, or "
            "write down again what it said."
        )
        row = context.citations[number][0].row
        yield Fault(SubjectKind.LISTING, row.id, message, among=(str(number),))


@rule("uncited-footnote", Severity.NOTE)
def uncited_footnote(context: RuleContext) -> Iterator[Fault]:
    """A footnote is cited somewhere.

    When a row leaves the page, its footnote stays behind and is about nothing.
    """
    for note in context.snapshot.footnotes:
        if note.number not in context.citations:
            message = (
                f"Footnote {note.number} is cited nowhere. Cite it at what it is about, or "
                "say in the text what it says."
            )
            yield Fault(SubjectKind.FOOTNOTE, note.id, message, values=(note.text,))


@rule("footnote-names-absent-model", Severity.WARNING)
def footnote_names_absent_model(context: RuleContext) -> Iterator[Fault]:
    """A footnote names only models of the listings that cite it.

    When a model leaves a row, the footnote on it stays behind, and its mark with it: then it tells
    the readers of other models something that is not about these.
    """
    for note in context.snapshot.footnotes:
        rows = _rows_with_models(context.citations.get(note.number, []))
        models = {item.model: item.plain for row in rows for item in row.models}
        # A note that nothing cites is reported by the rule `uncited-footnote` instead.
        for mention in context.mentions[note.id] if models else ():
            if any(mention.covers(name) for name in models.values()):
                continue
            id = context.model_ids.get(mention.name)
            elsewhere = (
                f" It stands in {context.the_rows(context.rows_of_model[id])}." if id else ""
            )
            message = (
                f"Footnote {note.number} names {mention.name}, which is not in "
                f"{context.the_rows(rows)}, where the note is cited.{elsewhere} "
                "Mend the note, or its marks."
            )
            among = (spelling_key(mention.name),)
            values, parts = (note.text,), list(models)
            yield Fault(SubjectKind.FOOTNOTE, note.id, message, among, values, parts)


@rule("footnote-misses-marked-model", Severity.WARNING)
def footnote_misses_marked_model(context: RuleContext) -> Iterator[Fault]:
    """A footnote on a model that names models names that one too.

    When footnotes are renumbered by hand, a mark that keeps its old number leads to a note on
    another model. A note that says "this model" is about whatever it marks.
    """
    for note in context.snapshot.footnotes:
        mentions = context.mentions[note.id]
        if not mentions or _OF_WHAT_IT_MARKS.search(note.text):
            continue
        for citation in context.citations.get(note.number, []):
            item = citation.item
            if isinstance(item, ModelItem) and not any(
                mention.covers(item.plain) for mention in mentions
            ):
                named = join_names([mention.name for mention in mentions], limit=FEW)
                message = (
                    f"Footnote {note.number} marks {item.plain} in "
                    f"{context.the_row(citation.row)}, but names {named}. "
                    "Mend the note, or cite the one that is meant."
                )
                among = (citation.row.id, item.model)
                yield Fault(
                    SubjectKind.FOOTNOTE, note.id, message, among=among, values=(note.text,)
                )


@rule("footnote-names-some-models", Severity.NOTE)
def footnote_names_some_models(context: RuleContext) -> Iterator[Fault]:
    """A footnote at anything but a model that names models of the row names all of them.

    When a model is added to a row whose provider cites a note about the others, the note does not
    mention the new one. If a note is meant only for the models it names, mark them, not the
    provider.
    """
    for note in context.snapshot.footnotes:
        mentions = context.mentions[note.id]
        rows: dict[str, Row] = {}
        for citation in context.citations.get(note.number, []):
            if not isinstance(citation.item, ModelItem):
                rows[citation.row.id] = citation.row
        for row in rows.values() if mentions else ():
            models = {item.model: item.plain for item in row.models}
            missed = {
                id: name
                for id, name in models.items()
                if not any(mention.covers(name) for mention in mentions)
            }
            if missed and len(missed) < len(models):
                message = (
                    f"Footnote {note.number} marks all of {context.the_row(row)}, "
                    f"but does not name {join_names(missed.values(), limit=FEW)}. "
                    "Name all, or mark only the models that it is about."
                )
                among, values, parts = (row.id,), (note.text,), list(missed)
                yield Fault(SubjectKind.FOOTNOTE, note.id, message, among, values, parts)


@rule("footnote-on-some-listings", Severity.WARNING)
def footnote_on_some_listings(context: RuleContext) -> Iterator[Fault]:
    """A footnote about a provider is cited in all of the provider's listings.

    Where a note on a court order to keep prompts is cited in one of a provider's two rows, readers
    of the other row do not learn of it. Notes that name models are left out: they say where they
    belong.
    """
    for note in context.snapshot.footnotes:
        citations = context.citations.get(note.number, [])
        if not citations or context.mentions[note.id]:
            continue
        cited = {citation.row.id for citation in citations}
        for id in sorted(_providers_of(context, note, citations)):
            without = [row for row in context.rows_of_provider[id] if row.id not in cited]
            if without:
                does = "does" if len(without) == 1 else "do"
                message = (
                    f"Footnote {note.number} is about {context.recipients[id]}, "
                    f"but {context.the_rows(without)} {does} not cite it. "
                    "Cite it there too, or say in the answer why not."
                )
                among, values, parts = (id,), (note.text,), [row.id for row in without]
                yield Fault(SubjectKind.FOOTNOTE, note.id, message, among, values, parts)


def _providers_of(context: RuleContext, note: Footnote, citations: list[CitedPlace]) -> set[str]:
    """Return the ids of the recipients that a footnote marks or names."""
    names = {mention.name for mention in context.provider_names.found_in(note.text)}
    ids: set[str] = set()
    for citation in citations:
        if isinstance(citation.item, ProviderItem):
            ids.add(citation.item.provider)
        for item in citation.row.providers:
            if context.providers[item.provider] in names:
                ids.add(item.provider)
    return ids


def _rows_with_models(citations: list[CitedPlace]) -> list[Row]:
    """Return the rows that cite a footnote, each once, without those of tables without models."""
    rows = {citation.row.id: citation.row for citation in citations if citation.row.models}
    return list(rows.values())


@rule("end-not-entered", Severity.NOTE)
def end_not_entered(context: RuleContext) -> Iterator[Fault]:
    """A footnote that names the day on which it ends has that day as its last.

    The day in the text is only read by people. Once it is entered as well, a warning comes when it
    has passed.
    """
    for note in context.snapshot.footnotes:
        if note.valid_until is None and (end := named_end(note.text)):
            message = (
                f"Footnote {note.number} says that it ends on {end}. "
                "If it does, enter that day as “Valid until”."
            )
            yield Fault(SubjectKind.FOOTNOTE, note.id, message, values=(end.isoformat(),))


@rule("footnote-lapsed", Severity.WARNING)
def footnote_lapsed(context: RuleContext) -> Iterator[Fault]:
    """A footnote that is shown is still valid.

    A note on an exception, a court order or a transition ends some day, and nothing in the row
    shows that it has.
    """
    today = context.facts.today
    for note in context.snapshot.footnotes:
        if today and note.valid_until and note.valid_until < today:
            message = (
                f"Footnote {note.number} was valid until {note.valid_until}. "
                "Write what holds now, or until when it holds."
            )
            values = (note.text, note.valid_until.isoformat())
            yield Fault(SubjectKind.FOOTNOTE, note.id, message, values=values)
