"""compliance.page.rules: for each rule a page with a finding, and a similar page without."""

import copy
import random
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given

from compliance.page import remembered
from compliance.page.formats import markdown
from compliance.page.retention import read_clauses
from compliance.page.rules import RULES, Facts, Finding, Severity, SubjectKind, findings, not_among
from compliance.page.rules.facts import CatalogueEntry, KnownModel, ReviewDue
from compliance.page.rules.manual import manual
from compliance.page.snapshot import Declared, Footnote
from compliance.page.table import Cell, Column, Section, Term
from compliance.page.vocabulary import Asks, ColumnRole, DataClass, TrainingUse, Unit
from tests.page.formats.markdown.test_properties import every
from tests.pages import ACME, BOLT, HEAD, SEED, page, row
from tests.strategies import snapshots

TODAY = date(2026, 3, 1)
SOUND = page(row("GPT 6", "Acme", documents=ACME))
AGREED = "Custom privacy agreement with Acme"


def at(snapshot, before=None, **facts) -> dict[str, Any]:
    """What the rules are given."""
    return {"snapshot": snapshot, "before": before, "facts": Facts(today=TODAY, **facts)}


def one(*rows, notes="", **values):
    """A page of rows."""
    return at(page(*rows, notes=notes, **values))


def listings_of(snapshot):
    """The listings of all tables."""
    return [row.listing for row in snapshot.rows()]


def with_listings(snapshot, *listings):
    """The page with other listings in its first table."""
    first, *others = snapshot.sections
    return replace(snapshot, sections=(replace(first, listings=listings), *others))


def changed(snapshot=SOUND, **cells):
    """The page with other items in cells of its first listing, by the key of their column."""
    first, *others = listings_of(snapshot)
    new_cells = {key: replace(first.cells[key], items=items) for key, items in cells.items()}
    return with_listings(snapshot, replace(first, cells={**first.cells, **new_cells}), *others)


def model(**values):
    """The model of the sound page with other values, as the items of its cell."""
    [item] = listings_of(SOUND)[0].cells["models"].items
    return (replace(item, **values),)


def model_known(snapshot=SOUND, **values):
    """The page with other facts about its first model."""
    first, *others = snapshot.models
    return at(replace(snapshot, models=(replace(first, **values), *others)))


def declares(training=None, retention=None, snapshot=SOUND):
    """The page, with what its first provider declares."""
    term = retention and Term(retention, read_clauses(retention))
    acme, *others = snapshot.providers
    declaring = replace(acme, declared=Declared(training, term))
    return at(replace(snapshot, providers=(declaring, *others)))


def later(before, after):
    """A page against the page in force: the listings keep their ids."""
    ids = [listing.id for listing in listings_of(before)]
    listings = [
        replace(listing, id=id)
        for listing, id in zip(listings_of(after), [*ids, *"xyz"], strict=False)
    ]
    return at(with_listings(after, *listings), before)


def half_moved(held_back):
    """A model that left its row, its new row held back or not; the working copy lists it."""
    two = page(row("GPT 6, GPT 7", "Acme"), row("GLM", "Acme"))
    moved = page(row("GPT 6", "Acme"), row("GLM" if held_back else "GLM, GPT 7", "Acme"))
    case = later(two, moved)
    return {**case, "facts": replace(case["facts"], listed=frozenset({"gpt-6", "gpt-7", "glm"}))}


def renamed_in(snapshot, rows):
    """A page that calls its provider by another name in the first rows."""
    listings = listings_of(snapshot)
    [item] = listings[0].cells["providers"].items
    other = Cell((replace(item, text="Acme AI"),))
    first = [replace(each, cells={**each.cells, "providers": other}) for each in listings[:rows]]
    return with_listings(snapshot, *first, *listings[rows:])


def meaning(words, snapshot=SOUND, **values):
    """The page with words in its first listing that mean what is given: a use or clauses."""
    key = "training" if "use" in values else "retention"
    first, *others = listings_of(snapshot)
    cell = first.cells[key]
    changed_cell = replace(cell, items=(replace(cell.items[0], text=words),), **values)
    new = replace(first, cells={**first.cells, key: changed_cell})
    return at(with_listings(snapshot, new, *others))


def declares_term(term):
    """The page with a provider that declares a retention term."""
    [provider] = SOUND.providers
    return at(replace(SOUND, providers=(replace(provider, declared=Declared(None, term)),)))


def page_of_names(name):
    """A page with three providers and a further one of a name."""
    three = [row("GPT 6", "Acme"), row("GPT 7", "Bolt"), row("GPT 8", "Coro & Sons")]
    snapshot = page(row("GPT 9", "Fourth"), *three)
    item = listings_of(snapshot)[0].cells["providers"].items[0]
    return at(changed(snapshot, providers=(replace(item, text=name.replace("&", "\\&")),)))


def with_document(snapshot=SOUND, **values):
    """The page with other values in the document of the sound page."""
    [document] = listings_of(SOUND)[0].cells["documents"].items
    return at(changed(snapshot, documents=(replace(document, **values),)))


def with_label(label, provider="acme"):
    """The sound page with a document of a label, beside a second provider."""
    two = page(row("GPT 6", "Acme Cloud, Bolt Cloud", documents=BOLT))
    return with_document(two, text=label, provider=provider)


def note_until(day, text="A court makes Acme keep all."):
    """The sound page with a footnote that is valid until a day."""
    snapshot = page(row("GPT 6¹", "Acme", documents=ACME), notes=f"¹ {text}\n")
    return at(replace(snapshot, footnotes=(replace(snapshot.footnotes[0], valid_until=day),)))


MODELS = Column("models", "Model", ColumnRole.MODELS)
PROVIDERS = Column("providers", "Host", ColumnRole.PROVIDERS)
PURPOSE = Column("purpose", "Purpose", ColumnRole.TEXT)
PLACES = Column("places", "Place", ColumnRole.PLACES)
TRAINING = Column("training", "Trains on prompts", ColumnRole.TRAINING, Asks.TRAINS)
PRIVATE = Column("training-2", "Does not train", ColumnRole.TRAINING, Asks.DOES_NOT_TRAIN)
RETENTION = Column("retention", "Retention", ColumnRole.RETENTION, Asks.HOW_LONG)
OF_LOGS = Column(
    "retention-2", "Logs", ColumnRole.RETENTION, Asks.HOW_LONG, DataClass.METADATA, Unit.DAYS
)
UNASKED = Column("retention", "Logging", ColumnRole.RETENTION)
DOCUMENTS = Column("documents", "Policy", ColumnRole.DOCUMENTS)


def table(columns, *rows):
    """The Markdown of a table of columns and of rows with their cells divided by bars."""
    head = " | ".join(column.label for column in columns)
    lines = [head, "|".join(["--"] * len(columns)), *rows]
    return "".join(f"| {line} |\n" for line in lines)


def of(columns, *rows, **values):
    """A page with one table."""
    return at(
        markdown.parse(
            f"# A page\n\nText.\n\n{table(columns, *rows)}",
            sections=[Section("known", columns=tuple(columns))],
        ),
        **values,
    )


def of_two(first, second):
    """A page with two tables, each given as its columns and rows; the second has a heading."""
    source = f"# A page\n\nText.\n\n{table(*first)}\n## Exceptions\n\n{table(*second)}"
    sections = [Section("one", columns=first[0]), Section("two", columns=second[0])]
    return at(markdown.parse(source, sections=sections))


ACME_ROW = row("GPT 6", "Acme", documents=ACME)
TWICE = (
    "[Acme Privacy Policy](https://acme.example/privacy)<br>[Acme Data](https://acme.example/{})"
)
NOT_STORED = {"retention": "Not stored", "training": "Not specified"}
UNSAID = {"retention": "Not specified", "training": "Not specified"}
GONE = KnownModel("gpt-5", "GPT 5", aliases=("gpt-5-2025",))
FLOOR = Term("30 days", read_clauses("30 days"))
HOSTS = (MODELS, PROVIDERS, RETENTION)
ENTITIES = (PROVIDERS, PLACES, PURPOSE)
TWO_RETENTIONS = (PROVIDERS, RETENTION, OF_LOGS)

