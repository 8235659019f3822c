"""Tests of compliance.admin.history.timeline and views: filters, pages and exports."""

import csv
import io
import json
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.admin.history import timeline, views
from compliance.admin.history.timeline import Timeline, TimelineFilter
from compliance.models import AIModel, Listing, Provider, ledger
from compliance.models.changesets import changeset
from tests.factories import (
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_term,
    make_user,
    state,
)

pytestmark = pytest.mark.django_db
CHANGESETS = "/admin/compliance/changeset/"


def because(reason, *, label="lena", by=None):
    return changeset(by=by, label=label, reason=reason, source="command")


def reasons(scope, **filters):
    timeline = Timeline(scope, TimelineFilter(**filters))
    return [entry.changeset.reason for entry in timeline.entries()]


def lines(scope, **filters):
    timeline = Timeline(scope, TimelineFilter(**filters))
    lines = [line for entry in timeline.entries() for line in entry.lines]
    return [(line.what, line.before, line.after) for line in lines]


@pytest.fixture
def auditor(client: Client) -> Client:
    client.force_login(make_user("audrey", role="auditor"))
    return client


@pytest.mark.slow
def test_the_history_of_a_model_says_who_removed_it_from_which_listing():
    listing = make_listing(models=["o3", "o4"])
    with because("o3 is gone", label="mia"):
        listing.listed_models.first().delete()
    with because("o4 is replaced"):
        listing.listed_models.get().set(model=make_model("o5"))
    with because("o5 is replaced"):
        listing.listed_models.get().set(model=make_model("o6"))

    o3, o4 = (
        timeline.record_scope(AIModel, AIModel.objects.get(name=name).pk) for name in ("o3", "o4")
    )

    [left, _] = Timeline(o3, TimelineFilter()).entries()
    assert (left.changeset.label, left.changeset.reason) == ("mia", "o3 is gone")
    assert ("Model in the row of o4", "o3", "") in [
        (line.what, line.before, line.after) for line in left.lines
    ]
    assert reasons(o4) == ["o4 is replaced", "Set the scene"]


@pytest.mark.slow
def test_the_history_of_a_model_has_what_changed_in_its_listing_while_it_was_there():
    listing = make_listing(models=["o3", "o4"], providers=["Acme"], training="never")
    make_listing(listing.register, models=["Other"], providers=["Bolt"])
    note = make_footnote(listing.register, text="A court order")
    with because("It trains"):
        state(listing, training="by_default")
    with because("To Bolt as well"):
        listing.listed_providers.create(provider=Provider.objects.get(name="Bolt"), position=20)
    with because("The court order"):
        cite(note, cell=cell_of(listing, "training"))
    with because("o3 is gone"):
        listing.listed_models.get(model__name="o3").delete()
    with because("Without o3"):
        state(listing, training="never")

    o3, o4 = (
        timeline.record_scope(AIModel, AIModel.objects.get(name=name).pk) for name in ("o3", "o4")
    )
    bolt = timeline.record_scope(Provider, Provider.objects.get(name="Bolt").pk)

    together = ["The court order", "To Bolt as well", "It trains", "Set the scene"]
    assert reasons(o3) == ["o3 is gone", *together]
    assert reasons(o4) == ["Without o3", *together]
    assert reasons(bolt)[:3] == ["Without o3", "o3 is gone", "The court order"]
    assert "It trains" not in reasons(bolt)


