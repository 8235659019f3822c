"""What editors keep of models and providers goes through every door: a forgotten fact fails."""

from dataclasses import fields, replace
from typing import get_type_hints

import pytest
from django.contrib.admin.utils import flatten_fieldsets

from compliance.admin.site import site
from compliance.models import AIModel
from compliance.models import Provider as ProviderRecord
from compliance.page.formats import csv
from compliance.page.retention import read_clauses
from compliance.page.snapshot import Declared, Model, Provider
from compliance.page.table import Term
from compliance.page.vocabulary import TrainingUse
from compliance.public.facts import declared_facts, model_facts, provider_facts, website
from compliance.published.search import read_text_index
from compliance.workingcopy.importing import import_page
from tests.stores import listing, publish, snapshot

PLAIN = snapshot(listing())
WORD = "https://quokka.example/"
TERM = Term("9 weeks", read_clauses("9 weeks"))
# For each type of a fact a value, and a word of it that a reader sees.
SAMPLES = {
    str: (WORD, WORD),
    tuple[str, ...]: (("DE",), "Germany"),
    Term | None: (TERM, "9 weeks"),
    Declared | None: (Declared(TrainingUse.OPT_OUT, TERM), "9 weeks"),
}
NAMED = {"aliases": (("Quokka",), "Quokka"), "continues": (("quokka",), "quokka")}
NO_FACTS = {"id", "name"}
FACTS = [
    (kind, field.name)
    for kind in (Model, Provider)
    for field in fields(kind)
    if field.name not in NO_FACTS
]
every_fact = pytest.mark.parametrize(("kind", "name"), FACTS)


def sample(kind, name):
    """A value of a fact, and a word of it."""
    return NAMED[name] if name in NAMED else SAMPLES[get_type_hints(kind)[name]]


def known(kind, name):
    """The plain page with a value for one fact of its first model or provider."""
    entries = {Model: "models", Provider: "providers"}[kind]
    first, *others = getattr(PLAIN, entries)
    value, _ = sample(kind, name)
    return replace(PLAIN, **{entries: (replace(first, **{name: value}), *others)})


def told(entry):
    """What the page of a model or provider tells."""
    if isinstance(entry, Model):
        return str(model_facts(entry))
    return str([provider_facts(entry), website(entry), declared_facts(entry)])


@pytest.mark.django_db
@every_fact
def test_a_fact_is_imported_and_captured(kind, name):
    page = known(kind, name)

    captured = import_page(page, slug="page", reason="Import", label="tests", with_facts=True)

    assert captured.snapshot.models == page.models
    assert captured.snapshot.providers == page.providers


# A floor is part of what a row promises, which its line of the CSV says.
@pytest.mark.parametrize(
    ("kind", "name"), [fact for fact in FACTS if "retention_floor" not in fact]
)
def test_a_fact_is_in_the_csv(kind, name):
    assert csv.render(known(kind, name)) != csv.render(PLAIN)


@every_fact
def test_a_fact_is_on_the_page_of_its_model_or_provider(kind, name):
    page = known(kind, name)
    _, word = sample(kind, name)

    assert word in told((page.models if kind is Model else page.providers)[0])


@every_fact
def test_a_fact_is_found_by_the_search_of_staff(kind, name):
    _, word = sample(kind, name)

    assert read_text_index(publish(known(kind, name))).find([word]) == [(1, 1)]


@pytest.mark.parametrize("model", [AIModel, ProviderRecord])
def test_every_field_can_be_edited(model):
    kept = {field.name for field in model._meta.concrete_fields if field.editable}
    admin = site.get_model_admin(model)

    assert kept - {"id"} <= {*flatten_fieldsets(admin.fieldsets)}