# Code: the page on which the rule fires; its nearest neighbour, on which it does not.
PAGES = {
    "no-model": (at(changed(models=())), at(SOUND)),
    "no-provider": (at(changed(providers=(), documents=())), at(SOUND)),
    "no-listing": (at(with_listings(SOUND)), at(SOUND)),
    "model-twice-in-listing": (one(row("GPT 6, GPT 6", "Acme")), one(row("GPT 6, GPT 7", "Acme"))),
    "provider-twice-in-listing": (
        one(row("GPT 6", "Acme, Acme")),
        one(row("GPT 6", "Acme"), row("GPT 7", "Acme")),
    ),
    "model-in-two-listings": (
        one(row("GPT 6", "Acme"), row("GPT 6, GPT 7", "Acme, Bolt")),
        one(row("GPT 6", "Acme"), row("GPT 6, GPT 7", "Bolt")),
    ),
    "row-twice": (
        of(ENTITIES, "Acme | Paris | Search", "Acme | Paris | Search"),
        of(ENTITIES, "Acme | Paris | Search", "Acme | Paris | Storage"),
    ),
    "alike-names": (
        one(row("Claude 5 Sonnet, Claude 5 Sonet", "Acme")),
        one(row("GPT 4.1, GPT 4.1 mini, GPT 4o, GPT 4, Qwen 3 32B, Qwen QwQ 32b", "Acme")),
    ),
    "several-names": (
        page_of_names("Acme, Bolt"),
        page_of_names("Acme, Inc."),
    ),
    "letter-in-version": (
        one(row("Gemini 3.t Pro", "Acme")),
        one(row("Gemini 3.1 Pro, Phi 3.8B, GPT 4o, Kimi K2.5, V.3", "Acme")),
    ),
    "variant-without-base": (
        one(row("GPT 6 (reasoning), GPT 5", "Acme")),
        one(row("GPT 6 (reasoning), GPT-6, GPT 7 (Preview), GPT 8 mini", "Acme")),
    ),
    "list-mark": (one(row("1\\. Claude", "Acme")), one(row("1.5 Claude", "Acme"))),
    "look-alikes": (
        one(row("GPT 6", "Acmе"), row("GPT 7", "Acme")),
        one(row("GPT 6", "Acme"), row("GPT 7", "Acne")),
    ),
    "two-spellings": (
        one(row("GPT 6", "Acme"), row("GPT 7", "Acme", retention="30 Days")),
        one(row("GPT 6", "Acme"), row("GPT 7", "Acme", retention="31 days")),
    ),
    "mixed-alphabets": (one(row("GPT 6", "Acmе")), one(row("GPT 6", "Акме"))),
    "redirecting-link": (
        with_document(url="https://www.google.com/url?q=https://acme.example/privacy&sa=D"),
        with_document(url="https://www.google.com/policies?q=privacy"),
    ),
    "placeholder-as-document": (
        with_document(text="See above", url=None),
        with_document(text="Private agreement with Acme", url=None),
    ),
    "contact-as-document": (
        one(row("GPT 6", "Acme", documents="[Acme](mailto:privacy@acme.example)")),
        one(row("GPT 6", "Acme", documents=ACME)),
    ),
    "edge-blanks": (
        at(changed(models=model(text="GPT 6 "))),
        at(changed(models=model(text="GPT 6 x"))),
    ),
    "number-twice": (
        at(replace(SOUND, footnotes=(Footnote("a", 1, "One."), Footnote("b", 1, "Two.")))),
        at(replace(SOUND, footnotes=(Footnote("a", 1, "One."), Footnote("b", 2, "Two.")))),
    ),
    "no-footnote": (
        at(changed(models=model(footnotes=(1,)))),
        one(row("GPT 6¹", "Acme"), notes="¹ A note.\n"),
    ),
    "uncited-footnote": (one(ACME_ROW, notes="¹ A note.\n"), one(row("GPT 6¹", "Acme"), notes="¹ A note.\n")),
    "footnote-names-absent-model": (
        one(row("GPT 6¹", "Acme"), row("GPT 7", "Acme"), notes="¹ GPT 6 answers where GPT-7 cannot.\n"),
        one(row("GPT 6¹, GPT 7", "Acme"), notes="¹ GPT 6 answers where GPT-7 cannot.\n"),
    ),
    "footnote-misses-marked-model": (
        one(row("GPT 6, GPT 7¹", "Acme"), notes="¹ GPT 6 is in preview.\n"),
        one(row("GPT 6¹, GPT 7", "Acme"), notes="¹ GPT 6 is in preview.\n"),
    ),
    "footnote-names-some-models": (
        one(row("GPT 6, GPT 7", "Acme¹"), notes="¹ GPT 6 goes to Acme only.\n"),
        one(row("GPT 6, GPT 6 (reasoning)", "Acme¹"), notes="¹ GPT 6 goes to Acme only.\n"),
    ),
    "footnote-on-some-listings": (
        one(row("GPT 6", "Acme", retention="30 days¹"), row("GPT 7", "Acme"), notes="¹ A court makes Acme keep all.\n"),
        one(row("GPT 6", "Acme", retention="30 days¹"), row("GPT 7", "Bolt"), notes="¹ A court makes Acme keep all.\n"),
    ),
    "no-document": (one(row("GPT 6", "Acme", **UNSAID)), one(row("GPT 6", "Acme", documents=ACME, **UNSAID))),
    "claim-without-document": (
        one(row("GPT 6", "Acme", documents=AGREED, **NOT_STORED)),
        one(row("GPT 6", "Acme", documents=AGREED, **UNSAID)),
    ),
    "no-privacy-policy": (
        one(row("GPT 6", "Acme", documents="[Acme Terms](https://acme.example/terms)")),
        one(row("GPT 6", "Acme", documents=f"[Acme Terms](https://acme.example/terms)<br>{ACME}")),
    ),
    "foreign-document": (
        one(row("GPT 6", "Acme", documents=BOLT), row("GPT 7", "Bolt", documents=BOLT)),
        one(row("GPT 6", "Acme, Bolt", documents=BOLT), row("GPT 7", "Bolt", documents=BOLT)),
    ),
    "label-names-nobody": (with_label("Privacy Policy", "bolt-cloud"), with_label("Bolt Privacy Policy", "bolt-cloud")),
    "label-names-another": (
        with_label("Acme Cloud Privacy Policy", "bolt-cloud"),
        with_label("Bolt Cloud Privacy Policy", "bolt-cloud"),
    ),
    "agreement-lapsed": (
        with_document(valid_until=date(2026, 2, 28)),
        with_document(valid_until=TODAY),
    ),
    "agreement-lapsing": (
        with_document(valid_until=date(2026, 3, 31)),
        with_document(valid_until=date(2026, 4, 1)),
    ),
    "end-not-entered": (
        note_until(None, text="The contract ends on 31 March 2030."),
        note_until(date(2030, 3, 31), text="The contract ends on 31 March 2030."),
    ),
    "footnote-lapsed": (note_until(date(2026, 2, 28)), note_until(TODAY)),
    "no-url": (
        one(row("GPT 6", "Acme", documents="Acme Privacy Policy")),
        one(row("GPT 6", "Acme", documents="Acme privacy agreement")),
    ),
    "shared-url": (
        one(row("GPT 6", "Acme", documents=ACME), row("GPT 7", "Bolt", documents=ACME.replace("[Acme", "[Bolt"))),
        one(row("GPT 6", "Acme", documents=ACME), row("GPT 7", "Acme", documents=ACME)),
    ),
    "one-url-two-labels": (
        one(row("GPT 6", "Acme", documents=TWICE.format("privacy"))),
        one(row("GPT 6", "Acme", documents=TWICE.format("privacy2"))),
    ),
    "not-https": (
        one(row("GPT 6", "Acme", documents=ACME.replace("https", "http"))),
        one(ACME_ROW, intro="See [our policy](https://example.com/http://)."),
    ),
    "relative-link": (
        one(ACME_ROW, intro="See [the manual](./manual.md)."),
        one(ACME_ROW, intro="See [the manual](https://example.com/manual.md)."),
    ),
    "unknown-term": (
        one(row("GPT 6", "Acme", retention="As the moon decides")),
        one(row("GPT 6", "Acme", retention="Until deleted")),
    ),
    "unknown-training": (one(row("GPT 6", "Acme", training="Perhaps")), one(row("GPT 6", "Acme", training="Yes"))),
    "wording-denies-claim": (
        meaning("Kept forever", clauses=read_clauses("None")),
        meaning("None", clauses=read_clauses("Kept forever")),
    ),
    "retention-beats-provider": (declares(retention="31 days"), declares(retention="30 days")),
    "training-beats-provider": (declares(training=TrainingUse.OPT_OUT), declares(training=TrainingUse.NEVER)),
    "retention-beats-floor": (
        model_known(page(row("GPT 6", "Acme", retention="Not stored")), retention_floor=FLOOR),
        model_known(retention_floor=FLOOR),
    ),
    "worse-than-declared": (declares(retention="29 days"), declares(retention="30 days")),
    "declared-by-some": (
        declares(retention="30 days", snapshot=page(row("GPT 6", "Acme, Bolt"))),
        declares(retention="30 days", snapshot=page(row("GPT 6", "Acme"), row("GPT 7", "Bolt"))),
    ),
    "different-terms": (
        one(row("GPT 6", "Acme"), row("GPT 7", "Acme, Bolt", retention="Not stored")),
        one(row("GPT 6", "Acme, Bolt"), row("GPT 7", "Acme", retention="Not stored")),
    ),
    "review-overdue": (
        at(SOUND, reviews=(ReviewDue(SubjectKind.PROVIDER, "acme", "Acme", date(2026, 2, 28)),)),
        at(SOUND, reviews=(ReviewDue(SubjectKind.PROVIDER, "acme", "Acme", TODAY),)),
    ),
    "weaker-promise": (
        later(SOUND, page(row("GPT 6", "Acme", documents=ACME, retention="1 year"))),
        later(SOUND, page(row("GPT 6", "Acme", documents=ACME, retention="1 day"))),
    ),
    "stronger-promise": (
        later(SOUND, page(row("GPT 6", "Acme", documents=ACME, retention="1 day"))),
        later(SOUND, page(row("GPT 6", "Acme", documents=ACME, retention="1 year"))),
    ),
    "new-recipient": (
        later(SOUND, page(row("GPT 6, GPT 7", "Acme, Bolt", documents=ACME))),
        later(SOUND, page(row("GPT 6, GPT 7", "Acme", documents=ACME))),
    ),
    "removal": (
        later(page(row("GPT 6, Kimi K3", "Acme", documents=ACME)), SOUND),
        later(SOUND, page(row("GPT 6, Kimi K3", "Acme", documents=ACME))),
    ),
    "half-moved": (
        half_moved(held_back=True),
        half_moved(held_back=False),
    ),
    "two-names": (
        at(renamed_in(page(row("GPT 6", "Acme"), row("GLM", "Acme")), 1)),
        at(renamed_in(page(row("GPT 6", "Acme"), row("GLM", "Acme")), 2)),
    ),
    "offered-not-listed": (at(SOUND, catalogue=(CatalogueEntry("GPT 6 mini"),)), at(SOUND, catalogue=(CatalogueEntry("gpt-6"),))),
    "listed-not-offered": (
        at(SOUND, catalogue=(CatalogueEntry("GPT 6 mini"),)),
        {**model_known(aliases=("gpt-6-2026",)), "facts": Facts(catalogue=(CatalogueEntry("", "gpt-6-2026"),))},
    ),
}  # fmt: skip

