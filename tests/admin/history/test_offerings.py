"""The question since when a model's prompts go to a provider, and the screen that answers it."""

import html
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from compliance.admin.history.offerings import OfferingAnswer
from compliance.admin.offerings import OfferingForm
from compliance.models import AIModel, ListedModel, ListedProvider, Listing, Provider
from compliance.models.changesets import changeset
from compliance.publishing import approve, withdraw
from compliance.publishing.statuses import Status
from tests.factories import (
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_user,
    state,
)
from tests.publications import HOUR, NOON, published, submitted

pytestmark = pytest.mark.django_db
LATER = NOON + 24 * HOUR


@pytest.fixture
def row(editor):
    with changeset(by=editor, reason="Begin"):
        return make_listing(models=["Kimi K3"], providers=[make_provider("Bolt")])


@pytest.fixture
def qwen(row, editor, approver):
    """Publish a page without the model, and then one that lists it at Acme."""
    published(row.register, editor, approver)
    with changeset(by=editor, reason="Acme is cheaper"):
        listing = make_listing(
            row.register, models=["Qwen 4"], providers=[make_provider("Acme")], training="never"
        )
    published(row.register, editor, approver, at=NOON + HOUR)
    return listing


def answer(register, at=LATER):
    return OfferingAnswer(register, frozenset(["qwen-4"]), "acme", at)


def reasons(step):
    return {changeset.reason for change in step.changes for changeset in change.changesets}


def edited(by, listing, use, reason):
    with changeset(by=by, reason=reason):
        state(listing, training=use)


def test_it_says_since_when_by_whom_why_and_approved_by_whom(qwen, editor):
    [period] = answer(qwen.register).periods

    assert (period.first.at, period.end) == (NOON + HOUR, None)
    assert (period.first.approval.number, period.first.approval.label) == (2, "ada")
    assert reasons(period.first) == {"Acme is cheaper"}
    assert {by.label for change in period.first.changes for by in change.changesets} == {"eve"}


def test_each_change_of_terms_is_a_step(qwen, editor, approver):
    edited(editor, qwen, "by_default", "The terms of March")
    published(qwen.register, editor, approver, at=NOON + 2 * HOUR)

    [period] = answer(qwen.register).periods

    assert [step.at for step in period.steps] == [NOON + HOUR, NOON + 2 * HOUR]
    assert reasons(period.steps[1]) == {"The terms of March"}
    words = [[text for _, text in step.terms[0].claims] for step in period.steps]
    assert [said[0] for said in words] == ["No", "Yes"]


COURT_ORDER = "A court orders to keep all logs."


def mark_of(listing, kind):
    """Return what a citation of a claim, model or provider of a row cites it on."""
    model, provider = listing.listed_models.get(), listing.listed_providers.get()
    return {
        "claim": {"cell": cell_of(listing, "training")},
        "listed model": {"listed_model": model},
        "model": {"model": model.model},
        "listed provider": {"listed_provider": provider},
        "provider": {"provider": provider.provider},
    }[kind]


@pytest.mark.parametrize("kind", ["claim", "listed model", "model", "listed provider", "provider"])
def test_a_footnote_that_qualifies_it_is_a_step_with_its_text(qwen, editor, approver, kind):
    with changeset(by=editor, reason="The order of May"):
        cite(make_footnote(qwen.register, text=COURT_ORDER), **mark_of(qwen, kind))
    published(qwen.register, editor, approver, at=NOON + 2 * HOUR)

    [period] = answer(qwen.register).periods

    notes = [[text for _, text in step.terms[0].notes] for step in period.steps]
    assert notes == [[], [COURT_ORDER]]
    assert reasons(period.steps[1]) == {"The order of May"}


def test_another_text_of_its_footnote_is_a_step(qwen, editor, approver):
    with changeset(by=editor, reason="A first word of it"):
        note = make_footnote(qwen.register, text="A court is asked.")
        cite(note, **mark_of(qwen, "claim"))
    published(qwen.register, editor, approver, at=NOON + 2 * HOUR)
    assert not answer(qwen.register).is_edited
    with changeset(by=editor, reason="The order of May"):
        note.set(text=COURT_ORDER)
    assert answer(qwen.register).is_edited
    published(qwen.register, editor, approver, at=NOON + 3 * HOUR)

    [period] = answer(qwen.register).periods

    assert [text for _, text in period.steps[-1].terms[0].notes] == [COURT_ORDER]
    assert reasons(period.steps[2]) == {"The order of May"}


