"""Rules for characters: what looks the same is the same, and a word keeps to one alphabet."""

from collections import defaultdict
from collections.abc import Iterator

from compliance.page.diff.sentences import FEW, join_names
from compliance.page.lookalikes import difference, intruders, name_of, skeleton, spelling
from compliance.page.remembered import by_identity
from compliance.page.rules.context import TEXT_KINDS, RuleContext, words_of
from compliance.page.rules.facts import CatalogueEntry, KnownModel
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.table import Row


@rule("look-alikes", Severity.WARNING)
def look_alikes(context: RuleContext) -> Iterator[Fault]:
    """No two names, labels or wordings look the same and differ.

    A Cyrillic letter, a letter of full width or an l for an I is not seen: readers, and who edits
    the page, take two names for one, and a search for the one does not find the other.
    """
    for kind, texts in context.texts_by_kind.items():
        elsewhere: tuple[str, ...] = ()
        if kind == "model":
            elsewhere = _known_elsewhere(context.facts.catalogue, context.unlisted_models)
        for words, other in _pairs_alike(texts, elsewhere):
            message = (
                f"The {TEXT_KINDS[kind]} “{words}” and “{other}” look the same and differ: "
                f"{difference(words, other)}. "
                "Type both in the same characters, or say in the answer what tells them apart."
            )
            subject_kind, subject = _subject(context, kind, words)
            values = tuple(sorted((words, other)))
            yield Fault(
                subject_kind, subject, message, among=(kind,), values=values, is_anywhere=True
            )


# The texts of a page change seldom.
@by_identity(32)
def _pairs_alike(texts: tuple[str, ...], elsewhere: tuple[str, ...]) -> dict[tuple[str, str], None]:
    """Return the pairs of a text and another one, there or elsewhere, that look the same."""
    first_like: dict[str, str] = {}
    pairs: dict[tuple[str, str], None] = {}
    for words in texts:
        first = first_like.setdefault(skeleton(words), words)
        if first != words:
            pairs[first, words] = None
    for words in elsewhere:
        first = first_like.get(skeleton(words), words)
        if first != words:
            pairs[first, words] = None
    return pairs


@rule("two-spellings", Severity.NOTE)
def two_spellings(context: RuleContext) -> Iterator[Fault]:
    """A label or a wording is spelled in one way.

    Of "30 days" and "30 Days", or of "Acme's policy" with a straight and a curly apostrophe, a
    reader wonders whether two things are meant. Names are judged by the rule `alike-names`.
    """
    for kind, texts in context.texts_by_kind.items():
        if kind in ("model", "provider"):
            continue
        for ways in _spelled_in_ways(texts):
            first, other, *_ = ways
            quoted = join_names([f"“{words}”" for words in ways], limit=FEW)
            message = f"The {TEXT_KINDS[kind]} {quoted} differ only in {_in_what(first, other)}. "
            subject_kind, subject = _subject(context, kind, other)
            yield Fault(
                subject_kind,
                subject,
                f"{message}Choose one spelling.",
                among=(kind,),
                values=(spelling(first),),
                parts=ways,
                is_anywhere=True,
            )


@by_identity(32)
def _spelled_in_ways(texts: tuple[str, ...]) -> list[list[str]]:
    """Return the texts that differ in spelling alone, together."""
    spelled: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for words in texts:
        # What looks the same is reported by the rule `look-alikes` instead.
        spelled[spelling(words)].setdefault(skeleton(words), words)
    return [list(ways.values()) for ways in spelled.values() if len(ways) > 1]


@rule("mixed-alphabets", Severity.WARNING)
def mixed_alphabets(context: RuleContext) -> Iterator[Fault]:
    """A word is written in one alphabet.

    Who copies a name from a page in Russian or Greek may bring a letter along that looks like a
    Latin one. "Аcme" with a Cyrillic А is another name than "Acme", and nobody sees it.
    """
    for kind, id, place, words in _printed(context):
        for word, letter in intruders(words):
            message = (
                f"“{word}” in {place} mixes alphabets: its “{letter}” is a {name_of(letter)}. "
                "Type the word anew in one alphabet."
            )
            yield Fault(kind, id, message, among=(word,))


def _in_what(words: str, other: str) -> str:
    if words.casefold() == other.casefold():
        return "capitals"
    return f"a character: {difference(words.casefold(), other.casefold())}"


@by_identity(8)
def _known_elsewhere(
    catalogue: tuple[CatalogueEntry, ...] | None, models: tuple[KnownModel, ...]
) -> tuple[str, ...]:
    """Return the names of models in the product's catalogue, and of those without a row."""
    offered = [text for offer in catalogue or () for text in (offer.name, offer.id) if text]
    return (*offered, *(name for model in models for name in (model.name, *model.aliases)))


def _subject(context: RuleContext, kind: str, words: str) -> tuple[SubjectKind, str]:
    """Return what a text of a kind is mended at: a model, a provider, the listing, the register."""
    if kind == "model":
        for model in context.snapshot.models:
            if words in (context.models.get(model.id), model.name, *model.aliases):
                return SubjectKind.MODEL, model.id
    if kind == "provider":
        for provider in context.snapshot.providers:
            if words in (context.recipients.get(provider.id), provider.name, *provider.aliases):
                return SubjectKind.PROVIDER, provider.id
    for row in context.rows if kind != "label" else ():
        if any(item.plain == words for _, cell in row.cells for item in cell.items):
            return SubjectKind.LISTING, row.id
    return SubjectKind.REGISTER, context.snapshot.register.slug


def _texts_beyond_ascii(row: Row) -> list[str]:
    return [words for words in words_of(row) if not words.isascii()]


def _printed(context: RuleContext) -> Iterator[tuple[SubjectKind, str, str, str]]:
    """Give every text that the page prints as (kind, id, place in words, text)."""
    register = context.snapshot.register
    yield SubjectKind.REGISTER, register.slug, "the title", register.title
    for section in context.snapshot.sections:
        name = context.section_names[section.id]
        yield SubjectKind.REGISTER, register.slug, f"the text of {name}", section.prose
        for column in section.columns:
            yield SubjectKind.REGISTER, register.slug, "the label of a column", column.label
    for row, texts in context.rows_with(_texts_beyond_ascii):
        for words in texts:
            yield SubjectKind.LISTING, row.id, context.the_row(row), words
    for note in context.snapshot.footnotes:
        yield SubjectKind.FOOTNOTE, note.id, f"footnote {note.number}", note.text