STALE = "¹ o3/o3-pro models go to Acme.\n"


def shorter(retention):
    """A page against one that keeps prompts for 30 days and has a mark there."""
    glm = row("GLM", "Bolt¹")
    before, after = (
        page(row("GPT 6", "Acme", retention=words), glm, notes="¹ One.\n")
        for words in ("30 days¹", retention)
    )
    return later(before, after)


# Further pages: the code, whether it fires there, the page.
MORE = [
    ("weaker-promise", True, shorter("1 day")),
    ("weaker-promise", False, shorter("1 day¹")),
    ("stronger-promise", False, shorter("1 day")),
    ("stronger-promise", True, shorter("1 day¹")),
    ("alike-names", True, one(row("GPT 6", "Acme.ai"), row("GPT 7", "Acme AI"))),
    ("alike-names", True, one(row("GPT 6", "Acme"), row("GPT 7", "acme"))),
    ("alike-names", True, one(row("Qwen 3 32B, Qwen3 32b", "Acme"))),
    ("alike-names", False, one(row("Acme", "Acma"))),
    ("letter-in-version", True, one(row("GPT l.5", "Acme"))),
    ("variant-without-base", True, one(row("GPT 6 with Thinking", "Acme"))),
    ("variant-without-base", False, one(row("GLM-5 (preview), GLM-5 (reasoning) (preview)", "Acme"))),
    ("footnote-names-absent-model", True, one(row("GPT 6", "Acme¹"), notes=STALE)),
    ("footnote-names-absent-model", True, one(row("o3", "Acme¹"), notes=STALE)),
    ("footnote-names-absent-model", False, one(row("o3, o3 pro", "Acme¹"), notes=STALE)),
    ("footnote-names-absent-model", False, one(row("GPT 6 mini", "Acme¹"), notes="¹ GPT-6 models stay.\n")),
    ("footnote-names-absent-model", False, one(row("GPT 6", "Acme¹"), notes="¹ As SOC2 asks, for 30d.\n")),
    ("footnote-names-absent-model", True, at(page(row("GPT 6¹", "Acme"), notes="¹ It was GPT 5.\n"), models=(GONE,))),
    ("footnote-names-absent-model", True, at(page(row("GPT 6¹", "A"), notes="¹ Was gpt-5-2025.\n"), models=(GONE,))),
    ("footnote-names-absent-model", False, at(page(row("GPT 6¹", "A"), notes="¹ Was GPT 5 Pro.\n"), models=(GONE,))),
    ("footnote-names-absent-model", False, one(row("GPT 6¹", "A"), row("Sora 2", "A"), notes="¹ Unlike Sora 2, GPT 6 keeps prompts.\n")),
    ("footnote-names-absent-model", True, one(row("GPT 6¹", "A"), row("Sora 2", "A"), notes="¹ Like Sora 2, GPT 6 keeps prompts.\n")),
    ("footnote-names-absent-model", False, one(row("GPT 6¹", "A"), notes="¹ One of our B2B models, on H100 models.\n")),
    ("alike-names", False, one(row("Mixtral Large 2, Pixtral Large 2", "A"))),
    ("label-names-another", False, with_label("Data privacy for the Bolt Acme Cloud Service", "bolt-cloud")),
    ("footnote-misses-marked-model", False, one(row("GPT 6, GPT 7¹", "A"), notes="¹ The menu calls this GPT 6.\n")),
    ("footnote-on-some-listings", True, one(row("GPT 6", "Acme¹"), row("GPT 7", "Acme"), notes="¹ A note.\n")),
    ("footnote-on-some-listings", False, one(row("o3", "Acme¹"), row("GPT 7", "Acme"), notes=STALE)),
    ("claim-without-document", True, one(row("GPT 6", "Acme"))),
    ("no-document", False, one(row("GPT 6", "Acme"))),
    ("no-privacy-policy", False, one(row("GPT 6", "Acme", documents=AGREED))),
    ("label-names-nobody", True, one(row("GPT 6", "Acme", documents="[FAQ](https://acme.example/faq)"))),
    ("not-https", True, one(ACME_ROW, intro="See [our policy](http://example.com).")),
    ("relative-link", False, at(replace(one(ACME_ROW, intro="[b](c)")["snapshot"], register=replace(SOUND.register, link_base="https://a.example/")))),
    ("different-terms", True, one(row("GPT 6", "Acme"), row("GPT 7", "Acme", training="Yes"))),
    ("different-terms", False, one(row("GPT 6", "Acme", retention="30 days¹"), row("GPT 7", "Acme", retention="1 day"), notes="¹ Why.\n")),
    ("new-recipient", True, later(SOUND, page(ACME_ROW, row("GPT 7", "Bolt", documents=BOLT)))),
    ("new-recipient", False, later(page(ACME_ROW, row("GPT 7", "Bolt")), page(ACME_ROW, row("Kimi K3", "Bolt")))),
    ("offered-not-listed", False, at(SOUND, catalogue=(CatalogueEntry("Six", "gpt-6-1"),), models=(KnownModel("gpt-6", "GPT 6", ("gpt-6-1",)),))),
    ("offered-not-listed", True, at(SOUND, catalogue=(CatalogueEntry("GPT 5"),), models=(GONE,))),
    ("listed-not-offered", False, at(SOUND)),
    ("removal", True, later(page(row("GPT 5.1", "Acme")), page(row("GPT 5.2", "Acme")))),
    ("removal", True, later(page(row("GPT 6", "Acme, Bolt")), page(row("GPT 6", "Acme")))),
    # Tables without models or providers, prose only.
    ("no-model", False, of(ENTITIES, "Acme | Paris | Search")),
    ("no-provider", False, of((MODELS, RETENTION), "GPT 6 | 30 days")),
    ("no-document", False, of((PROVIDERS, RETENTION), "Acme | 30 days")),
    ("no-document", True, of((PROVIDERS, RETENTION, DOCUMENTS), "Acme | 30 days |")),
    ("claim-without-document", False, of((PROVIDERS, RETENTION), "Acme | Not stored")),
    ("claim-without-document", True, of((PROVIDERS, PRIVATE, DOCUMENTS), "Acme | Yes |")),
    ("claim-without-document", False, of((PROVIDERS, PRIVATE, DOCUMENTS), "Acme | No |")),
    ("foreign-document", False, of((MODELS, DOCUMENTS), f"GPT 6 | {BOLT}")),
    ("offered-not-listed", False, of(ENTITIES, "Acme | Paris | Search", catalogue=(CatalogueEntry("GPT 6"),))),
    ("no-listing", True, at(markdown.parse("# A page\n\nWe send prompts to nobody.\n"))),
    ("no-listing", True, of_two((ENTITIES, "Acme | Paris | Search"), (HOSTS,))),
    # One model in rows of its own.
    ("model-in-two-listings", False, of(HOSTS, "GPT 6 | Acme | 30 days", "GPT 6 | Bolt | 1 day", "GPT 6 | Core | None")),
    ("model-in-two-listings", False, of((MODELS, PLACES, RETENTION), "GPT 6 | EU | None", "GPT 6 | US | 30 days")),
    ("model-in-two-listings", False, of_two((HOSTS, "GPT 6 | Acme | 30 days"), (HOSTS, "GPT 6 | Acme | None"))),
    ("model-in-two-listings", True, of((MODELS, RETENTION), "GPT 6 | 30 days", "GPT 6 | 1 day")),
    ("row-twice", True, of((PURPOSE, RETENTION), "Search | 30 days", "Search | 30 days")),
    ("row-twice", False, of((PURPOSE, RETENTION), "Search | 30 days", "Search | 1 day")),
    ("row-twice", False, of_two(((PURPOSE,), "Search"), ((PURPOSE,), "Search"))),
    # Several claim columns, and empty claims.
    ("retention-beats-provider", True, declares(retention="30 days; logs: 90 days", snapshot=of(TWO_RETENTIONS, "Acme | 30 days | 60")["snapshot"])),
    ("retention-beats-provider", False, declares(retention="30 days; logs: 90 days", snapshot=of(TWO_RETENTIONS, "Acme | 30 days | 90")["snapshot"])),
    ("retention-beats-provider", False, declares(retention="30 days", snapshot=of(TWO_RETENTIONS, "Acme | 30 days | 0")["snapshot"])),
    ("retention-beats-provider", False, declares(retention="30 days", snapshot=of(TWO_RETENTIONS, "Acme | |")["snapshot"])),
    ("retention-beats-provider", True, declares(retention="Zero data retention (opt-in)", snapshot=of(HOSTS, "GPT 6 | Acme | 30 days")["snapshot"])),
    ("retention-beats-provider", True, declares(retention="Flagged prompts: 2 years", snapshot=of(HOSTS, "GPT 6 | Acme | None")["snapshot"])),
    ("retention-beats-provider", False, declares(retention="Flagged prompts: 2 years", snapshot=of(HOSTS, "GPT 6 | Acme | Flagged prompts: 2 years")["snapshot"])),
    ("retention-beats-provider", True, declares(retention="30 days", snapshot=of(HOSTS, "GPT 6 | Acme | Zero data retention (opt-in)")["snapshot"])),
    ("retention-beats-provider", True, declares(retention="30 days (flagged prompts: 2 years)", snapshot=of(HOSTS, "GPT 6 | Acme | 60 days")["snapshot"])),
    ("retention-beats-provider", True, declares(retention="At least 30 days", snapshot=of(HOSTS, "GPT 6 | Acme | 30 days")["snapshot"])),
    ("retention-beats-floor", False, model_known(of(HOSTS, "GPT 6 | Acme | 30 days")["snapshot"], retention_floor=Term("At least 30 days", read_clauses("At least 30 days")))),
    ("worse-than-declared", False, declares(retention="At least 30 days", snapshot=of(HOSTS, "GPT 6 | Acme | At least 30 days")["snapshot"])),
    ("retention-beats-floor", False, model_known(of(HOSTS, "GPT 6 | Acme | 30 days")["snapshot"], retention_floor=Term("Files: 7 days", read_clauses("Files: 7 days")))),
    ("retention-beats-floor", True, model_known(of(HOSTS, "GPT 6 | Acme | 30 days")["snapshot"], retention_floor=Term("Flagged: 2 years", read_clauses("Flagged: 2 years")))),
    ("different-terms", True, of(HOSTS, "GPT 6 | Acme | Zero data retention (opt-in)", "GPT 7 | Acme | 1 day")),
    ("training-beats-provider", True, declares(TrainingUse.OPT_OUT, snapshot=of((PROVIDERS, PRIVATE), "Acme | Yes")["snapshot"])),
    ("training-beats-provider", False, declares(TrainingUse.OPT_OUT, snapshot=of((PROVIDERS, PRIVATE), "Acme | No")["snapshot"])),
    ("training-beats-provider", False, declares(TrainingUse.OPT_OUT, snapshot=of((PROVIDERS, PRIVATE), "Acme |")["snapshot"])),
    ("worse-than-declared", True, declares(retention="30 days", snapshot=of(TWO_RETENTIONS, "Acme | 60 days | 60")["snapshot"])),
    ("worse-than-declared", False, declares(retention="30 days; logs: 90 days", snapshot=of(TWO_RETENTIONS, "Acme | 30 days | 90")["snapshot"])),
    ("worse-than-declared", True, declares(retention="30 days", snapshot=of(TWO_RETENTIONS, "Acme | | 0")["snapshot"])),
    ("worse-than-declared", True, declares(TrainingUse.NEVER, snapshot=of((PROVIDERS, PRIVATE), "Acme | No")["snapshot"])),
    ("worse-than-declared", False, declares(TrainingUse.NEVER, snapshot=of((PROVIDERS, PRIVATE), "Acme | Yes")["snapshot"])),
    ("worse-than-declared", True, declares(TrainingUse.NEVER, snapshot=of((PROVIDERS, PRIVATE), "Acme |")["snapshot"])),
    ("worse-than-declared", False, declares(TrainingUse.NEVER, snapshot=page(row("GPT 6", "Acme", training="Perhaps")))),
    ("worse-than-declared", False, declares(retention="1 day", snapshot=page(row("GPT 6", "Acme", retention="As the moon decides")))),
    ("worse-than-declared", False, declares(retention="1 day", snapshot=page(row("GPT 6", "Acme", retention="30 days¹"), notes="¹ A court said so.\n"))),
    ("worse-than-declared", False, declares(retention="1 day", snapshot=page(row("GPT 6", "Acme, Bolt")))),
    ("worse-than-declared", False, declares(retention="1 day", snapshot=model_known(retention_floor=FLOOR)["snapshot"])),
    ("declared-by-some", False, declares(TrainingUse.NEVER, snapshot=of((PROVIDERS, RETENTION), "Acme, Bolt | 30 days")["snapshot"])),
    ("different-terms", True, of(TWO_RETENTIONS, "Acme | 30 days | 60", "Acme | 30 days | 90")),
    ("different-terms", False, of(TWO_RETENTIONS, "Acme | 60 days | 60", "Acme | | 60")),
    ("different-terms", True, of_two((HOSTS, "GPT 6 | Acme | 30 days"), (HOSTS, "GPT 7 | Acme | 1 day"))),
    ("unknown-term", True, of(TWO_RETENTIONS, "Acme | 30 days | Perhaps")),
    ("unknown-term", False, of(TWO_RETENTIONS, "Acme | | ")),
    ("unknown-training", False, of((PROVIDERS, TRAINING), "Acme | ")),
    # Links and marks in any cell, and prose of any section.
    ("not-https", True, of(ENTITIES, "Acme | Paris | [Search](http://acme.example)")),
    ("not-https", True, of((PROVIDERS, RETENTION), "Acme | [30 days](http://acme.example/policy)")),
    ("not-https", True, at(markdown.parse(f"# A page\n\nText.\n\n{HEAD}{ACME_ROW}\nSee <http://acme.example>.\n"))),
    ("relative-link", True, of(ENTITIES, "[Acme](./acme.md) | Paris | Search")),
    ("edge-blanks", True, at(changed(models=model(text="GPT\N{NO-BREAK SPACE}6")))),
    ("wording-denies-claim", True, meaning("Used for training", use=TrainingUse.NEVER)),
    ("wording-denies-claim", True, meaning("Not specified", use=TrainingUse.OPT_IN)),
    ("wording-denies-claim", False, meaning("No", use=TrainingUse.BY_DEFAULT)),
    ("wording-denies-claim", True, meaning("As the moon decides", use=TrainingUse.NEVER)),
    ("wording-denies-claim", False, meaning("As the moon decides", use=TrainingUse.CONDITIONAL)),
    ("wording-denies-claim", True, meaning("As the moon decides", clauses=read_clauses("None"))),
    ("wording-denies-claim", False, meaning("As the moon decides", clauses=read_clauses("30 days"))),
    ("wording-denies-claim", True, meaning("30 days, except where a court orders it", clauses=read_clauses("30 days"))),
    ("wording-denies-claim", True, meaning("Where no court orders more: 30 days", clauses=read_clauses("30 days"))),
    ("wording-denies-claim", False, meaning("30 days, except where a court orders it", clauses=read_clauses("Kept"))),
    ("wording-denies-claim", True, meaning("No, except prompts that users rate", use=TrainingUse.NEVER)),
    ("wording-denies-claim", True, meaning("Opt-in, except where a court orders it", use=TrainingUse.OPT_IN)),
    ("wording-denies-claim", False, meaning("Yes, as the moon decides", use=TrainingUse.BY_DEFAULT)),
    ("wording-denies-claim", False, meaning("No, as the moon decides", use=TrainingUse.UNKNOWN)),
    ("wording-denies-claim", True, declares_term(Term("Not stored, except by order", read_clauses("None")))),
    ("wording-denies-claim", False, declares_term(Term("As the moon decides", read_clauses("Kept")))),
    ("wording-denies-claim", True, meaning("60 days", clauses=read_clauses("30 days"))),
    ("wording-denies-claim", True, meaning("30 days (flagged prompts: 2 years)", clauses=read_clauses("30 days"))),
    ("wording-denies-claim", False, meaning("30 days", clauses=read_clauses("30 days (flagged prompts: 2 years)"))),
    ("wording-denies-claim", True, meaning("Yes", of((PROVIDERS, TRAINING), "Acme | No")["snapshot"], use=TrainingUse.NEVER)),
    ("wording-denies-claim", False, of((PROVIDERS, PRIVATE), "Acme | Yes")),
    ("wording-denies-claim", False, of(TWO_RETENTIONS, "Acme | 30 days | 60", "Acme | | 60")),
    ("wording-denies-claim", True, model_known(retention_floor=Term("30 days", read_clauses("None")))),
    ("wording-denies-claim", False, model_known(retention_floor=FLOOR)),
    ("wording-denies-claim", True, declares_term(Term("Kept forever", read_clauses("None")))),
    *[("several-names", True, page_of_names(name)) for name in (
        "Acme; Bolt", "Acme and Bolt", "Acme & Bolt", "Acme + Bolt", "Acme/Bolt", "acme, Bolt, and Coro & Sons",
        "Coro & Sons, Acme", "Bolt und Acme",
    )],
    *[("several-names", False, page_of_names(name)) for name in (
        "Acme, Doro", "Acme Bolt", "Coro & Sons", "Bolt, Inc.", "Acme, Acme", "Acme-Bolt", "Brandt",
    )],
    ("several-names", True, at(changed(models=model(text="GPT 6, GPT 7")), models=(KnownModel("gpt-6", "GPT 6"), KnownModel("gpt-7", "GPT 7")))),
    ("list-mark", True, one(row("1\\. Claude", "Acme"))),
    ("list-mark", True, one(row("(1) Claude", "Acme"))),
    ("list-mark", True, one(row("a) Claude", "Acme"))),
    ("list-mark", True, one(row("iv. Claude", "Acme"))),
    ("list-mark", True, one(row("② Claude", "Acme"))),
    ("list-mark", True, one(row("1️⃣ Claude", "Acme"))),
    ("list-mark", True, at(changed(models=model(text="• Claude")))),
    ("list-mark", True, at(changed(models=model(text="– Claude")))),
    ("list-mark", True, at(changed(models=model(text="[x] Claude")))),
    ("list-mark", True, one(row("GPT 6", "1) Acme"))),
    ("list-mark", True, model_known(aliases=("gpt-6", "2. gpt-6"))),
    ("list-mark", True, with_document(text="1. Acme Privacy Policy")),
    ("list-mark", True, of((PROVIDERS, PURPOSE), "Acme | 1) Search")),
    *[("list-mark", True, at(changed(models=model(text=name)))) for name in (
        "A. Claude", "1.1. Claude", "1.1.2) Claude", "#1 Claude", "1: Claude", "1 - Claude", "1– Claude", "01 — Claude",
        "→ Claude", "➤ Claude", "> Claude", "▶️ Claude", "o Claude", "II. Claude", "❶ Claude", "⑴ Claude", "⒈Claude",
    )],
    *[("list-mark", False, at(changed(models=model(text=name)))) for name in (
        "3.5 Sonnet", "4o", "4o mini", "o 1", "o 3 mini", "o1", "01.AI", "1.1 Claude", "C. elegans model", "7B", "GPT #1", "1-bit Claude",
    )],
    ("list-mark", True, one(row("GPT 6", "A. Acme, B. Bolt"))),
    ("list-mark", True, one(row("GPT 6", "#1 Acme"), row("GPT 7", "#2 Bolt"))),
    ("list-mark", True, of((replace(PROVIDERS, label="A. Provider"), replace(PURPOSE, label="B. Purpose")), "Acme | Search")),
    ("list-mark", False, one(row("GPT 6", "A. Lincoln Ltd, J. Doe Inc."))),
    ("list-mark", False, one(row("GPT 6", "B. Bolt Ltd, C. Coro Ltd"))),
    *[("list-mark", False, of((PROVIDERS, PURPOSE), f"Acme | {words}")) for words in (
        "1 - 5 staff", "1: 4 ratio", "2- and 3-year plans", "30 – 60 days", "> 30 days", "o meno", "#1 in search", "E. coli tests",
    )],
    ("list-mark", False, one(row("3.5 Sonnet", "01.AI"), row("4o", "J. Doe Inc."))),
    ("list-mark", False, one(row("1.5-pro", "Acme"), row("-1 Model", "#1 Hosting"))),
    ("list-mark", False, one(row("A (1) B", "3rd Eye"), row("GPT – 6", "No. 1 Labs"))),
    ("list-mark", False, of((PROVIDERS, PURPOSE), "Acme | –")),
    ("look-alikes", True, one(row("GPT 6", "Acme AI"), row("GPT 7", "Acme Al"))),
    ("look-alikes", True, one(row("o1", "Acme"), row("ol", "Acme"))),
    ("look-alikes", True, one(row("Ｑwen 3", "Acme"), row("Qwen 3", "Acme"))),
    ("look-alikes", True, one(row("GPT 6", "Acme", retention="30 days"), row("GPT 7", "Acme", retention="30 dаys"))),
    ("look-alikes", True, of(ENTITIES, "Acme | Berlin | Oﬃce", "Bolt | Berlin | Office")),
    ("look-alikes", True, model_known(aliases=("GРТ 6",))),
    ("look-alikes", True, at(SOUND, catalogue=(CatalogueEntry("GРТ 6"),))),
    ("look-alikes", True, at(SOUND, models=(KnownModel("gpt", "GРТ 6"),))),
    ("look-alikes", False, at(SOUND, models=(KnownModel("gpt-6", "GPT 6"), KnownModel("a", "A1"), KnownModel("b", "Al")))),
    ("look-alikes", False, one(row("GPT-4o", "Acme"), row("GPT-40", "Acme"))),
    ("look-alikes", False, of(ENTITIES, "Acme | Berlin | H²O", "Bolt | Berlin | H2O")),
    ("look-alikes", False, at(SOUND, catalogue=(CatalogueEntry("GPT 6", "gpt-6"),))),
    ("look-alikes", False, at(SOUND)),
    ("alike-names", False, one(row("GPT 6", "Acme"), row("GPT 7", "Acmе"))),
    ("two-spellings", True, of(ENTITIES, "Acme | Berlin | Search – mail", "Bolt | Berlin | Search - mail")),
    ("two-spellings", True, of(ENTITIES, "Acme | Berlin | Acme’s mail", "Bolt | Berlin | Acme's mail")),
    ("two-spellings", True, one(row("GPT 6", "Acme", documents=ACME.replace("Policy", "policy")), row("GPT 7", "Acme", documents=ACME))),
    ("two-spellings", False, one(row("GPT 6", "Acme"), row("gpt 6", "Acme"))),
    ("two-spellings", False, of(ENTITIES, "Acme | Berlin | Search", "Bolt | Berlin | Searches")),
    ("mixed-alphabets", True, one(row("GPT 6", "Аcme"))),
    ("mixed-alphabets", True, one(row("GPT 6", "Acme"), intro="Who gets yоur prompts.")),
    ("mixed-alphabets", True, one(row("GPT 6¹", "Acme"), notes="¹ Until Мay.\n")),
    ("mixed-alphabets", True, one(row("Мoдель", "Acme"))),
    ("mixed-alphabets", False, one(row("GPT-модель", "Acme"), row("μTransfer", "HTTPсервер"), row("Тест", "ΔModel"))),
    ("redirecting-link", True, one(ACME_ROW, intro="See [it](https://l.facebook.com/l.php?u=https%3A%2F%2Facme.example%2F).")),
    ("redirecting-link", True, one(ACME_ROW, intro="See https://bit.ly/acme.")),
    ("redirecting-link", True, one(row("GPT 6¹", "Acme"), notes="¹ See [it](https://t.co/a).\n")),
    ("redirecting-link", True, of(ENTITIES, "Acme | Berlin | [Search](https://lnkd.in/a)")),
    ("redirecting-link", True, at(replace(SOUND, providers=(replace(SOUND.providers[0], website="https://t.co/a"),)))),
    ("redirecting-link", False, one(ACME_ROW, intro="See [it](https://web.archive.org/web/2024/https://acme.example/).")),
    ("contact-as-document", True, one(row("GPT 6", "Acme", documents="privacy@acme.example"))),
    ("contact-as-document", True, one(row("GPT 6", "Acme", documents="Contact: privacy@acme.example"))),
    ("contact-as-document", True, one(row("GPT 6", "Acme", documents="[Call us](tel:+49301234567)"))),
    ("contact-as-document", True, with_document(text="+49 30 1234567", url=None)),
    ("contact-as-document", True, with_document(url="privacy@acme.example")),
    ("contact-as-document", True, one(row("GPT 6", "Acme", documents="Acme DPA, legal@acme.example"))),
    *[("placeholder-as-document", True, with_document(text=words, url=None)) for words in (
        "No", "❌", "pending", "See above", "On request", "None", "Not yet signed", "tbd.", "✅ Yes", "(pending)", "No DPA",
        "No public policy available", "Same as GPT 5", "–", "…", "n/a", "siehe oben",
    )],
    *[("placeholder-as-document", False, with_document(text=words, url=None)) for words in (
        "Private agreement with Acme", "No Training Addendum", "Acme DPA", "See our agreement with Acme", "Seeweb DPA",
        "Nothing Ltd contract", "Enterprise terms",
    )],
    ("placeholder-as-document", False, with_document(text="No", url="https://acme.example/no")),
    ("label-names-nobody", False, with_document(text="No", url=None)),
    ("foreign-document", False, with_document(text="No", url=None, provider=None)),
    ("no-url", False, with_document(text="Pending", url=None)),
    ("no-document", True, with_document(page(row("GPT 6", "Acme", retention="30 days", training="Yes", documents=ACME)), text="No", url=None)),
    ("contact-as-document", False, one(row("GPT 6", "Acme", documents="[privacy@acme.example](https://acme.example/privacy)"))),
    ("no-url", False, one(row("GPT 6", "Acme", documents="privacy@acme.example"))),
    ("label-names-nobody", False, one(row("GPT 6", "Acme", documents="privacy@cloud.example"))),
    ("foreign-document", False, one(row("GPT 6", "Acme, Bolt", documents="privacy@cloud.example"))),
    ("claim-without-document", True, one(row("GPT 6", "Acme", documents="[Acme](mailto:privacy@acme.example)"))),
]  # fmt: skip