def test_another_number_of_its_footnote_and_a_footnote_of_another_row_are_no_steps(
    qwen, row, editor, approver
):
    with changeset(by=editor, reason="The order of May"):
        order = make_footnote(qwen.register, text=COURT_ORDER)
        cite(order, **mark_of(qwen, "claim"))
    published(qwen.register, editor, approver, at=NOON + 2 * HOUR)
    with changeset(by=editor, reason="Of another row"):
        order.set(position=2)
        first = make_footnote(qwen.register, text="Of Bolt.", position=1)
        cite(first, listed_model=row.listed_models.get())
    published(qwen.register, editor, approver, at=NOON + 3 * HOUR)

    asked = answer(qwen.register)

    [period] = asked.periods
    assert [step.terms[0].notes for step in period.steps] == [(), ((1, COURT_ORDER),)]
    assert asked.working.terms[0].notes == ((2, COURT_ORDER),)
    assert not asked.is_edited


def test_a_document_of_the_provider_is_a_step(qwen, editor, approver):
    with changeset(by=editor, reason="Their new terms"):
        provider = qwen.listed_providers.get().provider
        make_document(provider, label="Terms of Acme", url="https://acme.example/terms")
    published(qwen.register, editor, approver, at=NOON + 2 * HOUR)

    [period] = answer(qwen.register).periods

    documents = [step.terms[0].documents for step in period.steps]
    assert documents == [(), (("Terms of Acme", "https://acme.example/terms"),)]
    assert reasons(period.steps[1]) == {"Their new terms"}


def test_what_is_only_of_another_party_of_the_row_is_no_step(qwen, editor, approver):
    with changeset(by=editor, reason="Bolt comes along"):
        bolt, other = Provider.objects.get(slug="bolt"), make_model("Other")
        listed = ListedProvider(listing=qwen, provider=bolt, position=20)
        listed.save()
        ListedModel(listing=qwen, model=other, position=20).save()
    published(qwen.register, editor, approver, at=NOON + 2 * HOUR)
    with changeset(by=editor, reason="Of Bolt alone"):
        cite(make_footnote(qwen.register, text="Of Bolt."), listed_provider=listed)
        make_document(bolt, label="Terms of Bolt")
        cite(make_footnote(qwen.register, text="Of the other model."), model=other)
    published(qwen.register, editor, approver, at=NOON + 3 * HOUR)

    [period] = answer(qwen.register).periods

    assert len(period.steps) == 1
    assert answer(qwen.register).working.terms[0].notes == ()


def test_a_publication_that_changes_other_rows_is_no_step(qwen, row, editor, approver):
    edited(editor, row, "by_default", "Of another row")
    published(qwen.register, editor, approver, at=NOON + 2 * HOUR)

    [period] = answer(qwen.register).periods

    assert len(period.steps) == 1


def test_a_model_that_moves_to_another_row_with_equal_terms_stays(qwen, editor, approver):
    with changeset(by=editor, reason="A row of its own"):
        listed = qwen.listed_models.get()
        make_listing(
            qwen.register,
            models=[listed.model, make_model("Other")],
            providers=[qwen.listed_providers.get().provider],
            training="never",
        )
        Listing.objects.get(pk=qwen.pk).delete()
    published(qwen.register, editor, approver, at=NOON + 2 * HOUR)

    [period] = answer(qwen.register).periods

    assert (len(period.steps), period.end) == (1, None)


def test_a_period_ends_where_the_page_no_longer_lists_it(qwen, editor, approver):
    with changeset(by=editor, reason="Retired"):
        qwen.delete()
    published(qwen.register, editor, approver, at=NOON + 2 * HOUR)

    [period] = answer(qwen.register).periods

    assert (period.end.at, period.end.approval.number) == (NOON + 2 * HOUR, 3)
    assert reasons(period.end) == {"Retired"}


def test_what_a_withdrawal_brings_back_names_the_withdrawal(qwen, editor, approver):
    edited(editor, qwen, "by_default", "A slip")
    wrong = published(qwen.register, editor, approver, at=NOON + 2 * HOUR)
    withdraw(wrong, by=approver, at=NOON + 3 * HOUR, reason="It was a slip")

    [period] = answer(qwen.register).periods

    assert [step.at - NOON for step in period.steps] == [HOUR, 2 * HOUR, 3 * HOUR]
    assert period.steps[2].withdrawal.reason == "It was a slip"
    assert period.steps[2].publication == period.steps[0].publication


