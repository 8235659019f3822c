"""Rules for names: one thing has one name, and two things have two."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from string import ascii_uppercase
from typing import NamedTuple

from compliance.page.diff.sentences import FEW, join_names
from compliance.page.lookalikes import skeleton
from compliance.page.names import base_of, may_join, names_joined, similar_pairs, spelling_key
from compliance.page.remembered import by_identity, values_of
from compliance.page.rules.context import (
    RuleContext,
    names_of_models,
    names_of_providers,
    words_of,
)
from compliance.page.rules.facts import KnownModel
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule
from compliance.page.snapshot import Model, Provider
from compliance.page.table import Row
from compliance.page.vocabulary import ColumnRole

# "3.t", "2.O Pro", and "l.5" for 1.5. Not 3.8B, where the letter follows a digit, and not "v.2".
_LETTER_FOR_DIGIT = re.compile(r"\d[.,][^\W\d_]|(?<![^\W_])[^\W\dvV_][.,]\d")
# `1.`, `(1)`, `a)`, `iv.`, `1.1.`, `1:`, `1 -`, a bullet, an arrow or a box to tick, each with a
# blank behind it; circled numbers need none. "1 - 5 staff", "> 3" and "2- and 3-year" are none.
_LIST_MARK = re.compile(
    r"(?:\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})\)|(?:\d{1,3}|[a-z]|[ivx]{1,4}|[IVX]{2,4})\."
    r"|\d{1,3}(?:\.\d{1,3})+[.)]"
    r"|[-*+#•·●○▪▫◦‣⁃■□☐☑☒✓✔–—]|\[[ xX]\])[ ]+(?=\S)"
    r"|(?:\d{1,3}(?::|[ ]*[-–—])|[→⇒➔➜➤➡▶►▸❯>»›]\ufe0f?)[ ]+(?=[^\s\d])"
    r"(?!(?:and|or|to|und|oder|bis|et|ou)\b)"
    r"|[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793][ ]*(?=\S)|\d\ufe0f?\u20e3[ ]*(?=\S)"
)
# A bullet of office programs. "o 3" is a model, and in other languages `o` is a word.
_LETTER_AS_BULLET = re.compile(r"o[ ]+(?=[A-Z])")
# May be an initial, as in "J. Doe", or a rank.
_MARK_OF_SERIES = re.compile(r"(?:[A-Z]\.|#\d{1,3})[ ]+(?=[A-Z\d])")
# The last part is a blank of another kind: a search for a plain one misses a no-break space.
_BLANKS = re.compile(r"\A\s|\s\Z|[^\S\n]{2}|[^\S \n]")


@rule("alike-names", Severity.WARNING)
def alike_names(context: RuleContext) -> Iterator[Fault]:
    """Two names differ by more than capitals, blanks, punctuation or one letter.

    Readers take "Acme.ai" and "Acme AI" on one page for two companies that get their prompts, and
    "Qwen 3 32B" and "Qwen3 32b" for two models.
    """
    for kind, names in (
        (SubjectKind.MODEL, context.models),
        (SubjectKind.PROVIDER, context.recipients),
    ):
        for name, other in _similar(names):
            message = (
                f"{other[0]} is almost {name[0]}. "
                f"Write one name for one {kind}, or say in the answer why both stand."
            )
            # In whatever order the page names them.
            (first, first_id), (second, second_id) = sorted([name, other])
            yield Fault(kind, second_id, message, among=(first_id,), values=(first, second))


# The names of a page change seldom.
@by_identity(8)
def _similar(names: dict[str, str]) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Return the pairs of names that may be one, each name with its id."""
    ids = {name: id for id, name in names.items()}
    return [
        ((name, ids[name]), (other, ids[other]))
        for name, other in similar_pairs(names.values())
        # Names that look the same are reported by the rule `look-alikes` instead.
        if skeleton(name) != skeleton(other)
    ]


@rule("two-names", Severity.WARNING)
def two_names(context: RuleContext) -> Iterator[Fault]:
    """One model or provider has one name on a page.

    Rows are chosen for publication one by one. If one row of a renamed provider is held back, the
    page has both names, and readers take them for two companies.
    """
    for kind, firsts, function in (
        (SubjectKind.MODEL, context.models, names_of_models),
        (SubjectKind.PROVIDER, context.recipients, names_of_providers),
    ):
        names_by_id = _further_names(values_of(function, context.rows), firsts)
        for id in firsts if names_by_id else ():
            if further := names_by_id.get(id):
                names = {firsts[id], *further}
                both = join_names(sorted(names), limit=FEW)
                message = f"{both} are one {kind} under two names. Choose all its rows, or none."
                yield Fault(kind, id, message, parts=names)


