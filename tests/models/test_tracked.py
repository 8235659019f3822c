"""compliance.models.tracked and changesets: no write without who, when and why."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from compliance.models import (
    AIModel,
    Changeset,
    Listing,
    PolicyDocument,
    Provider,
    RetentionClause,
    RetentionTerm,
)
from compliance.models.changesets import NoChangeset, ReasonRefused, changeset
from tests.factories import (
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_term,
    make_user,
)

pytestmark = pytest.mark.django_db


def edit(reason="Mend it", **values):
    return changeset(by=None, label="tests", reason=reason, source="command", **values)


def test_a_write_leaves_a_history_row_with_who_when_why_and_where_from():
    editor = make_user("ann")

    with changeset(by=editor, reason="New contract", source="admin"):
        Provider(name="Acme").save()

    row = Provider.history.get()
    assert (row.name, row.history_type, row.history_user) == ("Acme", "+", editor)
    assert (row.changeset.label, row.changeset.reason, row.changeset.source) == (
        "ann",
        "New contract",
        "admin",
    )
    assert row.history_change_reason == "New contract"


def test_all_writes_in_one_changeset_belong_to_it():
    with edit():
        Provider(name="Acme").save()
        AIModel(name="GPT 6").save()

    assert (
        Provider.history.get().changeset
        == AIModel.history.get().changeset
        == Changeset.objects.get()
    )


def test_a_changeset_that_writes_nothing_is_not_recorded():
    with edit():
        pass

    assert not Changeset.objects.exists()


def test_a_write_outside_of_a_changeset_is_refused():
    with pytest.raises(NoChangeset):
        Provider(name="Acme").save()

    assert not Provider.objects.exists()


def test_a_deletion_outside_of_a_changeset_is_refused():
    provider = make_provider()

    with pytest.raises(NoChangeset):
        provider.delete()

    assert Provider.objects.exists()


@pytest.mark.parametrize(("reason", "message"), [
    ("", "The reason is empty. Say why."),
    ("  \n", "The reason is empty. Say why."),
    ("No\u202ewhy", "The reason cannot be recorded. A character that changes the direction"),
])  # fmt: skip
def test_a_changeset_is_refused_without_a_reason_that_can_be_recorded(reason, message):
    with pytest.raises(ReasonRefused, match=message), edit(reason=reason):
        pass


def test_a_changeset_inside_another_is_refused():
    with edit(), pytest.raises(RuntimeError), edit():
        pass


def test_a_history_row_without_a_changeset_is_refused_by_the_database():
    provider = make_provider("Acme")
    table = Provider.history.model._meta.db_table

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, name, slug, legal_entity, website, processing_countries, storage_countries,"
            " declared_training, aliases, history_type, history_date)"
            " VALUES (%s, 'x', 'x', '', '', '', '', '', '', '~', '2026-01-01')",
            [provider.pk],
        )


def test_a_failure_to_write_the_history_row_undoes_the_write(monkeypatch):
    def fail(self, *args, **kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr(Provider.history.model, "save", fail)

    with pytest.raises(OSError, match="disk"), edit():
        Provider(name="Acme").save()

    assert not Provider.objects.exists()


@pytest.mark.parametrize("write", [
    lambda: Provider.objects.update(name="x"),
    lambda: Provider.objects.bulk_create([Provider(name="x")]),
    lambda: Provider.objects.bulk_update([], ["name"]),
])  # fmt: skip
def test_bulk_writes_that_leave_no_history_are_refused(write):
    with pytest.raises(NotImplementedError), edit():
        write()


def test_a_save_of_some_fields_only_is_refused():
    provider = make_provider()

    with pytest.raises(ValueError, match="update_fields"), edit():
        provider.save(update_fields=["name"])


def test_deleting_a_root_leaves_a_history_row_for_each_part():
    listing = make_listing(models=["GPT 6", "GPT 7"])

    with edit("Retire both"):
        listing.delete()

    deleted = listing.listed_models.model.history.filter(history_type="-")
    assert deleted.count() == 2
    assert {row.changeset.reason for row in deleted} == {"Retire both"}


def test_history_ids_have_64_bits():
    assert Listing.history.model._meta.pk.get_internal_type() == "BigAutoField"


@pytest.mark.parametrize(("text", "message"), [
    ("GPT\u202e6", "direction"), ("GPT\u180e6", "without width"), ("GPT\x006", "control"), (" GPT", "blank"),
    ("GPT\uffff", "no character"), ("GPT\n6", "line break"),
])  # fmt: skip
def test_a_name_that_may_not_be_shown_is_refused(text, message):
    with pytest.raises(ValidationError, match=message), edit():
        AIModel(name=text).save()


def test_a_text_is_stored_as_it_is_seen():
    with edit():
        provider = Provider(name="Acme\u00a0AI", legal_entity="Acme\u2011AI  Ltd\u200b.")
        provider.save()
        note = make_footnote(make_register(), text="One&nbsp;two\u2007three.\nFour")

    assert (provider.name, provider.legal_entity) == ("Acme AI", "Acme-AI Ltd.")
    assert note.text == "One two three.\nFour"


def test_what_nobody_sees_is_no_difference():
    with edit():
        provider = Provider(name="Acme AI")
        provider.save()
        is_changed = provider.set(name="Acme\u00a0AI")

    assert not is_changed
    assert Provider.history.count() == 1


@pytest.mark.parametrize("url", [
    "javascript:alert(1)", "https://user@acme.example/", "https://acme.example\\@evil.com/", "https://127.0.0.1/",
    "https://169.254.169.254/latest", "https://localhost/", "https://acme.example:8080/", "ftp://acme.example/",
    "//evil.com", "https://acme.example/\u202egnp", "https://acme.example/" + "a" * 2000, "https://acme.local/",
    'https://acme.example/"onclick="x',
])  # fmt: skip
def test_a_url_that_may_not_be_published_is_refused(url):
    with pytest.raises(ValidationError), edit():
        Provider(name="Acme", website=url).save()


def test_a_mail_address_is_no_website_and_no_agreement():
    with pytest.raises(ValidationError, match="is a mail address, not that of a page"), edit():
        Provider(name="Acme", website="mailto:privacy@acme.example").save()
    document = PolicyDocument(label="privacy@acme.example", kind="agreement")
    with pytest.raises(ValidationError, match="is a contact, no document"), edit():
        document.save()


def test_a_bare_answer_is_no_agreement():
    with pytest.raises(ValidationError, match="“No” is no document"), edit():
        PolicyDocument(label="No", kind="agreement").save()


def test_what_is_no_agreement_needs_a_url():
    with pytest.raises(ValidationError, match="Only an agreement may have no URL"), edit():
        PolicyDocument(label="Acme documentation", kind="other").save()


def test_a_field_beyond_its_choices_is_refused():
    with pytest.raises(ValidationError, match="declared_training"), edit():
        Provider(name="Acme", declared_training="sometimes").save()


@pytest.mark.parametrize("values", [{"kind": "duration"}, {"kind": "none", "duration": "P30D"}])
def test_a_clause_has_a_duration_exactly_where_it_is_for_a_time(values):
    term = make_term()

    with pytest.raises(ValidationError, match="exactly where"), edit():
        RetentionClause(term=term, **values).save()


@pytest.mark.parametrize("duration", ["30", "P0D", "P1Y2M", "30D", "PT30D", "P٣D"])
def test_a_text_that_is_not_a_duration_is_refused(duration):
    with pytest.raises(ValidationError, match="not a duration"), edit():
        RetentionClause(term=make_term(), kind="duration", duration=duration).save()


def test_a_slug_is_made_of_the_name():
    assert make_model("Claude 4.5 Haiku (reasoning)").slug == "claude-4-5-haiku-reasoning"


def test_the_slug_of_a_deleted_record_is_not_given_again():
    first = make_model("GPT 6")
    with edit():
        first.delete()

    assert make_model("GPT-6").slug == "gpt-6-2"


def test_a_slug_stays_when_the_name_changes():
    model = make_model("GPT 6")

    with edit():
        model.set(name="GPT 6 Turbo")

    model.refresh_from_db()
    assert (model.name, model.slug) == ("GPT 6 Turbo", "gpt-6")


def test_set_writes_only_what_differs():
    term = make_term("30 days")
    provider = make_provider("Acme", declared_retention=term)

    with edit():
        assert not provider.set(name="Acme", declared_retention=term)
        assert provider.set(declared_retention=None)

    assert Provider.history.count() == 2


def test_a_term_that_is_used_cannot_be_deleted():
    term = make_term()
    make_listing(retention=term)

    with pytest.raises(IntegrityError, match="protected"), edit():
        term.delete()

    assert RetentionTerm.objects.filter(pk=term.pk).exists()


@pytest.mark.parametrize(
    "contact",
    [
        "javascript:alert(1)",
        "call us",
        "http://acme.example/",
        "https://127.0.0.1/",
        "https://x.eu/%0d%0aa",
        "a?bcc=b%40y.eu@x.eu",
        "a%0d%0aBcc:b@x.eu",
        "a@x.eu?bcc=b@y.eu",
    ],
)
def test_a_contact_that_is_neither_mail_nor_address_is_refused(contact):
    with pytest.raises(ValidationError, match="contact"):
        make_register(contact=contact)
    assert make_register(contact="privacy@x.eu").pk


@pytest.mark.parametrize("url", ["https://x.eu/%0d%0aa", "https://x.eu/?a=%250a"])
def test_every_address_of_a_record_is_held_to_the_validator_of_urls(url):
    with pytest.raises(ValidationError, match="a control character"):
        make_register(link_base=url)
    with pytest.raises(ValidationError, match="a control character"):
        make_provider(website=url)
    with pytest.raises(ValidationError, match="a control character"):
        make_document(make_provider("Acme"), url=url)


def test_a_footnote_number_that_no_browser_counts_to_is_refused():
    with pytest.raises(ValidationError, match="9999"):
        make_footnote(make_register(), position=123456789012)