@pytest.mark.slow
def test_the_time_line_of_a_register_has_every_record_it_ever_named_and_no_others():
    ours, theirs = make_register(), make_register()
    with because("Ours"):
        listing = make_listing(
            ours, models=["GPT 6"], providers=["Acme"], retention=make_term("Ours only")
        )
        note = make_footnote(ours, text="Ours")
        cite(note, listed_model=listing.listed_models.get())
        document = make_document(listing.listed_providers.get().provider)
    with because("Theirs"):
        make_listing(
            theirs, models=["Kimi K3"], providers=["Bolt"], retention=make_term("Theirs only")
        )
        make_footnote(theirs, text="Theirs")
    expected = []
    for reason, record in (
        ("The text", ours),
        ("The model", AIModel.objects.get(name="GPT 6")),
        ("The provider", Provider.objects.get(name="Acme")),
        ("The document", document),
        ("The term", cell_of(listing, "retention").term),
        ("The note", note),
    ):
        field = {"GPT 6": "developer", "Acme": "legal_entity"}.get(str(record)) or next(
            name for name in ("title", "label", "wording", "text") if hasattr(record, name)
        )
        record.refresh_from_db()
        with because(reason):
            record.set(**{field: f"Another {field}"})
        expected.insert(0, reason)
    with because("The mark is gone"):
        note.citations.get().delete()
    listing.refresh_from_db()
    with because("The row is gone"):
        listing.delete()
    with because("The model, unlisted"):
        AIModel.objects.get(name="GPT 6").set(developer="Somebody")

    found = reasons(timeline.register_scope(ours.pk))

    later = ["The model, unlisted", "The row is gone", "The mark is gone"]
    assert found == [*later, *expected, "Ours", "Set the scene"]
    assert not any(
        "Theirs" in part for line in lines(timeline.register_scope(ours.pk)) for part in line
    )


@pytest.mark.slow
def test_several_filters_must_all_match():
    eve = make_user("eve")
    acme, bolt = make_provider("Acme"), make_provider("Bolt")
    with changeset(by=eve, reason="By hand"):
        acme.set(legal_entity="Acme Ireland Ltd")
    with because("By command", label="eve"):
        acme.set(legal_entity="Acme France SA")
    with because("Another"):
        bolt.set(legal_entity="Bolt GmbH")
        make_model("Bolt One")
    everything = timeline.everything_scope()
    people = {key: condition for key, (_, condition) in views.editors().items()}

    assert reasons(everything, by=people[str(eve.pk)]) == ["By hand"]
    assert reasons(everything, by=people["command:eve"]) == ["By command"]
    assert reasons(everything, source="admin") == ["By hand"]
    assert reasons(everything, word="ireland") == ["By command", "By hand"]  # it came, and it went
    assert reasons(everything, word="ireland", by=people["command:eve"]) == ["By command"]
    assert reasons(everything, name="acm") == ["By command", "By hand", "Set the scene"]
    assert reasons(everything, kind=AIModel, name="bolt") == ["Another"]
    assert lines(everything, kind=AIModel, name="bolt")[0] == (
        "Model, Bolt One: name",
        "",
        "Bolt One",
    )
    assert "Bolt GmbH" not in str(lines(everything, kind=AIModel))


@pytest.mark.slow
def test_a_word_is_found_in_reasons_choices_and_names_of_every_script():
    listing = make_listing(models=["Модель"], providers=["Ärzte AI"])
    with because("Größe geändert"):
        state(listing, training="opt_out")
    with because("100% of it"):
        make_footnote(listing.register, text="a_b")
    everything = timeline.everything_scope()

    assert reasons(everything, word="GRÖßE") == ["Größe geändert"]
    assert reasons(everything, word="МОДЕЛЬ") == ["Set the scene"]
    assert reasons(everything, word="ärzte") == ["Set the scene"]
    assert reasons(everything, word="UNLESS the customer") == ["Größe geändert"]
    assert reasons(everything, word="0%") == ["100% of it"]
    assert reasons(everything, word="a_b") == ["100% of it"]
    assert reasons(everything, word="axb") == []


def test_a_deleted_record_is_found_by_its_name(auditor):
    provider = make_provider("Gone AI")
    pk = provider.pk
    with because("Contract ended"):
        provider.delete()

    page = auditor.get(CHANGESETS, {"name": "gone ai", "kind": "provider"}).content.decode()

    assert "Contract ended" in page
    assert f"/admin/compliance/provider/{pk}/history/" in page


def _moment(text):
    return datetime.fromisoformat(text)