def test_it_ends_by_the_withdrawal_of_the_only_page(editor, approver):
    with changeset(by=editor, reason="Begin"):
        listing = make_listing(models=["Qwen 4"], providers=[make_provider("Acme")])
    only = published(listing.register, editor, approver)
    withdraw(only, by=approver, at=NOON + HOUR, reason="Wrong page")

    [period] = answer(listing.register).periods

    assert (period.end.publication, period.end.withdrawal.reason) == (None, "Wrong page")


def test_it_names_what_waits_and_what_the_working_copy_says(qwen, editor, approver):
    assert not answer(qwen.register).is_edited
    edited(editor, qwen, "by_default", "From April")
    at = NOON + 2 * HOUR
    scheduled = submitted(qwen.register, editor, at=at, effective_from=at + timedelta(days=30))
    approve(scheduled, by=approver, at=at, approval_sha256=scheduled.approval_sha256)

    asked = answer(qwen.register)

    [pending] = asked.pending
    assert (pending.publication, pending.status) == (scheduled, Status.SCHEDULED)
    assert pending.terms == asked.working.terms != asked.periods[0].steps[-1].terms
    assert asked.is_edited


def test_it_says_by_whom_and_why_what_waits_was_submitted_and_approved(qwen, editor, approver):
    edited(editor, qwen, "by_default", "From April")
    at, moment = NOON + 2 * HOUR, NOON + timedelta(days=30)
    scheduled = submitted(qwen.register, editor, at=at, effective_from=moment, announce=True)

    [in_review] = answer(qwen.register).pending
    approve(scheduled, by=approver, at=at, approval_sha256=scheduled.approval_sha256)
    [announced] = answer(qwen.register).pending

    assert (in_review.approval, in_review.effective_from) == (None, moment)
    assert (announced.approval.label, announced.effective_from) == ("ada", moment)
    assert reasons(announced) == reasons(in_review) == {"From April"}


def test_an_announcement_that_was_called_off_is_mentioned_with_its_reason(
    qwen, row, editor, approver
):
    def call_off(listing, at):
        edited(editor, listing, "by_default", "From April")
        publication = submitted(
            qwen.register, editor, at=at, effective_from=NOON + timedelta(days=30), announce=True
        )
        approve(publication, by=approver, at=at, approval_sha256=publication.approval_sha256)
        withdraw(publication, by=approver, at=at + HOUR, reason=f"Not {listing.position}")
        edited(editor, listing, "never", "Back")
        return publication

    mine = call_off(qwen, NOON + 2 * HOUR)
    # The control: one that says nothing else of the offering.
    call_off(row, NOON + 4 * HOUR)

    asked = answer(qwen.register)

    [called_off] = asked.called_off
    assert (called_off.publication, called_off.status) == (mine, Status.CALLED_OFF)
    assert called_off.calling_off.reason == f"Not {qwen.position}"
    assert called_off.terms != asked.periods[0].steps[-1].terms
    assert asked.pending == []


@pytest.mark.slow
def test_the_screen_tells_of_what_is_announced_and_called_off_when_by_whom_and_why(
    qwen, editor, approver
):
    edited(editor, qwen, "by_default", "From April")
    at = NOON + 2 * HOUR
    scheduled = submitted(
        qwen.register, editor, at=at, effective_from=NOON + timedelta(days=30), announce=True
    )
    approve(scheduled, by=approver, at=at, approval_sha256=scheduled.approval_sha256)
    client = Client()
    client.force_login(make_user("reader", role="auditor"))

    def read():
        with time_machine.travel(NOON + 4 * HOUR, tick=False):
            page = client.get("/admin/offering/", {"model": "qwen-4", "provider": "acme"})
        return " ".join(page.content.decode().split())

    announced = read()
    withdraw(scheduled, by=approver, at=NOON + 3 * HOUR, reason="They took it back")
    called_off = read()

    assert "<dt>Announced</dt>" in announced
    assert "31 Mar 2026, 12:00 UTC</time>" in announced
    assert announced.count("Submitted by eve: Why. Approved by ada") == 2
    assert announced.count("From April") == 1
    assert "<dt>Announced</dt>" not in called_off
    assert "<dt>Called off</dt>" in called_off
    assert "UTC</time>: They took it back" in called_off


def test_a_model_takes_on_the_history_of_those_that_it_continues(qwen, editor, approver):
    asked = OfferingAnswer(qwen.register, frozenset(["qwen-4-new", "qwen-4"]), "acme", LATER)

    assert len(asked.periods) == 1
    assert not OfferingAnswer(qwen.register, frozenset(["qwen-4-new"]), "acme", LATER).is_known


