"""Comments, submitting again and statuses on the screens of publications."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from compliance.admin.dashboard.dashboard import Dashboard
from compliance.models import Publication, ReviewComment
from compliance.models.changesets import changeset
from compliance.publishing import approve, ask_for_change, comment, rebase, reject
from tests.factories import make_footnote, make_listing, make_provider, make_user, state
from tests.forms import read
from tests.publications import HOUR, NOON, published, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def listing(editor):
    with changeset(by=editor, reason="Begin"):
        return make_listing(models=["GPT 6"], providers=[make_provider("Acme")])


@pytest.fixture
def waiting(listing, editor, approver):
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="They wrote"):
        state(listing, training="by_default")
    return submitted(listing.register, editor, at=NOON + HOUR)


def path(publication, action="change"):
    return reverse(f"admin:compliance_publication_{action}", args=[publication.pk])


def test_a_comment_on_a_row_stands_at_its_change_and_in_the_list(
    client, waiting, approver, listing
):
    client.force_login(approver)

    answer = client.post(
        path(waiting, "comment"), {"text": "Which region?", "listing": str(listing.pk)}
    )

    assert answer.url == path(waiting)
    assert client.get(answer.url).text.count("Which region?") == 2
    comment(waiting, by=approver, at=NOON + HOUR, text="All of it")
    assert client.get(path(waiting)).text.count("All of it") == 1


def test_the_form_names_the_rows_that_are_left_as_they_are_apart(client, listing, editor, approver):
    with changeset(by=editor, reason="Another row"):
        make_listing(listing.register, models=["Kimi K3"])
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="They wrote"):
        state(listing, training="by_default")
    publication = submitted(listing.register, editor, at=NOON + HOUR)
    client.force_login(approver)

    groups = client.get(path(publication)).text.split("<optgroup")
    reject(publication, by=approver, at=NOON + HOUR, reason="No")
    after = client.get(path(publication)).text.split("<optgroup")

    assert "Rows that it changes" in groups[1]
    assert "GPT 6" in groups[1]
    assert "Rows that it leaves as they are" in groups[2]
    assert "Kimi K3" in groups[2]
    assert len(after) == 2
    assert "Kimi K3" not in after[1].partition("</select>")[0]


def test_a_comment_that_is_refused_stays_in_the_form(client, waiting, approver):
    client.force_login(approver)

    page = client.post(path(waiting, "comment"), {"text": "a\u202eb"}).text

    assert "The comment cannot be recorded." in page
    assert "a\u202eb</textarea>" in page
    assert not ReviewComment.objects.exists()


def test_only_others_are_offered_to_ask_for_a_change(client, waiting, editor, approver):
    client.force_login(approver)
    assert "Ask for a change" in client.get(path(waiting)).text
    client.post(path(waiting, "comment"), {"text": "Name it", "ask": "Ask for a change"})
    assert ReviewComment.objects.get().kind == "change_asked"

    client.force_login(editor)

    assert "Ask for a change" not in client.get(path(waiting)).text


def test_an_auditor_reads_comments_and_writes_none(client, waiting, approver):
    comment(waiting, by=approver, at=NOON + HOUR, text="Which region?")
    client.force_login(make_user("audrey", role="auditor"))

    page = client.get(path(waiting)).text

    assert "Which region?" in page
    assert path(waiting, "comment") not in page


def test_what_was_rejected_is_submitted_again_with_what_was_typed(
    client, waiting, editor, approver, listing
):
    reject(waiting, by=approver, at=NOON + HOUR, reason="Name the region")
    client.force_login(editor)
    desk = client.get(reverse("admin:index")).text
    assert "Name the region" in desk

    again = reverse("admin:compliance_publication_submit", args=[listing.register_id])
    again += f"?again={waiting.pk}"
    assert again in desk
    page = client.get(again)

    assert "\nWhy</textarea>" in page.text
    assert "Known.</textarea>" in page.text
    assert "Nothing was submitted" not in page.text
    assert Publication.objects.count() == 2


def test_what_was_rejected_is_submitted_again_without_what_was_edited_since(
    client, waiting, editor, approver, listing
):
    reject(waiting, by=approver, at=NOON + HOUR, reason="Name the region")
    with changeset(by=editor, reason="Another row"):
        make_listing(listing.register, models=["Qwen 3"], providers=[make_provider("Bolt")])
    client.force_login(editor)
    again = reverse("admin:compliance_publication_submit", args=[listing.register_id])
    again += f"?again={waiting.pk}"

    choices = client.get(again).context["submission"].choices
    submitted(listing.register, editor, at=NOON + 2 * HOUR, listings=[listing])
    choices_in_review = client.get(again).context["submission"].choices

    assert [choice.changed.listing for choice in choices if choice.is_included] == [str(listing.pk)]
    assert len(choices) == 2
    assert [choice for choice in choices_in_review if choice.is_included] == []


def test_what_was_dropped_is_off_the_desk(client, waiting, editor, approver):
    reject(waiting, by=approver, at=NOON + HOUR, reason="Name the region")
    client.force_login(editor)
    assert "Change and submit again" in client.get(path(waiting)).text

    client.post(path(waiting, "drop"), {"reason": "Not needed"})

    assert "Change and submit again" not in client.get(path(waiting)).text
    assert Dashboard(editor, NOON + HOUR).submissions.unfinished == []


def test_the_desk_says_that_a_change_is_asked_for(client, waiting, editor, approver):
    client.force_login(editor)
    assert "A change is asked for." not in client.get(reverse("admin:index")).text

    ask_for_change(waiting, by=approver, at=NOON + HOUR, text="Name the region")

    assert "A change is asked for." in client.get(reverse("admin:index")).text


def test_what_was_said_stays_when_it_is_brought_up_to_date(
    client, waiting, editor, approver, listing
):
    ask_for_change(waiting, by=approver, at=NOON + HOUR, text="Name the region")
    with changeset(by=editor, reason="Another title"):
        listing.register.set(title="Another title")
    published(listing.register, editor, approver, at=NOON + 2 * HOUR, listings=[])

    renewal = rebase(waiting, by=approver, at=NOON + 3 * HOUR)

    client.force_login(editor)
    assert "Name the region" in client.get(path(renewal)).text
    assert "A change is asked for." in client.get(reverse("admin:index")).text


def test_the_list_names_statuses_and_filters_by_them(client, waiting, editor, approver):
    client.force_login(editor)
    path = reverse("admin:compliance_publication_changelist")

    everything = client.get(path)
    in_review = client.get(path, {"status": "in_review"})

    assert [publication.status for publication in everything.context["cl"].result_list] == [
        "in_review",
        "in_force",
    ]
    assert list(in_review.context["cl"].result_list) == [waiting]


def test_rows_say_what_is_pending(client, waiting, listing, editor, approver):
    make_listing(listing.register, models=["Qwen 4"], providers=["Bolt"])
    client.force_login(editor)
    rows = reverse("admin:compliance_listing_changelist")
    form = reverse("admin:compliance_listing_change", args=[listing.pk])

    shown = {
        row.pk: (row.part_state.differs, len(row.part_state.in_review))
        for row in client.get(rows).context["cl"].result_list
    }

    assert shown.pop(listing.pk) == (True, 1)
    assert list(shown.values()) == [(True, 0)]
    found = client.get(rows, {"state": "in_review"}).context["cl"].result_list
    assert [row.pk for row in found] == [listing.pk]
    assert "This row differs from the page in force." in client.get(form).text
    assert path(waiting) in client.get(form).text


def form_of(client, record):
    """Return the text of a record's form, in one line."""
    address = f"admin:compliance_{record._meta.model_name}_change"
    return " ".join(client.get(reverse(address, args=[record.pk])).text.split())