@by_identity(8)
def _further_names(
    named: list[tuple[tuple[str, str], ...]], firsts: dict[str, str]
) -> dict[str, set[str]]:
    """Return the names of things other than those first printed, by id."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for names in named:
        for id, name in names:
            if firsts[id] != name:
                found[id].add(name)
    return dict(found)


@rule("several-names", Severity.WARNING)
def several_names(context: RuleContext) -> Iterator[Fault]:
    """A name is that of one model or provider, not of several.

    "Acme, Bolt" in a cell makes a third company beside Acme and Bolt, and what is said of the two
    does not count for it. "Acme, Inc." is one name.
    """
    unlisted = _names(context.facts.models)
    yield from _joined(SubjectKind.MODEL, context.models, unlisted)
    yield from _joined(SubjectKind.PROVIDER, context.recipients, context.providers)


@by_identity(8)
def _names(models: tuple[KnownModel, ...]) -> dict[str, str]:
    return {model.id: model.name for model in models}


@by_identity(8)
def _joined(
    kind: SubjectKind, named: dict[str, str], elsewhere: dict[str, str]
) -> tuple[Fault, ...]:
    """Return the faults of ids with names that consist of other names, there or elsewhere."""
    suspects = {id: name for id, name in named.items() if may_join(name)}
    if not suspects:
        return ()
    known = set(map(spelling_key, (*named.values(), *elsewhere.values())))
    faults = []
    for id, name in suspects.items():
        if joined := names_joined(name, known):
            message = (
                f"“{name}” is written as one {kind}, but {join_names(joined, limit=FEW)} are "
                f"{kind}s of their own. Name each on a line of its own, or say in the answer "
                "why the name is another one."
            )
            faults.append(Fault(kind, id, message, values=(name,), parts=joined))
    return tuple(faults)


@rule("letter-in-version", Severity.WARNING)
def letter_in_version(context: RuleContext) -> Iterator[Fault]:
    """A version is written in digits.

    A typing error makes another version of "3.1", "3.t", or an O of a zero. A search for the
    version does not find the model then.
    """
    for id, name, letter in _with_letters(context.models):
        message = f"{name} has a letter in its version, “{letter}”. Write the digit that is meant."
        yield Fault(SubjectKind.MODEL, id, message, values=(name,))


@by_identity(8)
def _with_letters(named: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return the ids and names with a letter in a version, each with that."""
    found = [(id, name, _LETTER_FOR_DIGIT.search(name)) for id, name in named.items()]
    return [(id, name, match[0]) for id, name, match in found if match]


@rule("list-mark", Severity.WARNING)
def list_mark(context: RuleContext) -> Iterator[Fault]:
    """No name or label begins with the mark of a list.

    A list that is pasted brings its numbers and bullets along: "1. Claude" is found under 1, and
    becomes another model where the list is numbered anew. "3.5 Sonnet" and "01.AI" are names.
    "A. Due" and "#1 Due" may be names of providers, unless others count on from them.
    """
    named = [subject for subject in _named(context) if _may_be_marked(subject.name)]
    series = _series(named)
    for subject in named:
        if match := _match_list_mark(subject, series):
            rest = subject.name[match.end() :]
            message = (
                f"“{subject.name}”{subject.place} begins with the mark of a list, "
                f"“{match[0].strip()}”. "
                f"Write “{rest}”, or say in the answer why it belongs to the name."
            )
            yield Fault(subject.kind, subject.id, message, values=(subject.name,))


@lru_cache(maxsize=50_000)
def _may_be_marked(name: str) -> bool:
    patterns = (_LIST_MARK, _LETTER_AS_BULLET, _MARK_OF_SERIES)
    return any(pattern.match(name) for pattern in patterns)


class _Named(NamedTuple):
    """A name or a label, and where it stands in words."""

    kind: SubjectKind
    id: str
    name: str
    place: str = ""


def _match_list_mark(subject: _Named, series: set[tuple[SubjectKind, str]]) -> re.Match[str] | None:
    kind, name = subject.kind, subject.name
    match = _LIST_MARK.match(name)
    if not match and kind in (SubjectKind.MODEL, SubjectKind.PROVIDER):
        match = _LETTER_AS_BULLET.match(name)
    if match:
        return match
    match = _MARK_OF_SERIES.match(name)
    # A model has no initials, and no rank.
    is_mark = match and (kind is SubjectKind.MODEL or (kind, match[0].strip()) in series)
    return match if is_mark else None