def codes(case):
    return {finding.code for finding in findings(**case)}


@pytest.mark.parametrize("code", PAGES)
def test_each_rule_fires_on_its_page_and_not_on_the_nearest_neighbour(code):
    fires, neighbour = PAGES[code]

    assert code in codes(fires)
    assert code not in codes(neighbour)


@pytest.mark.parametrize(("code", "fires", "case"), MORE)
def test_a_rule_fires_where_it_should(code, fires, case):
    assert (code in codes(case)) is fires


@pytest.mark.parametrize("seed", range(3))
def test_findings_do_not_depend_on_the_pages_judged_before(seed):
    cases = [case for pair in PAGES.values() for case in pair]
    alone = []
    for case in cases:
        for memory in (remembered._values_of, remembered._last, remembered._lists):
            memory.clear()
        alone.append(findings(**copy.deepcopy(case)))
    places = list(range(len(cases))) * 3
    random.Random(seed).shuffle(places)  # noqa: S311

    for place in places:
        assert findings(**copy.deepcopy(cases[place])) == alone[place]


def test_every_rule_has_its_page_and_its_neighbour():
    assert set(PAGES) == set(RULES)


def test_a_sound_page_has_no_findings():
    assert findings(**at(SOUND)) == []


@pytest.mark.parametrize(("code", "told"), [
    ("no-model", "The row of Acme has no model. Name the one that it is about, or retire the row."),
    ("model-in-two-listings", "GPT 6 stands in 2 rows: the rows of GPT 6 at Acme and GPT 6 at Acme and Bolt. Say in a column what tells them apart, name it in one of them, or say in the answer why it needs them."),
    ("alike-names", "Claude 5 Sonet is almost Claude 5 Sonnet. Write one name for one model, or say in the answer why both stand."),
    ("footnote-names-absent-model", "Footnote 1 names GPT 7, which is not in the row of GPT 6, where the note is cited. It stands in the row of GPT 7. Mend the note, or its marks."),
    ("footnote-on-some-listings", "Footnote 1 is about Acme, but the row of GPT 7 does not cite it. Cite it there too, or say in the answer why not."),
    ("claim-without-document", "The row of GPT 6 claims “Not stored”, but for Acme shows only “Custom privacy agreement with Acme”, which readers cannot open. Link what says so, or say in the answer who has read it."),
    ("shared-url", "Acme and Bolt show the same document: https://acme.example/privacy. If they are one provider, list it under one name; else link what each says itself."),
    ("different-terms", "The row of GPT 6 says “30 days” of retention, but Acme in the row of GPT 7 “Not stored”. Say the worse in both, or explain it in a footnote."),
    ("list-mark", "“1. Claude” begins with the mark of a list, “1.”. Write “Claude”, or say in the answer why it belongs to the name."),
    ("look-alikes", "The providers “Acmе” and “Acme” look the same and differ: CYRILLIC SMALL LETTER IE in one, LATIN SMALL LETTER E in the other. Type both in the same characters, or say in the answer what tells them apart."),
    ("two-spellings", "The wordings “30 days” and “30 Days” differ only in capitals. Choose one spelling."),
    ("mixed-alphabets", "“Acmе” in the row of GPT 6 mixes alphabets: its “е” is a CYRILLIC SMALL LETTER IE. Type the word anew in one alphabet."),
    ("redirecting-link", "“Acme Privacy Policy” in the row of GPT 6 leads through google.com. Give the address that it leads to: https://acme.example/privacy"),
    ("wording-denies-claim", "The row of GPT 6 says “Kept forever”, which means “all content kept without limit”, but it has the clauses “all content not kept”. Mend the wording or what it stands for, or say in the answer why both stand."),
    ("several-names", "“Acme, Bolt” is written as one provider, but Acme and Bolt are providers of their own. Name each on a line of its own, or say in the answer why the name is another one."),
    ("placeholder-as-document", "“See above” in the row of GPT 6 is no document. Link the document, name the agreement, or leave the cell empty."),
    ("contact-as-document", "“Acme”, which leads to mailto:privacy@acme.example, in the row of GPT 6 is a contact, no document. Put the address of the policy here, and the contact in a column of text or in the text before the table."),
    ("new-recipient", "GPT 6 now also goes to Bolt, which joined the row together with GPT 7. Bolt is a new company on the page. This is weaker for readers: say in the answer why."),
    ("removal", "Kimi K3 is no longer listed. Say in the answer why."),
])  # fmt: skip
def test_a_message_says_what_is_wrong_where_and_what_to_do(code, told):
    assert told in [
        finding.message for finding in findings(**PAGES[code][0]) if finding.code == code
    ]