def test_a_footnote_says_what_is_pending(client, listing, editor, approver):
    register = listing.register
    note, other = make_footnote(register), make_footnote(register)
    published(register, editor, approver)
    client.force_login(editor)
    assert "This footnote" not in form_of(client, note)
    with changeset(by=editor, reason="They wrote"):
        note.set(text="A court order")
    later = submitted(register, editor, at=NOON + HOUR)

    footnotes = reverse("admin:compliance_footnote_changelist")
    listed = client.get(footnotes).context["cl"].result_list
    found = client.get(footnotes, {"state": "in_review"}).context["cl"].result_list

    assert {one.pk: one.part_state.differs for one in listed} == {note.pk: True, other.pk: False}
    assert [one.pk for one in found] == [note.pk]
    assert "This footnote differs from the page in force." in form_of(client, note)
    assert "This footnote is in review:" in form_of(client, note)
    assert path(later) in form_of(client, note)
    assert "This footnote" not in form_of(client, other)
    assert "differ from the page in force" not in form_of(client, register)


def test_a_register_says_which_of_its_texts_are_pending(client, listing, editor, approver):
    register = listing.register
    published(register, editor, approver)
    client.force_login(editor)
    assert "page in force." not in form_of(client, register)
    with changeset(by=editor, reason="They moved"):
        register.set(title="Another title", publisher="Somebody else")
    with changeset(by=editor, reason="A clearer label"):
        register.sections.get().columns.first().set(label="Names of models")
    later = submitted(register, editor, at=NOON + HOUR, held_back=["register:title"])

    listed = client.get(reverse("admin:compliance_register_changelist")).context["cl"].result_list

    shown = form_of(client, register)
    assert "Title, Publisher and Column “Names of models” of section 1 differ from" in shown
    assert "Publisher and Column “Names of models” of section 1 are in review:" in shown
    assert path(later) in shown
    assert [(one.part_state.differs, len(one.part_state.in_review)) for one in listed] == [
        (True, 1)
    ]
    assert "This row" not in form_of(client, listing)


