"""Rules for names: one thing has one name, and two things have two."""

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

# "3.t", "2.O Pro", and "l.5" for 1.5. Not 3.8B, where the letter follows a digit, and not "v.2".
_LETTER_FOR_DIGIT = re.compile(r"\d[.,][^\W\d_]|(?<![^\W_])[^\W\dvV_][.,]\d")
_NOT_PRINTED = {"id", "url", "declared", "clauses", "kind", "provider", "use", "basis"}
# The last part is a blank of another kind: a search for a plain one misses a no-break space.
_BLANKS = re.compile(r"\A\s|\s\Z|[^\S\n]{2}|[^\S \n]")


@rule("alike-names", Severity.WARNING)
def alike_names(context: RuleContext) -> Iterator[Fault]:
    """Two names differ by more than capitals, blanks, punctuation or one letter.

    A real model was written with a capital in one revision and without it in the next. Readers
    take two such names on one page for two models, or for two companies that get their prompts.
    """
    for kind, names in (
        (SubjectKind.MODEL, context.models),
        (SubjectKind.PROVIDER, context.providers),
    ):
        ids = {name: id for id, name in names.items()}
        for name, other in similar_pairs(names.values()):
            message = (
                f"{other} is almost {name}. "
                f"Write one name for one {kind}, or say in the answer why both stand."
            )
            yield Fault(kind, ids[other], message, among=(ids[name],), values=(name, other))


@rule("two-names", Severity.WARNING)
def two_names(context: RuleContext) -> Iterator[Fault]:
    """One model or provider has one name on a page.

    Rows are chosen for publication one by one. If one row of a renamed provider is held back, the
    page has both names, and readers take them for two companies.
    """
    for kind, column in ((SubjectKind.MODEL, "models"), (SubjectKind.PROVIDER, "providers")):
        names: defaultdict[str, set[str]] = defaultdict(set)
        for listing in context.snapshot.listings:
            for party in getattr(listing, column):
                names[party.id].add(party.name)
        for id, party_names in names.items():
            if len(party_names) > 1:
                both = join_names(sorted(party_names), limit=FEW)
                message = f"{both} are one {kind} under two names. Choose all its rows, or none."
                yield Fault(kind, id, message, values=tuple(sorted(party_names)))


@rule("letter-in-version", Severity.WARNING)
def letter_in_version(context: RuleContext) -> Iterator[Fault]:
    """A version is written in digits.

    On a real page a typing error put a letter for the second digit of a model's version, for twelve
    days.
    """
    for id, name in context.models.items():
        if match := _LETTER_FOR_DIGIT.search(name):
            message = (
                f"{name} has a letter in its version, “{match[0]}”. Write the digit that is meant."
            )
            yield Fault(SubjectKind.MODEL, id, message, values=(name,))


@rule("variant-without-base", Severity.NOTE)
def variant_without_base(context: RuleContext) -> Iterator[Fault]:
    """Where a variant of a model is listed, the model is listed too.

    A real row listed a model "with thinking" and not the model itself: it was forgotten, or it had
    left and the variant stayed. A variant is called "X (…)" or "X with …"; a bracket with a stage
    of release makes no variant.
    """
    known = {spelling_key(name) for name in context.models.values()}
    for id, name in context.models.items():
        base = base_of(name)
        if base and spelling_key(base) not in known:
            message = f"{name} is listed, but {base} is not. List it too, if it is offered."
            yield Fault(SubjectKind.MODEL, id, message, values=(name,))


@rule("edge-blanks", Severity.NOTE)
def edge_blanks(context: RuleContext) -> Iterator[Fault]:
    """No text begins or ends with a blank, and none has two in a row or one of another kind.

    A real row had "… 5.2 " with a blank at the end, so that a search for the name found two.
    """
    for listing in context.snapshot.listings:
        for text in dict.fromkeys(_texts(listing)):
            if _BLANKS.search(text):
                message = (
                    f"“{text}” in {the_row(listing)} has a blank too many, or one of another kind. "
                    "Write it anew."
                )
                yield Fault(SubjectKind.LISTING, listing.id, message, values=(text,))
    register = context.snapshot.register
    for text in (register.title, *_texts(register.columns)):
        if _BLANKS.search(text):
            message = f"“{text}” has a blank too many, or one of another kind. Write it anew."
            yield Fault(SubjectKind.REGISTER, register.slug, message, values=(text,))


def _texts(value: Any) -> Iterator[str]:
    """Give every name, label and wording of a listing or of the columns that is printed."""
    if is_dataclass(value):
        for field in fields(value):
            if field.name not in _NOT_PRINTED:
                yield from _texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