def test_a_wording_that_is_understood_in_part_is_found_once_for_all_its_rows():
    words = "Not stored, except where a court orders it"
    snapshot = page(*(row(f"GPT {number}", "Acme", retention=words) for number in (6, 7)))
    listings = [
        replace(
            listing,
            cells={
                **listing.cells,
                "retention": replace(
                    listing.cells["retention"], clauses=read_clauses("Not stored")
                ),
            },
        )
        for listing in listings_of(snapshot)
    ]

    found = findings(with_listings(snapshot, *listings))

    assert [finding.message for finding in found if finding.code == "wording-denies-claim"] == [
        f"“{words}” is not understood, but stands for “all content not kept”. "
        "Mend the wording or what it stands for, or say in the answer why both stand."
    ]


@pytest.mark.parametrize("code", PAGES)
def test_no_message_tells_an_editor_to_take_something_off_the_page(code):
    messages = [finding.message for finding in findings(**PAGES[code][0])]

    assert [message for message in messages if re.search(r"\b[Rr]emove|\b[Dd]elete", message)] == []


def test_blockers_come_first_and_notes_last():
    worst = [
        finding.severity for finding in findings(changed(models=(), documents=()), before=SOUND)
    ]

    assert worst == sorted(worst, key=list(Severity).index)
    assert len(set(worst)) > 1