def _series(named: Sequence[_Named]) -> set[tuple[SubjectKind, str]]:
    """Return the marks that count on from A or #1 over the providers, or over the labels."""
    found = {
        (subject.kind, match[0].strip())
        for subject in named
        if (match := _MARK_OF_SERIES.match(subject.name))
    }
    series: set[tuple[SubjectKind, str]] = set()
    letters = [f"{letter}." for letter in ascii_uppercase]
    numbers = [f"#{number}" for number in range(1, len(found) + 1)]
    for kind in (SubjectKind.PROVIDER, SubjectKind.REGISTER):
        for marks in (letters, numbers):
            places = [(kind, mark) for mark in marks]
            counted = list(takewhile(found.__contains__, places))
            if len(counted) > 1:
                series.update(counted)
    return series


@by_identity(16)
def _named_as(
    kind: SubjectKind, things: tuple[Model | Provider, ...], printed: dict[str, str]
) -> tuple[_Named, ...]:
    """Return the names and aliases of things that may begin with the mark of a list."""
    found: dict[_Named, None] = {}
    for thing in things:
        for name in (printed.get(thing.id, thing.name), thing.name, *thing.aliases):
            if _may_be_marked(name):
                found[_Named(kind, thing.id, name)] = None
    return tuple(found)


def _marked_words(row: Row) -> list[str]:
    """Return the labels and texts of a row that may begin with the mark of a list."""
    words: list[str] = []
    for column, cell in row.cells:
        if column.role is ColumnRole.DOCUMENTS or column.role.is_text:
            words += dict.fromkeys([item.plain for item in cell.items])
    return [text for text in words if _may_be_marked(text)]


def _named(context: RuleContext) -> Iterator[_Named]:
    """Give every name, and every label or text that may begin with the mark of a list."""
    snapshot = context.snapshot
    yield from _named_as(SubjectKind.MODEL, snapshot.models, context.models)
    yield from _named_as(SubjectKind.PROVIDER, snapshot.providers, context.recipients)
    for row, texts in context.rows_with(_marked_words):
        place = f" in {context.the_row(row)}"
        for words in texts:
            yield _Named(SubjectKind.LISTING, row.id, words, place)
    register = context.snapshot.register
    for section in context.snapshot.sections:
        for column in section.columns:
            yield _Named(
                SubjectKind.REGISTER, register.slug, column.label, ", the label of a column,"
            )


@rule("variant-without-base", Severity.NOTE)
def variant_without_base(context: RuleContext) -> Iterator[Fault]:
    """Where a variant of a model is listed, the model is listed too.

    A row that names a model "with thinking", and not the model itself, has forgotten it; or the
    model has left and the variant stayed. A variant is called "X (…)" or "X with …"; a bracket with
    a stage of release makes no variant.
    """
    for id, name, base in _without_base(context.models):
        message = f"{name} is listed, but {base} is not. List it too, if it is offered."
        yield Fault(SubjectKind.MODEL, id, message, values=(name,))


@by_identity(8)
def _without_base(named: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return the ids and names of variants whose base is not among the names, each with that."""
    known = set(map(spelling_key, named.values()))
    bases = [(id, name, base_of(name)) for id, name in named.items()]
    return [
        (id, name, base) for id, name, base in bases if base and spelling_key(base) not in known
    ]


@rule("edge-blanks", Severity.NOTE)
def edge_blanks(context: RuleContext) -> Iterator[Fault]:
    """No text begins or ends with a blank, and none has two in a row or one of another kind.

    Of "GPT 5.2" and "GPT 5.2 " with a blank at the end, a search for the name finds two.
    """
    for row, texts in context.rows_with(_texts_with_blanks):
        for text in texts:
            message = (
                f"“{text}” in {context.the_row(row)} has a blank too many, "
                "or one of another kind. Write it anew."
            )
            yield Fault(SubjectKind.LISTING, row.id, message, values=(text,))
    register = context.snapshot.register
    labels = [column.label for section in context.snapshot.sections for column in section.columns]
    for text in (register.title, *labels):
        if _BLANKS.search(text):
            message = f"“{text}” has a blank too many, or one of another kind. Write it anew."
            yield Fault(SubjectKind.REGISTER, register.slug, message, values=(text,))


def _texts_with_blanks(row: Row) -> list[str]:
    return [text for text in words_of(row) if _BLANKS.search(text)]