def test_the_filters_for_days_mean_whole_days_in_utc(monkeypatch):
    for moment in (
        "2026-03-01T23:59:59.9+00:00",
        "2026-03-02T00:00:00+00:00",
        "2026-03-02T23:59:59.999999+00:00",
    ):
        clock = SimpleNamespace(now=partial(_moment, moment))
        monkeypatch.setattr(ledger, "timezone", clock)
        with because(moment[:10]):
            make_provider()
    day = datetime(2026, 3, 2, tzinfo=UTC).date()

    assert reasons(timeline.everything_scope(), since=day) == ["2026-03-02", "2026-03-02"]
    assert reasons(timeline.everything_scope(), until=day, since=day) == [
        "2026-03-02",
        "2026-03-02",
    ]
    assert reasons(timeline.everything_scope(), until=day.replace(day=1)) == ["2026-03-01"]


@pytest.mark.slow
def test_countries_are_shown_and_found_by_name():
    with because("Moved"):
        provider = make_provider("Acme", storage_countries=["DE", "FR"])

    assert ("Storage countries", "", "Germany, France") in lines(
        timeline.record_scope(Provider, provider.pk)
    )
    assert reasons(timeline.everything_scope(), word="germany") == ["Moved"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"since": "yesterday"}, "“yesterday” is not a day."),
        ({"since": "2026-02-30"}, "There is no “2026-02-30”"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "2026-03-01 is before 2026-03-02."),
        ({"by": "9" * 30}, "is none of these."),
        ({"kind": "session"}, "session is none of these."),
        ({"q": "x" * 10_000}, "Shorten this to 200 characters"),
        ({"q": "\0"}, "Null characters are not allowed."),
        ({"name": "\0"}, "Null characters are not allowed."),
    ],
)
def test_an_invalid_filter_shows_an_error_at_its_field(auditor, query, message):
    make_provider("Acme")

    for export in ({}, {"export": "csv"}):
        answer = auditor.get(CHANGESETS, {**query, **export})
        assert answer.status_code == 200
        assert message in answer.content.decode()
        assert "Nothing is shown until the filter is put right." in answer.content.decode()
        assert "Acme" not in answer.content.decode()


@pytest.mark.parametrize(
    "query", ["before=x", f"before={'9' * 30}", "after=-1", "export=exe", "p=2", "x__y=1"]
)
def test_unknown_parameters_are_ignored(auditor, query):
    make_provider("Acme")

    assert "Acme" in auditor.get(f"{CHANGESETS}?{query}").content.decode()


@pytest.mark.slow
def test_the_pages_together_have_each_entry_once_and_keep_the_filter(auditor):
    provider = make_provider("Acme")
    for number in range(60):
        with because(f"Edit {number:02}"):
            provider.set(legal_entity=f"Acme {number}")
    scope = timeline.record_scope(Provider, provider.pk)
    wanted = Timeline(scope, TimelineFilter(word="Edit"))

    first = wanted.page()
    second = wanted.page(before=first.earlier)
    third = wanted.page(before=second.earlier)
    back = wanted.page(after=third.later)

    entries = [entry for page in (first, second, third) for entry in page.entries]
    found = [entry.changeset.reason for entry in entries]
    assert found == [f"Edit {number:02}" for number in reversed(range(60))]
    assert (first.later, third.earlier) == (None, None)
    assert [entry.changeset for entry in back.entries] == [
        entry.changeset for entry in second.entries
    ]
    assert [(page.first, page.last, page.total) for page in (first, second, third, back)] == [
        (1, 25, 60),
        (26, 50, 60),
        (51, 60, 60),
        (26, 50, 60),
    ]
    page = auditor.get(f"/admin/compliance/provider/{provider.pk}/history/?q=Edit").content.decode()
    assert page.count("Edits 1 to 25 of 60") == 2  # before the first edit and after the last
    assert f"?q=Edit&amp;before={first.earlier}" in page