def test_documents_against_providers_come_before_what_an_answer_is_asked_for():
    before = page(row("GPT 6", "Acme", documents=ACME), row("GPT 7", "Acme", documents=ACME))
    after = page(row("GPT 6", "Acme, Bolt", documents=ACME), row("GPT 7", "Bolt", documents=ACME))

    warnings = [
        finding.code
        for finding in findings(**later(before, after))
        if finding.severity == Severity.WARNING
    ]

    about_documents = {"no-document", "foreign-document", "claim-without-document"}
    first = [code for code in warnings if code in about_documents]
    assert len(first) > 1
    assert warnings[: len(first)] == first
    assert set(warnings[len(first) :]) >= {"new-recipient"}


def test_a_finding_is_json_and_says_what_it_is_about():
    [finding] = findings(changed(providers=(), documents=()))

    id = listings_of(SOUND)[0].id
    assert finding.to_dict() == {
        "key": f"no-provider:{id}", "severity": "blocker", "code": "no-provider", "kind": "listing", "subject": id,
        "message": "The row of GPT 6 has no provider. Name who gets the prompts, or retire the row.",
    }  # fmt: skip


def test_an_installation_can_set_the_severity_of_a_rule():
    snapshot = page(row("GPT 6", "Acme", training="Perhaps", documents=ACME))

    [finding] = findings(snapshot, severities={"unknown-training": Severity.NOTE})

    assert (finding.code, finding.severity) == ("unknown-training", Severity.NOTE)


