"""Slugs that could never be published: refused by validation, and by the database without it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, models, transaction

from compliance.models import AIModel, Provider, Record, Register
from compliance.page import slugs
from compliance.published import storage
from compliance.publishing import NotApprovable
from tests.factories import make_model, make_provider, make_register
from tests.publications import published

pytestmark = pytest.mark.django_db
UNUSABLE = ["", "record", "checkpoint", "robots", "語" * 67]
NAMES = ["empty", "record", "checkpoint", "robots", "long"]


def insert(model: type[models.Model], slug: str, **values: str) -> None:
    """Insert a row past validation and history, and take it back."""
    with transaction.atomic():
        models.QuerySet(model).bulk_create([model(slug=slug, **values)])
        transaction.set_rollback(True)


def drop_constraint() -> None:
    """Let the database take every slug of a register."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = 1")
        else:
            cursor.execute(
                "ALTER TABLE compliance_register DROP CONSTRAINT compliance_register_slug_usable"
            )


@pytest.fixture
def unguarded(monkeypatch):
    """Take away what refuses slugs: the validation and the constraint."""
    monkeypatch.setattr(slugs, "register_slug_fault", lambda slug: None)
    monkeypatch.setattr(Register, "validate_constraints", lambda self, exclude=None: None)
    drop_constraint()
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = 0")


@pytest.mark.parametrize("slug", UNUSABLE, ids=NAMES)
def test_a_register_cannot_have_a_slug_that_could_not_be_published(slug):
    with pytest.raises(ValidationError, match="slug"):
        make_register(slug=slug)


@pytest.mark.parametrize("slug", [*UNUSABLE, "a" * 101], ids=[*NAMES, "characters"])
def test_the_database_refuses_a_slug_that_could_not_be_published(slug):
    # PostgreSQL says DataError where a text is longer than its column.
    with pytest.raises((IntegrityError, DataError)):
        insert(Register, slug, title="A title")
    insert(Register, "語" * 66, title="A title")


@pytest.mark.parametrize("model", [AIModel, Provider])
def test_the_database_refuses_a_slug_of_a_party_that_is_no_name_of_a_file(model):
    for slug in ("", "語" * 67):
        with pytest.raises(IntegrityError):
            insert(model, slug, name="A name")
    insert(model, "語" * 66, name="A name")


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["record", "語" * 90], ids=["taken", "long"])
def test_without_its_guards_such_a_register_cannot_be_published(unguarded, slug, editor, approver):
    storage.claim(str(Record.identity()))
    register = make_register(slug=slug)

    with pytest.raises(NotApprovable, match="published store cannot be written"):
        published(register, editor, approver)


@pytest.mark.parametrize("make", [make_model, make_provider])
def test_long_names_that_begin_alike_have_slugs_of_their_own(make):
    first, second = make("語" * 199 + "甲"), make("語" * 199 + "乙")

    assert (first.slug, second.slug) == ("語" * 66, f"{'語' * 66}-2")