@pytest.mark.slow
def test_a_large_changeset_is_shortened_on_the_page_and_complete_in_the_file(auditor):
    with because("Many"):
        for number in range(70):
            make_model(f"Number {number:02}")

    page = auditor.get(CHANGESETS).content.decode()
    file = b"".join(auditor.get(f"{CHANGESETS}?export=csv")).decode()

    assert "Number 09" in page
    assert "Number 10" not in page
    assert "60 more records changed." in page
    assert "Number 69" in file


@pytest.mark.slow
def test_the_exports_have_exactly_the_filtered_changesets(auditor):
    with because("Wanted"):
        provider = make_provider("=cmd|' /C calc'!A0")
    with because("Not wanted"):
        make_model("Kimi K3")
    with because("Wanted again"):
        provider.set(legal_entity='Quo"ted, Ltd')

    as_csv, as_json = (
        auditor.get(f"{CHANGESETS}?q=wanted+&kind=provider&export={format}")
        for format in ("csv", "json")
    )

    rows = list(csv.DictReader(io.StringIO(b"".join(as_csv).decode())))
    entries = json.loads(b"".join(as_json))
    assert "attachment" in as_csv["Content-Disposition"]
    assert [row["after"] for row in rows][:2] == ['Quo"ted, Ltd', "'=cmd|' /C calc'!A0"]
    assert [row["reason"] for row in rows] == ["Wanted again", *["Wanted"] * (len(rows) - 1)]
    assert [entry["reason"] for entry in entries] == ["Wanted again", "Wanted"]
    assert entries[0]["lines"] == [
        {
            "what": "Provider, =cmd|' /C calc'!A0: legal entity",
            "before": "",
            "after": 'Quo"ted, Ltd',
        }
    ]
    assert json.loads(b"".join(auditor.get(f"{CHANGESETS}?q=nowhere&export=json"))) == []


@pytest.mark.parametrize("edits", [30, 45])
@pytest.mark.slow
def test_a_page_takes_the_same_number_of_queries_however_long_the_history(auditor, edits):
    register = make_register()
    listing = make_listing(register, models=["A", "B"], providers=["P"])
    provider = listing.listed_providers.get().provider
    for number in range(edits):
        with because("More"):
            listing.listed_models.first().set(model=make_model())
            state(listing, training=["never", "opt_in"][number % 2])
            provider.set(legal_entity=f"P {number}")

    counted = {}
    for url in (
        CHANGESETS,
        f"{CHANGESETS}?q=opt&name=P&since=2020-01-01",
        f"/admin/compliance/listing/{listing.pk}/history/",
        f"/admin/compliance/provider/{provider.pk}/history/?q=P",
        f"/admin/compliance/register/{register.pk}/timeline/",
    ):
        auditor.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert auditor.get(url).status_code == 200
        counted[url.partition("?")[0].split("/")[3], "?" in url] = len(captured)

    # session, user, permissions twice, who ever edited, the publications of the page, how many changesets there are
    # if there are more, and per screen: the changesets, the rows of each class and those before them, what was reviewed,
    # what they refer to, and where a provider was listed
    assert list(counted.values()) == [7 + 24, 6 + 0, 7 + 15, 7 + 19, 7 + 25]


def test_the_owner_of_a_record_is_shown_by_name():
    with because("Hers"):
        provider = make_provider("Acme", owner=make_user("olga"))

    assert ("Owner", "", "olga") in lines(timeline.record_scope(Provider, provider.pk))


def test_a_part_whose_owner_was_renamed_is_not_shown_as_moved():
    listing = make_listing(models=["Claude 4.1 Opus"])
    with because("4.5 replaces 4.1"):
        listing.listed_models.get().set(model=make_model("Claude 4.5 Opus"))

    shown = lines(timeline.register_scope(listing.register_id), kind=Listing, word="replaces")

    assert shown == [("Model in the row of Claude 4.5 Opus", "Claude 4.1 Opus", "Claude 4.5 Opus")]