@pytest.mark.parametrize("code", PAGES)
def test_keys_are_unique_and_hold_no_row_number(code):
    case = PAGES[code][0]
    snapshot = case["snapshot"]
    first = page(
        row(
            "Nova 1",
            "Core",
            training="Yes",
            documents="[Core Privacy Policy](https://core.example/)",
        )
    )
    with_another_above = replace(
        snapshot,
        sections=(*first.sections, *snapshot.sections),
        models=(*first.models, *snapshot.models),
        providers=(*first.providers, *snapshot.providers),
    )

    keys = [finding.key for finding in findings(**case)]
    below = {finding.key for finding in findings(**{**case, "snapshot": with_another_above})}

    assert len(keys) == len(set(keys))
    assert {key for key in keys if key.startswith(f"{code}:")} - below <= {
        f"no-listing:{snapshot.register.slug}"
    }


@pytest.mark.parametrize("code", PAGES)
def test_keys_do_not_depend_on_the_order_of_rows_models_and_providers(code):
    case = PAGES[code][0]
    snapshot = case["snapshot"]
    turned = replace(
        snapshot,
        sections=tuple(
            replace(section, listings=section.listings[::-1]) for section in snapshot.sections
        ),
        models=snapshot.models[::-1],
        providers=snapshot.providers[::-1],
    )

    keys = {finding.key for finding in findings(**case) if finding.code == code}
    keys_of_turned = {
        finding.key for finding in findings(**{**case, "snapshot": turned}) if finding.code == code
    }

    assert keys == keys_of_turned


def key_of(code, case):
    [key] = [finding.key for finding in findings(**case) if finding.code == code]
    return key


@pytest.mark.parametrize(("code", "case", "other"), [
    ("retention-beats-provider", declares(retention="31 days"), declares(retention="32 days")),
    ("footnote-names-some-models", PAGES["footnote-names-some-models"][0], one(row("GPT 6, GPT 8", "Acme¹"), notes="¹ GPT 6 goes to Acme only.\n")),
    ("letter-in-version", one(row("Gemini 3.t", "A")), one(row("Gemini 3.x", "A"))),
    ("label-names-nobody", with_label("Privacy Policy", "bolt-cloud"), with_label("FAQ", "bolt-cloud")),
    ("unknown-term", one(row("GPT 6", "Acme", retention="Perhaps")), one(row("GPT 6", "Bolt", retention="Perhaps"))),
    ("unknown-training", one(row("GPT 6", "Acme", training="See policy")), one(row("GPT 6", "Bolt", training="See policy"))),
    ("foreign-document", one(row("GPT 6", "Acme", documents="[Bolt Policy](https://bolt.example/)"), row("GPT 7", "Bolt", documents="[Bolt Policy](https://bolt.example/)")), one(row("GPT 6", "Core", documents="[Bolt Policy](https://bolt.example/)"), row("GPT 7", "Bolt", documents="[Bolt Policy](https://bolt.example/)"))),
    ("footnote-lapsed", note_until(date(2026, 2, 28)), note_until(date(2026, 2, 28), "A court makes Acme keep it for ever.")),
])  # fmt: skip
def test_another_value_gives_another_key(code, case, other):
    assert key_of(code, case) != key_of(code, other)


def without_last_row(case):
    """The same without the last row of its first table."""
    snapshot = case["snapshot"]
    return {**case, "snapshot": with_listings(snapshot, *listings_of(snapshot)[:-1])}


@pytest.mark.parametrize(("code", "case"), [
    ("no-document", one(row("GPT 6", "Acme", **UNSAID), row("GPT 7", "Acme", **UNSAID))),
    ("claim-without-document", one(row("GPT 6", "Acme", documents=AGREED, **NOT_STORED), row("GPT 7", "Acme", documents=AGREED, **NOT_STORED))),
    ("model-in-two-listings", one(row("GPT 6", "Acme"), row("GPT 6", "Acme"), row("GPT 6", "Acme"))),
    ("unknown-term", one(row("GPT 6", "Acme", retention="Perhaps"), row("GPT 7", "Bolt", retention="Perhaps"))),
    ("unknown-training", one(row("GPT 6", "Acme", training="Perhaps"), row("GPT 7", "Bolt", training="Perhaps"))),
    ("contact-as-document", one(*[row(name, "Acme", documents="[Acme](mailto:a@acme.example)") for name in ("GPT 6", "GPT 7")])),
    ("footnote-on-some-listings", one(row("GPT 6", "Acme¹"), row("GPT 7", "Acme"), row("GPT 8", "Acme"), notes="¹ A court makes Acme keep all.\n")),
    ("footnote-names-absent-model", one(row("GPT 7", "Acme"), row("GPT 6¹", "Acme"), row("GPT 8¹", "Acme"), notes="¹ GPT 6 answers where GPT-7 cannot.\n")),
    ("two-spellings", one(*[row(name, "Acme", retention=words) for name, words in (("GPT 6", "30 days"), ("GPT 7", "30 Days"), ("GPT 8", "30 DAYS"))])),
    ("one-url-two-labels", one(row("GPT 6", "Acme", documents=TWICE.format("privacy")), row("GPT 7", "Acme", documents="[Acme data](https://acme.example/privacy)"))),
])  # fmt: skip
def test_a_finding_that_gets_smaller_is_a_part_of_the_answered_one(code, case):
    [before] = [finding for finding in findings(**case) if finding.code == code]
    [after] = [finding for finding in findings(**without_last_row(case)) if finding.code == code]

    assert not_among([after], [before]) == []
    assert not_among([before], [after]) == [before]


def test_a_finding_about_something_else_is_no_part_of_the_answered_one():
    case = one(row("GPT 6", "Acme", **UNSAID), row("GPT 7", "Acme", **UNSAID))
    first, last = listings_of(case["snapshot"])
    [about_first] = findings(**at(with_listings(case["snapshot"], first)))
    [about_last] = findings(**at(with_listings(case["snapshot"], last)))

    assert about_first.stem == about_last.stem
    assert not_among([about_first], [about_last]) == [about_first]


def test_a_finding_is_read_back_with_its_parts():
    [finding] = findings(**one(row("GPT 6", "Acme", **UNSAID)))

    assert len(finding.parts) == 1
    assert Finding.of(finding.to_dict()) == finding


def test_a_key_does_not_change_with_other_content():
    case = one(row("GPT 6", "Acme", documents=AGREED, **NOT_STORED))
    more = page(row("GPT 7, GPT 6", "Acme"))
    grown = changed(case["snapshot"], models=listings_of(more)[0].cells["models"].items)
    after = at(replace(grown, models=more.models))

    assert key_of("claim-without-document", case) == key_of("claim-without-document", after)


# Judged by reading: notes 2 and 3 say something of OpenAI and of two models of a row of three; nobody outside can read
# the agreement; one link says only "Privacy Policy"; the fixture's register has no link base.
FOUND_IN_SEED = [
    (
        "claim-without-document",
        "Qwen 3 235B and 2 more claim “No” and “Not stored”, but for Nebius show only",
    ),
    (
        "footnote-on-some-listings",
        "Footnote 2 is about OpenAI, but the row of o3, o3 pro and GPT 5 does not cite it.",
    ),
    (
        "footnote-names-some-models",
        "Footnote 3 marks all of the row of o3, o3 pro and GPT 5, but does not name GPT 5.",
    ),
    ("label-names-nobody", "“Privacy Policy” of Google does not say whose."),
    ("relative-link", "“./assistant.md” in the introduction prints as text"),
]


FIXTURE = SEED.read_text(encoding="utf-8")
NOTES_IN_OTHER_WORDS = """\
¹ The Assistant leaves out the [user identifier](https://platform.openai.com/docs/end-user-ids) here.

² OpenAI need [not keep all chat logs any more](https://openai.com/index/response-to-nyt-data-demands/).

³ o3/o3-pro models are not served to Kagi by Azure yet; they go directly to OpenAI for now.

⁴ GPT 5 chat is named ChatGPT in the Assistant.
"""


