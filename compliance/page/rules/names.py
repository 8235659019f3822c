"""Rules over the names: that one thing has one name, and two things have two."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from compliance.page.diff.sentences import FEW, join_names
from compliance.page.names import base_of, similar_pairs, spelling_key
from compliance.page.rules.context import RuleContext, the_row
from compliance.page.rules.finding import Severity, SubjectKind
from compliance.page.rules.rule import Fault, rule

# "3.t", "2.O Pro", and "l.5" for 1.5; a size such as 3.8B has its letter behind a digit, "v.2" is a way to say version.
_LETTER_FOR_DIGIT = re.compile(r"\d[.,][^\W\d_]|(?<![^\W_])[^\W\dvV_][.,]\d")
_BLANKS = re.compile(r"\A\s|\s\Z|[^\S\n]{2}|[^\S \n]")


@rule("alike-names", Severity.WARNING)
def alike_names(case: RuleContext) -> Iterator[Fault]:
    """Two names differ by more than capitals, blanks, punctuation or one letter.

    A real model was written with a capital in one revision and without it in the next; two such names on one page are
    two models to its readers, or two companies that get their prompts.
    """
    for kind, names in ((SubjectKind.MODEL, case.models), (SubjectKind.PROVIDER, case.providers)):
        ids = {name: id for id, name in names.items()}
        for name, other in similar_pairs(names.values()):
            message = f"{other} is almost {name}. Write one name for one {kind}, or say in the answer why both stand."
            yield Fault(kind, ids[other], message, among=(ids[name],), values=(name, other))


@rule("two-names", Severity.WARNING)
def two_names(case: RuleContext) -> Iterator[Fault]:
    """One model or provider has one name on a page.

    Rows are chosen one by one: with one of its rows held back, a renamed provider would stand under both names, as two
    companies to its readers.
    """
    for kind, column in ((SubjectKind.MODEL, "models"), (SubjectKind.PROVIDER, "providers")):
        names: defaultdict[str, set[str]] = defaultdict(set)
        for listing in case.snapshot.listings:
            for each in getattr(listing, column):
                names[each.id].add(each.name)
        for id, several in names.items():
            if len(several) > 1:
                both = join_names(sorted(several), limit=FEW)
                message = f"{both} are one {kind} under two names. Choose all its rows, or none."
                yield Fault(kind, id, message, values=tuple(sorted(several)))


@rule("letter-in-version", Severity.WARNING)
def letter_in_version(case: RuleContext) -> Iterator[Fault]:
    """A version is written in digits.

    A slip of the pen wrote a letter for the second digit of a model's version; the page stood so for twelve days.
    """
    for id, name in case.models.items():
        if match := _LETTER_FOR_DIGIT.search(name):
            message = (
                f"{name} has a letter in its version, “{match[0]}”. Write the digit that is meant."
            )
            yield Fault(SubjectKind.MODEL, id, message, values=(name,))


@rule("variant-without-base", Severity.NOTE)
def variant_without_base(case: RuleContext) -> Iterator[Fault]:
    """Where a variant of a model is listed, the model is too.

    A real row listed a model "with thinking" and not the model: it was forgotten, or had left and the variant stayed.
    A variant is what is called "X (…)" or "X with …"; a bracket that tells a stage of release makes none.
    """
    known = {spelling_key(name) for name in case.models.values()}
    for id, name in case.models.items():
        base = base_of(name)
        if base and spelling_key(base) not in known:
            message = f"{name} is listed, but {base} is not. List it too, if it is offered."
            yield Fault(SubjectKind.MODEL, id, message, values=(name,))


@rule("edge-blanks", Severity.NOTE)
def edge_blanks(case: RuleContext) -> Iterator[Fault]:
    """No text begins or ends with a blank, and none holds two in a row or one of another kind.

    A real row held "… 5.2 " with a blank behind: whoever searches for names finds two.
    """
    for listing in case.snapshot.listings:
        for text in dict.fromkeys(_texts(listing)):
            if _BLANKS.search(text):
                message = f"“{text}” in {the_row(listing)} has a blank too many, or one of another kind. Write it anew."
                yield Fault(SubjectKind.LISTING, listing.id, message, values=(text,))
    register = case.snapshot.register
    for text in (register.title, *_texts(register.columns)):
        if _BLANKS.search(text):
            message = f"“{text}” has a blank too many, or one of another kind. Write it anew."
            yield Fault(SubjectKind.REGISTER, register.slug, message, values=(text,))


def _texts(value: Any) -> Iterator[str]:
    """Give every name, label and wording that is printed of a listing or of the columns."""
    if is_dataclass(value):
        for field in fields(value):
            if field.name not in (
                "id",
                "url",
                "declared",
                "clauses",
                "kind",
                "provider",
                "use",
                "basis",
            ):
                yield from _texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