def test_models_and_providers_say_what_is_pending_of_their_facts(client, listing, editor, approver):
    register = listing.register
    model, provider = (
        listing.listed_models.first().model,
        listing.listed_providers.first().provider,
    )
    published(register, editor, approver)
    client.force_login(editor)
    with changeset(by=editor, reason="They wrote"):
        model.set(developer="A developer")
        provider.set(legal_entity="Another entity")

    assert f"What {register} says of this model differs from" in form_of(client, model)
    assert f"What {register} says of this provider differs from" in form_of(client, provider)


def test_states_are_shown_only_to_people_who_see_publications(client, listing, editor, approver):
    note = make_footnote(listing.register)
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="They wrote"):
        note.set(text="A court order")
    onlooker = make_user("onlooker")
    onlooker.is_staff = True
    onlooker.save()
    onlooker.user_permissions.add(Permission.objects.get(codename="view_footnote"))
    client.force_login(onlooker)

    assert "page in force" not in form_of(client, note)
    [listed] = client.get(reverse("admin:compliance_footnote_changelist")).context["cl"].result_list
    assert not hasattr(listed, "part_state")


def test_a_row_says_for_when_it_is_scheduled(client, listing, editor, approver):
    published(listing.register, editor, approver)
    with changeset(by=editor, reason="They wrote"):
        state(listing, training="by_default")
    at = NOON + HOUR
    moment = at + timedelta(days=3650)
    later = submitted(listing.register, editor, at=at, effective_from=moment, announce=True)
    approve(later, by=approver, at=at, approval_sha256=later.approval_sha256)
    client.force_login(editor)

    rows = client.get(reverse("admin:compliance_listing_changelist"), {"state": "announced"})
    form = client.get(reverse("admin:compliance_listing_change", args=[listing.pk]))

    assert "announced for 27 Feb 2036, 13:00 UTC" in read(rows)
    assert "is announced for 27 Feb 2036, 13:00 UTC" in read(form)
    assert "Announced for" in read(client.get(reverse("admin:index")))


def test_a_row_says_that_its_changes_were_rejected(client, waiting, listing, approver, editor):
    client.force_login(editor)
    rows = reverse("admin:compliance_listing_changelist")
    before = client.get(rows, {"state": "unfinished"}).context["cl"].result_list

    reject(waiting, by=approver, at=NOON + HOUR, reason="No")

    found = client.get(rows, {"state": "unfinished"})
    form = client.get(reverse("admin:compliance_listing_change", args=[listing.pk]))
    assert (list(before), len(found.context["cl"].result_list)) == ([], 1)
    assert "rejected or called off" in read(found)
    assert "was rejected, and not submitted again" in read(form)
    assert path(waiting) in form.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "typed", "field"),
    [
        ("reject", {"reason": " "}, "reject-reason"),
        ("withdraw", {"reason": ""}, "withdraw-reason"),
        ("comment", {"text": " "}, "comment-text"),
    ],
)
def test_an_act_that_is_refused_has_a_summary_that_leads_to_its_field(
    client, editor, approver, act, typed, field
):
    publication = submitted(make_listing().register, editor)
    client.force_login(approver if act == "reject" else editor)

    page = client.post(f"/admin/compliance/publication/{publication.pk}/{act}/", typed).text

    assert "There is a problem" in page
    assert f'href="#{field}"' in page
    assert f'id="{field}"' in page
    assert "<title>Error:" in " ".join(page.split()).replace("<title> ", "<title>")