@pytest.mark.parametrize(
    "source",
    [FIXTURE, FIXTURE.partition("¹ Requests")[0] + NOTES_IN_OTHER_WORDS],
    ids=["as it is", "notes in other words"],
)
def test_the_findings_of_the_seed_are_these(source):
    found = findings(markdown.parse(source))

    assert [finding.code for finding in found] == [code for code, _ in FOUND_IN_SEED]
    expected = [message for _, message in FOUND_IN_SEED]
    assert all(part in finding.message for finding, part in zip(found, expected, strict=True))


NOVA = "| • Nova 1 | • Amazon | No | Not stored | • [Amazon Guide](https://docs.aws.amazon.com/bedrock/latest/userguide/) |\n"


# Errors that editors make, set into the fixture: what is written, what instead, the rule that finds it.
@pytest.mark.parametrize(("old", "new", "code", "message"), [
    ("• o3<br>• o3 pro<br>• GPT 5 |", "• GPT 5.5<br>• GPT 5 |", "footnote-names-absent-model", "Footnote 3 names o3 pro,"),
    ("• OpenAI¹ ³ |", "• OpenAI³ |", "footnote-on-some-listings", "Footnote 1 is about OpenAI, but the row of o3, o3 pro and GPT 5"),
    ("| • GLM-4.5 |", f"{NOVA}| • GLM-4.5 |", "shared-url", "“Not stored” of Amazon and “30 days (flagged prompts: 2 years)” of"),
    ("• [xAI FAQ]", "• [FAQ]", "label-names-nobody", "“FAQ” of xAI does not say whose."),
    ("• Grok 4 Fast<br>", "• Grok 4<br>", "model-twice-in-listing", "Grok 4 stands 2 times"),
    ("Gemini 3 Pro (Preview)", "Gemini 3.t Pro", "letter-in-version", "“3.t”"),
    ("• GLM-4.5 | • Fireworks.ai |", "• GLM-4.5 | • Fireworks.ai<br>• xAI |", "different-terms", "but xAI in the row of GLM-4.5 “Not stored”"),
    ("• o4 mini<br>", "", "removal", "o4 mini is no longer listed."),
    ("• o4 mini<br>", "", "offered-not-listed", "o4 mini is in the catalogue, but not listed."),
])  # fmt: skip
def test_an_error_in_the_fixture_is_found(old, new, code, message):
    before, after = markdown.parse(FIXTURE), markdown.parse(FIXTURE.replace(old, new))
    catalogue = tuple(CatalogueEntry(model.name) for model in before.models)

    case = later(before, after)
    case["facts"] = replace(case["facts"], catalogue=catalogue)

    assert FIXTURE.count(old) == 1
    assert any(message in finding.message for finding in findings(**case) if finding.code == code)
    assert not any(message in finding.message for finding in findings(**later(before, before)))


@pytest.mark.slow
@every
@given(snapshots())
def test_findings_of_any_snapshot_have_sentences_and_different_keys(snapshot):
    facts = Facts(today=TODAY, models=(GONE,), catalogue=(CatalogueEntry("GPT 6"),))
    found = findings(snapshot, before=SOUND, facts=facts)

    assert findings(SOUND, before=snapshot, facts=facts)
    assert len({finding.key for finding in found}) == len(found)
    assert all(finding.message.endswith(".") for finding in found)
    assert all(finding.code in RULES for finding in found)


def test_the_manual_is_up_to_date():
    written = (settings.BASE_DIR / "docs/rules.md").read_text(encoding="utf-8")

    assert written == manual(RULES.values()), "run: python -m compliance.page.rules > docs/rules.md"


@pytest.mark.parametrize("code", RULES)
def test_each_rule_says_what_it_asks_for_and_where_it_comes_from(code):
    meaning, case = RULES[code].meaning.split("\n\n", 1)

    assert meaning.endswith(".")
    assert len(case) > 40


@pytest.mark.parametrize(("case", "code", "told"), [
    (of(HOSTS, "GPT 6 | Acme | 30 days", "GPT 6 | Bolt | Perhaps", "GPT 6 | Acme<br>Bolt | None"), "different-terms", "The row of GPT 6 at Acme says “30 days” of retention, but Acme in the row of GPT 6 at Acme and Bolt “None”."),
])  # fmt: skip
def test_rows_of_one_model_are_named_by_their_providers(case, code, told):
    messages = [finding.message for finding in findings(**case) if finding.code == code]

    assert any(told in message for message in messages)


@pytest.mark.parametrize(("case", "code", "told"), [
    (of(ENTITIES, "Acme | Paris | Search", "Acme | Paris | Search"), "row-twice", "2 rows of a table say the same: the row of Acme. Keep one of them, or say in a column what tells them apart."),
    (of((PLACES, PROVIDERS), "Paris | "), "no-provider", "The row of Paris has no provider. Name who gets the prompts, or retire the row."),
    (of((MODELS, PURPOSE), " | "), "no-model", "A row without a name has no model. Name the one that it is about, or retire the row."),
    (of_two((ENTITIES, "Acme | Paris | Search"), (HOSTS,)), "no-listing", "“Exceptions” lists nothing. Choose a row of it, or hold its columns back."),
    (of_two((HOSTS, "GPT 6 | Acme | 30 days"), (HOSTS, "GPT 6 | Acme | None")), "different-terms", "The row of GPT 6 at Acme in the first table says “30 days” of retention, but Acme in the row of GPT 6 at Acme in “Exceptions” “None”. Say the worse in both, or explain it in a footnote."),
    (of(TWO_RETENTIONS, "Acme | 30 days | 60", "Acme | 30 days | 90"), "different-terms", "The row of Acme says “90” of “Logs”, but Acme in the row of Acme “60”. Say the worse in both, or explain it in a footnote."),
    (declares(retention="Zero data retention (opt-in)", snapshot=of(HOSTS, "GPT 6 | Acme | 30 days")["snapshot"]), "retention-beats-provider", "The row of GPT 6 says “30 days”, but Acme declares “Zero data retention (opt-in)” and does not say how long all prompts and outputs are kept. Say the worse, or in the answer why not."),
    (of((PROVIDERS, PRIVATE, DOCUMENTS), "Acme | Yes |"), "claim-without-document", "The row of Acme claims “Yes” of “Does not train”, but shows no document of Acme. Add the one that says so, or claim only what one says."),
    (of((PROVIDERS, UNASKED), "Acme | Yes"), "unknown-term", "“Yes” of “Logging” is not understood. Say what the column asks, or give the retention term its clauses."),
    (of((PROVIDERS, UNASKED), "Acme | Perhaps"), "unknown-term", "“Perhaps” is not understood. Give the retention term its clauses."),
    (of(ENTITIES, "Acme | Paris | [Search](http://acme.example)"), "not-https", "http://acme.example in the row of Acme is not encrypted. Use its https address."),
    (of_two((ENTITIES, "Acme | Paris | Search"), (ENTITIES, "Bolt | Rome | [Mail](./mail.md)")), "relative-link", "“./mail.md” in the row of Bolt prints as text: it has no host. Write the whole address, or set a link base in the register."),
    (later(of(ENTITIES, "Acme | Paris | Search")["snapshot"], of(ENTITIES, "Acme | Paris | Search", "Bolt | Rome | Mail")["snapshot"]), "new-recipient", "New row: Bolt. “Place”: “Rome”. “Purpose”: “Mail”. Bolt is a new company on the page. This is weaker for readers: say in the answer why."),
    (later(of(TWO_RETENTIONS, "Acme | 30 days | 60")["snapshot"], of((PROVIDERS, RETENTION, PURPOSE), "Acme | 30 days | 60")["snapshot"]), "weaker-promise", "The column “Logs” is no longer on the page. It said “60” in 1 row. This is weaker for readers: say in the answer why."),
    (later(of(ENTITIES, "Acme | Paris | Search")["snapshot"], of((PROVIDERS, PLACES), "Acme | Paris")["snapshot"]), "removal", "The column “Purpose” is no longer on the page. It said “Search” in 1 row. Say in the answer why."),
])  # fmt: skip
def test_rows_and_tables_of_other_shapes_are_named_by_what_they_say(case, code, told):
    messages = [finding.message for finding in findings(**case) if finding.code == code]

    assert told in messages


def test_a_footnote_names_a_model_by_its_name_where_the_page_prints_more():
    snapshot = page(
        row("[GPT 6 via Acme](https://acme.example)¹", "Acme"), notes="¹ GPT 6 stays.\n"
    )
    named = model_known(snapshot, name="GPT 6")

    assert "footnote-names-absent-model" not in codes(named)
    assert "footnote-misses-marked-model" not in codes(named)


def test_the_same_key_in_two_columns_is_told_apart_by_the_column():
    snapshot = of(TWO_RETENTIONS, "Acme | Perhaps | Perhaps")["snapshot"]

    keys = [
        finding.key.partition("#")[0]
        for finding in findings(snapshot)
        if finding.code == "unknown-term"
    ]

    assert keys == ["unknown-term:Perhaps", "unknown-term:Perhaps:retention-2"]
