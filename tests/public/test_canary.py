"""Only approved texts are public: a token in every working text appears at no public address."""

from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from compliance.models import ListedDocument, Listing, RetentionTerm
from compliance.models.changesets import changeset
from compliance.models.tracked import Tracked
from compliance.page.formats import FORMATS
from compliance.published import reader, writer
from compliance.publishing import approve, comment, reject, submit
from compliance.rendering import html
from compliance.workingcopy.resolve import capture
from registry.middleware import STAFF
from tests.factories import (
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_provider,
    make_term,
    make_user,
)
from tests.publications import HOUR, NOON, answers_to, grades_of, published

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "CANARY"
# What no text can stand in, or what stays as it was first set.
_EXEMPT = {"slug", "language", "duration", "legal_countries"}


@pytest.fixture
def site(scene, client):
    scene(with_tokens)
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        yield client


def with_tokens():
    """Publish once, then put a token into every text that is not public.

    These are the texts of the working copy, of a candidate, and of a rejected and a scheduled
    publication.
    """
    editor, approver = make_user("eve", role="editor"), make_user("ada", role="approver")
    writer.complete()
    listing = _register()
    with time_machine.travel(NOON, tick=False):
        published(listing.register, editor, approver)
    _put_tokens(make_user(f"{TOKEN}-user", role="editor", first_name=TOKEN))
    listing.register.refresh_from_db()  # tokens were put into another copy of it
    for number, hours in enumerate((1, 2, 3)):
        with changeset(by=editor, reason=TOKEN):
            listing.register.set(title=f"{TOKEN} {number}")
        at = NOON + hours * HOUR
        wanted = NOON + timedelta(days=900) if number == 2 else None
        answers = dict.fromkeys(answers_to(listing.register, at, effective_from=wanted), TOKEN)
        publication = submit(
            listing.register,
            by=editor,
            at=at,
            reason=TOKEN,
            answers=answers,
            grades=grades_of(listing.register, at, effective_from=wanted),
            effective_from=wanted,
        )
        comment(publication, by=approver, at=at, text=TOKEN)
        if number == 1:
            reject(publication, by=approver, at=at, reason=TOKEN)
        if number == 2:
            approve(publication, by=approver, at=at, approval_sha256=publication.approval_sha256)


def _register():
    provider = make_provider(
        "Acme", declared_retention=make_term("40 days", clauses=[{"kind": "none"}])
    )
    listing = make_listing(
        models=["GPT 6"],
        providers=[provider],
        documents=[make_document(provider, label="Policy")],
        retention=make_term("30 days", clauses=[{"kind": "none"}]),
    )
    cite(make_footnote(listing.register), cell=cell_of(listing, "retention"))
    with changeset(by=None, label="tests", reason="Set the scene"):
        listing.register.set(publisher="Acme Search", contact="privacy@acme.example", licence="CC0")
    return listing


def _put_tokens(user):
    """Put a token into every text field of every working record."""
    for model in apps.get_app_config("compliance").get_models():
        if issubclass(model, Tracked):
            for record in model.objects.all():
                for field in model._meta.fields:
                    _put_token(record, field, user)


def _put_token(record, field, user):
    if (
        not isinstance(field, (models.CharField, models.TextField))
        or field.choices
        or field.name in _EXEMPT
    ):
        return
    value = (
        f"https://example.com/{TOKEN}"
        if isinstance(field, models.URLField)
        else f"{TOKEN} {record.pk}"
    )
    value = f"{TOKEN.lower()}@example.com" if field.name == "contact" else value
    try:
        with changeset(by=user, reason=TOKEN):
            record.set(**{field.name: value})
    except Exception:  # a field that takes no such text cannot leak one
        record.refresh_from_db()


def public_paths(patterns=None, prefix="/"):
    """Return an address for every public URL pattern, in every format."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            path = prefix + str(pattern.pattern)
            if not path.startswith(STAFF):
                yield from public_paths(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield from _filled(prefix + str(pattern.pattern))


QUERIES = {
    "offerings/": "?training=never&longest=P30D",
    "fit/": "?longest=P0D",
    "filter/": "?provider=acme&sort=model&clauses=1",
    "feed.atom": "?effect=weaker",
    "feed.json": "?model=gpt-6&provider=acme",
    "changes/": "?page=1",
}


def _filled(route):
    slug = Listing.objects.first().register.slug
    values = {"register_slug:slug": [slug], "number:number": ["1", "2", "3"],
              "number:other": ["1", "2"], "str:id": ["gpt-6", "acme"], "path:path": ["v1/nothing/"],
              "str:day": ["2026-03-01", "2026-03-02", "2099-01-01", "x"], "format:format": [*FORMATS, "html"]}  # fmt: skip
    routes = [route]
    for name, fillings in values.items():
        routes = [each.replace(f"<{name}>", filling) for each in routes for filling in fillings]
    assert "<" not in routes[0], f"{route} has a parameter that the crawl does not know"
    queries = [
        f"{each}{query}"
        for each in routes
        for ending, query in QUERIES.items()
        if each.endswith(ending)
    ]
    return dict.fromkeys([*routes, *queries])


def leaks(client):
    """Return the public addresses whose response contains a token in its content or headers."""
    found = []
    for path in public_paths():
        response = client.get(path)
        said = response.content + repr(sorted(response.headers.items())).encode()
        if TOKEN.lower().encode() in said.lower():
            found.append(path)
    return found


@pytest.mark.slow
def test_no_working_text_is_public(site):
    assert len(list(public_paths())) > 40
    assert leaks(site) == []


def test_the_tokens_are_in_the_working_copy(site):
    body = html.html_body(capture(Listing.objects.first().register))

    assert body.count(TOKEN) > 8
    assert TOKEN in RetentionTerm.objects.first().wording
    assert ListedDocument.objects.get().document.label.startswith(TOKEN)


@pytest.mark.slow
def test_these_tests_notice_a_page_that_reads_the_working_copy(site, monkeypatch):
    register = Listing.objects.first().register
    monkeypatch.setattr(
        reader, "read_file", lambda index, entry, format: html.artefacts(capture(register))[format]
    )

    assert f"/{register.slug}/" in leaks(site)


@pytest.mark.slow
def test_every_public_address_but_readyz_answers_without_the_database(site, monkeypatch):
    paths = [path for path in public_paths() if path != "/readyz"]
    before = {path: site.get(path).status_code for path in paths}

    def stopped(self, *args, **kwargs):
        raise AssertionError("The database was asked.")

    with monkeypatch.context() as broken:
        for method in ("ensure_connection", "cursor"):
            broken.setattr(f"django.db.backends.base.base.BaseDatabaseWrapper.{method}", stopped)
        after = {path: site.get(path).status_code for path in paths}

    assert after == before
    assert list(before.values()).count(200) > 20
