"""Tests of compliance.admin.search."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.models.changesets import changeset
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
from tests.publications import HOUR, NOON, published, submitted

ADDRESS = "/admin/search/"


@pytest.fixture
def auditor(client: Client) -> Client:
    client.force_login(make_user("audrey", role="auditor"))
    return client


def found(client, words):
    """Return the names of the hits by the title of their group."""
    groups = client.get(ADDRESS, {"q": words}).context["groups"]
    return {group.title: [hit.name for hit in group.hits] for group in groups if group.hits}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("words", ["می\u200cدهد", "میدهد"])
def test_a_word_is_found_with_joiners_and_without(auditor, words):
    make_provider("پاسخ می\u200cدهد", legal_entity="میدهد")

    assert found(auditor, words) == {"Providers": ["پاسخ می\u200cدهد"]}


@pytest.mark.slow
@pytest.mark.django_db
def test_every_kind_of_record_is_found(auditor):
    register = make_register(title="Our page")
    acme = make_provider("Acme AI", aliases="Quokka Cloud", legal_entity="Quokka Ltd")
    make_document(acme, url="https://quokka.example/privacy")
    make_listing(
        register,
        models=[make_model("Quokka 1"), make_model("Other", aliases="quokka-2026")],
        providers=[acme],
    )
    make_term("Until the quokka sleeps")
    make_footnote(register, text="Long words before it. The quokka is a marsupial.")
    with changeset(by=None, label="lena", reason="The quokka wrote to us", source="command"):
        gone = make_provider("Quokka Gone")
        pk = gone.pk
        gone.delete()

    assert found(auditor, "QUOKKA") == {
        "Rows": ["Quokka 1 and Other"],
        "Models": ["Other", "Quokka 1"],
        "Providers": ["Acme AI"],
        "Policy documents": ["Acme AI Privacy Policy"],
        "Terms": ["Until the quokka sleeps"],
        "Footnotes": ["Footnote 1"],
        "Edits": ["The quokka wrote to us"],
        "Deleted": ["Provider: Quokka Gone"],
    }
    page = auditor.get(ADDRESS, {"q": "quokka"}).content.decode()
    for said in (
        "Our page, row 1",
        "<mark>quokka</mark>-2026",
        "The <mark>quokka</mark> is a marsupial.",
        f"/admin/compliance/provider/{pk}/history/",
        "Deleted by lena (command line)",
    ):
        assert said in page, said


@pytest.mark.slow
@pytest.mark.django_db
def test_a_row_without_models_is_found_by_its_cells(auditor):
    columns = [{"role": "text", "label": "Plan"}, {"role": "retention", "label": "Kept"}]
    register = make_register(title="Our page", columns=columns)
    make_listing(register, plan="Quokka plan", retention="Until the quokka sleeps")

    assert found(auditor, "quokka") == {
        "Rows": ["Quokka plan"],
        "Terms": ["Until the quokka sleeps"],
    }
    assert "Our page, row 1" in auditor.get(ADDRESS, {"q": "sleeps"}).text


@pytest.mark.slow
@pytest.mark.django_db
def test_a_search_needs_all_words_and_quoted_phrases_as_they_are(auditor):
    make_footnote(make_register(), text="Prompts are kept for thirty days.")

    assert found(auditor, "days prompts") == {"Footnotes": ["Footnote 1"]}
    assert found(auditor, '"days prompts"') == {}
    assert found(auditor, '"thirty days"') == {"Footnotes": ["Footnote 1"]}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "word"),
    [("Ärzte AI", "äRZTE"), ("Модель", "мОДЕЛЬ"), ("نموذج", "نموذج"), ("文心一言", "心一")],
)
def test_words_of_every_script_are_found_in_any_case(auditor, name, word):
    make_model(name)

    assert found(auditor, word) == {"Models": [name]}
    assert name in auditor.get("/admin/compliance/aimodel/", {"q": word}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("\0", "Null characters are not allowed."),
        ("x" * 10_000, "Shorten this to 200 characters"),
        ("%", "Nothing was found."),
        ("_", "Nothing was found."),
        ('"', ""),
        ("\\", "Nothing was found."),
        ("z " * 99, "Nothing was found."),
        (" ".join(f"z{number}" for number in range(50)), "Nothing was found."),
        ("‮gnirts‬", "Nothing was found."),
        ("<script>alert(1)</script>", "Nothing was found."),
        ("(((.*", "Nothing was found."),
        ("''", ""),
        ("   ", ""),
        ("", ""),
    ],
)
def test_hostile_searches_find_nothing_and_cause_no_error(auditor, typed, message):
    make_model("Plain")

    answer = auditor.get(ADDRESS, {"q": typed})

    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert "Plain" not in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["a " * 3000, "x" * 10_000, "\0"])
def test_hostile_searches_in_lists_cause_no_error(auditor, typed):
    for name in ("aimodel", "listing", "provider", "footnote", "publication"):
        assert auditor.get(f"/admin/compliance/{name}/", {"q": typed}).status_code == 200, name


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("codename", "expected"),
    [
        ("view_aimodel", {"Models": ["Quokka 1"], "Deleted": ["Model: Quokka 0"]}),
        ("view_listing", {"Rows": ["Quokka 1"]}),
        ("view_provider", {"Providers": ["Quokka AI"]}),
        ("view_changeset", {"Edits": ["Quokka"]}),
        ("view_publication", {}),
        ("change_footnote", {"Footnotes": ["Footnote 1"]}),
    ],
)
def test_only_records_that_the_user_may_view_are_found(codename, expected):
    client, user = Client(), make_user("nora")
    user.user_permissions.set([Permission.objects.get(codename=codename)])
    client.force_login(user)
    with changeset(by=None, label="lena", reason="Quokka", source="command"):
        make_model("Quokka 0").delete()
        register = make_listing(models=["Quokka 1"], providers=["Quokka AI"]).register
        make_footnote(register, text="Quokka")

    assert found(client, "quokka") == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("anonymous", 302),
        ("nobody", 403),
        ("editor", 200),
        ("approver", 200),
        ("auditor", 200),
        ("superuser", 200),
    ],
)
def test_only_staff_with_a_role_may_search(client, role, status):
    if role != "anonymous":
        client.force_login(make_user(role, role="" if role in ("nobody", "superuser") else role,
                                     is_superuser=role == "superuser"))  # fmt: skip

    assert client.get(ADDRESS).status_code == status
    assert client.post(ADDRESS).status_code == (302 if role == "anonymous" else 405)


@pytest.mark.slow
@pytest.mark.django_db
def test_the_first_hits_are_shown_and_a_list_has_the_others(auditor):
    for number in range(11):
        make_model(f"Quokka {number:02}")
        with changeset(by=None, label="lena", reason="Clean up", source="command"):
            make_model(f"Wombat {number:02}").delete()

    page = auditor.get(ADDRESS, {"q": "quokka"}).content.decode()
    gone = auditor.get(ADDRESS, {"q": "wombat"}).content.decode()

    assert "Quokka 07" in page
    assert "Quokka 08" not in page
    assert re.search(r'<a href="/admin/compliance/aimodel/\?q=quokka">\s*3 more', page)
    assert re.search(r'<a href="/admin/compliance/changeset/\?name=wombat">\s*3 more', gone)
    assert "Wombat 00" in auditor.get("/admin/compliance/changeset/?name=wombat").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("many", [10, 40])
@pytest.mark.slow
def test_a_search_takes_the_same_number_of_queries_however_much_it_finds(auditor, many):
    with changeset(by=None, label="lena", reason="Quokka", source="command"):
        register = make_register(title="Quokka")
        for number in range(many):
            acme = make_provider(
                f"Quokka {number}", declared_retention=make_term(f"Quokka {number}")
            )
            make_document(acme)
            make_listing(register, models=[f"Quokka {number}"], providers=[acme])
            make_footnote(register, text="Quokka")
            make_provider(f"Quokka gone {number}").delete()
    auditor.get(ADDRESS, {"q": "quokka"})

    with CaptureQueriesContext(connection) as captured:
        auditor.get(ADDRESS, {"q": "quokka"})

    assert len(captured) == 44


@pytest.mark.django_db(transaction=True)
def test_a_publication_is_found_by_its_reason_whatever_became_of_it(auditor, editor, approver):
    row = make_listing(make_register(title="Our page"), models=["Quokka 1"])
    first = published(row.register, editor, approver)
    with changeset(by=editor, reason="Replaced"):
        row.listed_models.get().set(model=make_model("Wombat 1"))
    second = submitted(row.register, editor, at=NOON + HOUR)

    assert found(auditor, first.reason)["Publications"] == ["Our page, in review", "Our page, 1"]
    assert second.reason == first.reason


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_past_publications_are_found_by_their_texts(auditor, editor, approver):
    row = make_listing(make_register(title="Our page"), models=["Quokka 1"])
    publications = [published(row.register, editor, approver)]
    with changeset(by=editor, reason="Replaced"):
        row.listed_models.get().set(model=make_model("Wombat 1"))
    publications.append(published(row.register, editor, approver, at=NOON + HOUR))

    page = auditor.get(ADDRESS, {"q": "quokka"})

    assert found(auditor, "quokka")["Publications that say it"] == ["Our page, publication 1"]
    assert found(auditor, "acme")["Publications that say it"] == ["Our page, publications 1 to 2"]
    assert f"/admin/compliance/publication/{publications[0].pk}/change/" in page.content.decode()


@pytest.mark.django_db
def test_a_store_that_cannot_be_read_is_reported(auditor):
    make_model("Quokka")

    page = auditor.get(ADDRESS, {"q": "quokka"}).content.decode()

    assert "Past publications could not be searched. The published store is missing." in page
    assert "Quokka" in page