@pytest.mark.slow
@pytest.mark.parametrize("role", ["auditor", "editor", "approver"])
def test_the_screen_answers_every_role(qwen, role, editor):
    with changeset(by=editor, reason="The order of May"):
        cite(make_footnote(qwen.register, text=COURT_ORDER), **mark_of(qwen, "claim"))
        provider = qwen.listed_providers.get().provider
        make_document(provider, label="Terms of Acme", url="https://acme.example/terms")
    client = Client()
    client.force_login(make_user("reader", role=role))

    page = client.get("/admin/offering/", {"model": "qwen-4", "provider": "acme"})

    said = page.content.decode()
    assert "Footnote 1: A court orders to keep all logs." in said
    assert "Document: Terms of Acme, https://acme.example/terms" in said
    assert "Acme is cheaper" in said
    assert "Approved by ada" in said


@pytest.mark.slow
@pytest.mark.parametrize("model", ["qwen-4", "qwen-4-1", "qwen-5"])
def test_the_screen_answers_for_each_id_of_a_continued_model(qwen, editor, approver, model):
    for name, former in (("Qwen 4.1", "qwen-4"), ("Qwen 5", "qwen-4-1")):
        with changeset(by=editor, reason="The same model"):
            listed = qwen.listed_models.get()
            listed.set(model=make_model(name, continues=former))
            AIModel.objects.get(slug=former).delete()
    published(qwen.register, editor, approver, at=NOON + 2 * HOUR)
    client = Client()
    client.force_login(editor)

    [asked] = client.get("/admin/offering/", {"model": model, "provider": "acme"}).context[
        "answers"
    ]

    assert asked.models == {"qwen-4", "qwen-4-1", "qwen-5"}
    assert [(len(period.steps), period.end) for period in asked.periods] == [(1, None)]


@pytest.mark.slow
def test_the_screen_says_that_it_was_never_listed(qwen, editor):
    client = Client()
    client.force_login(editor)

    page = client.get("/admin/offering/", {"model": "qwen-4", "provider": "bolt"})

    assert "No page ever listed this model" in page.content.decode()


class TestAsking:
    """How a model and a provider are named in the address of the screen."""

    @pytest.fixture(autouse=True)
    def _known(self, editor):
        with changeset(by=editor, reason="Begin"):
            for name in ("GPT 5", "GPT 5 mini", "Kimi K3"):
                make_model(name, slug=f"{name.lower().replace(' ', '-')}-id")
            make_provider("Acme")
            AIModel.objects.get(name="Kimi K3").delete()

    def ask(self, **asked):
        return OfferingForm({"provider": "acme", **asked}, is_bound=True)

    @pytest.mark.parametrize(
        ("text", "id"),
        [
            ("gpt-5-id", "gpt-5-id"),
            ("GPT 5", "gpt-5-id"),
            ("gpt-5 MINI", "gpt-5-mini-id"),
            ("Kimi K3", "kimi-k3-id"),
        ],
    )
    def test_takes_an_id_or_the_name_of_only_one(self, text, id):
        form = self.ask(model=text)

        assert form.is_valid()
        assert form.cleaned_data == {"model": id, "provider": "acme"}
        assert f'<option value="{id}" selected>' in str(form["model"])

    def test_takes_an_id_even_if_another_one_is_called_so(self, editor):
        with changeset(by=editor, reason="Odd"):
            make_model("gpt-5-id", slug="other")

        assert self.ask(model="gpt-5-id").data["model"] == "gpt-5-id"

    @pytest.mark.slow
    def test_offers_the_ids_of_similar_ones(self, editor):
        client = Client()
        client.force_login(editor)

        page = client.get("/admin/offering/", {"model": "GPT 5 mino", "provider": "100 % Acme"})

        text = html.unescape(page.content.decode())
        assert (
            "There was never one called GPT 5 mino. Choose one, or give its id, such as"
            " gpt-5-mini-id (GPT 5 mini) or gpt-5-id (GPT 5)"
        ) in text
        assert "There was never one called 100 % Acme." in text

    def test_wants_the_id_where_several_have_the_name(self, editor):
        with changeset(by=editor, reason="The same again"):
            make_model("Kimi K3", slug="kimi-again")

        assert self.ask(model="kimi k3").errors["model"] == [
            "kimi k3 is the name of several. Give the id of one: kimi-k3-id, kimi-again."
        ]
