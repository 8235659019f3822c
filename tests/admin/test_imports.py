"""Import of a page in the admin: exactly what was previewed is written, or nothing."""

from itertools import pairwise
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from compliance.admin import imports
from compliance.models import AIModel, Changeset, Register
from compliance.models.changesets import changeset
from compliance.page.formats import json as json_format
from compliance.page.formats import markdown
from compliance.workingcopy.importing import import_page
from compliance.workingcopy.resolve import capture
from tests.admin.doors import signed_in
from tests.admin.test_doors import ROLES, WRITERS, expected
from tests.factories import make_user
from tests.forms import form_values, read
from tests.page.formats.test_recognition import archive
from tests.pages import ACME, HEAD, REVISIONS, row

pytestmark = pytest.mark.django_db

PAGE = f"# Models and privacy\n\nWho gets your prompts.\n\n{HEAD}{row('GPT 6', 'Acme', documents=ACME)}"
NEXT = PAGE.replace("GPT 6", "GPT 7")
NEW = "/admin/compliance/register/import/"


@pytest.fixture
def register() -> Register:
    return import_page(
        markdown.parse(PAGE), slug="register", reason="Begin", label="tests"
    ).register


@pytest.fixture
def url(register) -> str:
    return reverse("admin:compliance_register_import", args=[register.pk])


@pytest.fixture
def edith(client: Client) -> Client:
    client.force_login(make_user("edith", role="editor"))
    return client


def preview(client, url, page="", **typed):
    typed = {"page": page, "syntax": "", "title": "", "reason": "", **typed}
    return client.post(url, {"_preview": "1", **typed})


def press(client, url, screen, **typed):
    """Confirm a preview, with some of its fields changed."""
    return client.post(
        url, {"_do": "1", **form_values(screen.content), "reason": "The new page", **typed}
    )


@pytest.mark.slow
def test_a_preview_shows_every_change_and_writes_nothing(edith, url):
    before = Changeset.objects.count()

    shown = preview(edith, url, NEXT.replace("No |", "Yes |").replace("| 30 days", "|   30 days"))

    told = read(shown)
    assert "GPT 7 takes the place of GPT 6" in told
    assert "1 weaker" in told
    assert "This makes 3 changes" in told
    assert Changeset.objects.count() == before


@pytest.mark.slow
def test_confirming_writes_exactly_what_was_previewed(edith, url, register):
    shown = preview(edith, url, NEXT)

    answer = press(edith, url, shown)

    assert answer.url == reverse("admin:compliance_register_change", args=[register.pk])
    assert markdown.render(capture(register)) == markdown.render(markdown.parse(NEXT))
    latest = Changeset.objects.first()
    assert (latest.source, latest.reason, latest.label) == ("import", "The new page", "edith")


@pytest.mark.slow
def test_the_day_on_which_a_footnote_ends_is_taken_if_that_is_ticked(edith, url, register):
    page = f"{PAGE.replace('• GPT 6', '• GPT 6¹')}\n¹ The contract ends on 2030-01-31.\n"

    shown = preview(edith, url, page)
    assert "Footnote 1 says that it ends on 2030-01-31" in read(shown)
    press(edith, url, shown)
    assert [note.valid_until for note in register.footnotes.all()] == [None]

    press(edith, url, preview(edith, url, page, takes_ends="on"))
    assert [str(note.valid_until) for note in register.footnotes.all()] == ["2030-01-31"]


@pytest.mark.slow
def test_an_edit_after_the_preview_is_named_and_nothing_is_written(edith, url):
    shown = preview(edith, url, NEXT)
    with changeset(by=make_user("bob"), reason="Bob was faster"):
        AIModel.objects.get().set(developer="Acme Labs")
    before = Changeset.objects.count()

    refused = press(edith, url, shown)

    told = read(refused)
    assert "Something was changed meanwhile" in told
    assert "Bob was faster (bob" in told
    assert form_values(refused.content)["reason"] == "The new page"
    assert form_values(refused.content)["page"].replace("\r\n", "\n") == NEXT
    assert Changeset.objects.count() == before
    assert press(edith, url, refused).status_code == 302  # the new preview binds


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["shown", "following"])
def test_confirming_without_the_seal_of_a_preview_only_previews(edith, url, lost):
    shown = preview(edith, url, NEXT)
    before = Changeset.objects.count()

    for value in ("", "-1", "9" * 30, "²"):
        assert press(edith, url, shown, **{lost: value}).status_code == 200
    assert Changeset.objects.count() == before


@pytest.mark.slow
def test_a_page_that_was_changed_after_its_preview_is_previewed_again(edith, url):
    shown = preview(edith, url, NEXT)
    before = Changeset.objects.count()

    answer = press(edith, url, shown, page=PAGE.replace("GPT 6", "GPT 8"))

    assert "changed after this was shown" in read(answer)
    assert "GPT 8" in read(answer)
    assert Changeset.objects.count() == before


@pytest.mark.slow
def test_without_a_reason_nothing_is_written_and_the_preview_stays(edith, url):
    shown = preview(edith, url, NEXT)
    before = Changeset.objects.count()

    answer = press(edith, url, shown, reason=" ")

    assert "The reason is empty" in read(answer)
    assert press(edith, url, answer).status_code == 302
    assert Changeset.objects.count() == before + 1


@pytest.mark.slow
def test_what_the_reader_normalised_is_shown_with_its_line(edith, url):
    shown = preview(edith, url, PAGE.replace("Who gets", "Who\u200b gets"))

    assert "Line 3: " in read(shown)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "told"), [
    ("", "There is no page"),
    ("No title.", "The page has no title, and it needs one. Write it here."),
    (PAGE.replace("GPT 6", "GPT 6⁷"), "Line 7, column 3: there is no footnote 7"),
    (PAGE.replace("GPT 6", "GPT\x006"), "Line 7"),
    (PAGE.replace("30 days", "![x](https://x.example/)"), "an image has no place in a cell"),
    (PAGE.replace("GPT 6", "G" * 300), "Shorten this to 200 characters. It has 300."),
    (PAGE.replace("https://acme.example/privacy", "javascript:alert(1)"), "javascript:alert(1)"),
    ("{", "not JSON"),
    ('{"schema": "register/2"}', "schema"),
    ("[" * 100_000, "The page has no title"),
    ("{" + '"a":{' * 10_000, "nested too deeply"),
])  # fmt: skip
def test_a_page_that_cannot_be_read_or_stored_is_refused_and_stays_in_the_form(
    edith, url, page, told
):
    before = Changeset.objects.count()

    answer = preview(edith, url, page, reason="Typed")

    assert answer.status_code == 200
    assert told in read(answer)
    kept = form_values(answer.content)
    assert kept["reason"] == "Typed"
    assert kept["page"].replace("\r\n", "\n") == page.replace("\x00", "\ufffd")
    assert b'name="_do"' not in answer.content
    assert Changeset.objects.count() == before


def test_the_line_that_could_not_be_read_is_marked(edith, url):
    answer = preview(edith, url, PAGE.replace("GPT 6", "GPT 6⁷"))

    assert answer.context["form"].unreadable.line == 7
    assert "<mark>GPT 6⁷" in answer.content.decode()


@pytest.mark.slow
def test_html_in_a_page_is_shown_as_text(edith, url):
    hostile = PAGE.replace("GPT 6", r"GPT \<script\>alert(1)\</script\>")

    content = preview(edith, url, hostile).content.decode()

    assert "<script>alert" not in content
    assert "&lt;script&gt;alert(1)" in content


@pytest.mark.slow
def test_a_file_is_read_and_becomes_the_text(edith, url):
    file = SimpleUploadedFile("page.md", b"\xef\xbb\xbf" + NEXT.encode())

    shown = preview(edith, url, "what stood there before", file=file)

    assert form_values(shown.content)["page"].replace("\r\n", "\n") == NEXT
    other = press(edith, url, shown, file=SimpleUploadedFile("page.md", PAGE.encode()))
    assert "changed after this was shown" in read(other)
    assert (
        press(edith, url, shown, file="").status_code == 302
    )  # so a browser sends a field without a file


@pytest.mark.slow
def test_a_snapshot_as_json_can_be_imported(edith, url, register):
    shown = preview(edith, url, json_format.render(markdown.parse(NEXT)).decode())

    press(edith, url, shown)

    assert capture(register).printed() == markdown.parse(NEXT).printed()


@pytest.mark.slow
def test_a_file_that_is_not_text_leaves_the_typed_text_alone(edith, url):
    answer = preview(edith, url, NEXT, file=SimpleUploadedFile("page.md", b"\xe9"))

    assert "is not UTF-8" in read(answer)
    assert form_values(answer.content)["page"].replace("\r\n", "\n") == NEXT


def test_a_file_of_another_kind_is_named_for_what_it_is(edith, url):
    file = SimpleUploadedFile("page.csv", archive("xl/workbook.xml"))

    told = read(preview(edith, url, NEXT, file=file))

    assert "This is an Excel workbook. Open it, save the sheet" in told
    assert "This is a web page in HTML" in read(preview(edith, url, "<!doctype html><p>"))


@pytest.mark.slow
def test_cells_pasted_from_a_spreadsheet_become_a_register_with_a_title(edith):
    table = "Model\tProvider\tTrains\r\nUno\tAcme\tNo\r\n"
    asked = preview(edith, NEW, table, slug="fresh")
    assert "The page has no title, and it needs one. Write it here." in read(asked)

    shown = preview(edith, NEW, table, slug="fresh", title="Our models")
    assert "The cells are divided by tabs, not commas." in read(shown)
    press(edith, NEW, shown)

    page = markdown.render(capture(Register.objects.get(slug="fresh")))
    assert page.startswith("# Our models\n\n| Model | Provider | Trains |")


@pytest.mark.slow
def test_a_table_keeps_the_title_of_its_register(edith, url, register):
    shown = preview(edith, url, "Model,Provider\nGPT 7,Acme\n")
    assert "the texts, the footnotes and the other tables of the register are not on" in read(shown)
    press(edith, url, shown)

    assert capture(register).register.title == "Models and privacy"


def test_a_page_with_a_title_takes_no_other(edith, url):
    assert "a title of its own" in read(preview(edith, url, NEXT, title="Our models"))


@pytest.mark.slow
def test_the_name_of_a_file_tells_what_its_content_does_not(edith, url):
    file = SimpleUploadedFile("vendors.csv", b"Vendor\nAcme\n")

    shown = preview(edith, url, file=file)

    assert form_values(shown.content)["syntax"] == "csv"
    assert "Acme" in read(shown)


@pytest.mark.slow
def test_a_huge_upload_is_refused_with_a_sentence(edith, url, settings):
    file = SimpleUploadedFile("page.md", b"x" * 50_000_000)

    as_file = preview(edith, url, NEXT, file=file)
    as_text = preview(edith, url, "x" * (settings.LARGEST_PAGE + 1))
    as_form = preview(edith, url, "x" * 2_000_000)

    assert "47.7\xa0MB; 256.0\xa0KB can be imported here" in as_file.content.decode()
    assert "can be imported here" in as_text.content.decode()
    assert (as_form.status_code, "What you sent is too long" in as_form.content.decode()) == (
        400,
        True,
    )


def test_a_page_is_measured_before_it_is_read(edith, url, settings, monkeypatch):
    settings.LARGEST_PAGE = len(NEXT.encode()) - 1

    def reader(*args, **kwargs):
        raise AssertionError("read")

    monkeypatch.setattr(imports, "read_page", reader)

    refused = preview(edith, url, NEXT)

    assert "can be imported here" in refused.content.decode()


@pytest.mark.slow
def test_importing_the_page_as_it_is_writes_nothing(edith, url):
    shown = preview(edith, url, PAGE)

    assert "Nothing would be different" in read(shown)
    assert b'name="_do"' not in shown.content


@pytest.mark.slow
def test_a_page_becomes_a_new_register(edith):
    shown = preview(edith, NEW, PAGE, slug="fresh")
    assert "The register is new" in read(shown)
    assert not Register.objects.exists()

    press(edith, NEW, shown)

    assert markdown.render(capture(Register.objects.get(slug="fresh"))).startswith(
        "# Models and privacy"
    )


@pytest.mark.parametrize(("slug", "told"), [
    ("register", "There is a register register already"), ("admin", "name of another address"), ("", "Enter the "),
])  # fmt: skip
def test_a_new_register_needs_a_free_slug(edith, register, slug, told):
    answer = preview(edith, NEW, PAGE, slug=slug)

    assert told in read(answer)
    assert Register.objects.count() == 1


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_imports_are_for_people_who_may_write_everything_in_a_page(role, register, url):
    client = signed_in(role)
    before = Changeset.objects.count()

    for door in (url, NEW):
        assert client.get(door).status_code == expected(role, WRITERS)
        assert preview(client, door, NEXT, slug="fresh").status_code == expected(role, WRITERS)
        if role not in WRITERS:
            assert press_blindly(client, door) == expected(role, set())
    assert Changeset.objects.count() == before
    for page in ("", f"{register.pk}/change/"):
        answer = client.get(f"/admin/compliance/register/{page}")
        assert ("Import a page" in answer.content.decode()) == (role in WRITERS)


def press_blindly(client, url) -> int:
    typed = {
        "page": NEXT,
        "slug": "fresh",
        "reason": "Try",
        "following": Changeset.objects.first().pk,
        "_do": "1",
    }
    return client.post(url, typed).status_code


def test_an_import_is_refused_where_one_of_its_permissions_is_missing(url):
    person = make_user("almost", role="editor")
    person.groups.clear()
    person.user_permissions.set(Permission.objects.exclude(codename="delete_policydocument"))
    client = Client()
    client.force_login(person)

    assert client.get(url).status_code == 403


def test_other_methods_and_deleted_registers_are_refused(edith, register):
    assert edith.put(NEW).status_code == 405
    assert (
        edith.get(reverse("admin:compliance_register_import", args=[register.pk + 1])).status_code
        == 404
    )


@pytest.mark.slow
def test_an_error_of_the_database_while_writing_is_reported(edith, url):
    shown = preview(edith, url, NEXT)
    with patch("compliance.workingcopy.writes.save_all", side_effect=IntegrityError):
        answer = press(edith, url, shown)

    assert "at the same moment" in read(answer)


@pytest.mark.parametrize(("old", "new"), list(pairwise(REVISIONS)))
@pytest.mark.slow
def test_a_revision_is_imported_with_one_form_one_file_and_one_reason(edith, old, new):
    register = import_page(
        markdown.parse(old.read_bytes()), slug="r", reason="Begin", label="tests"
    ).register
    url = reverse("admin:compliance_register_import", args=[register.pk])

    shown = preview(edith, url, file=SimpleUploadedFile(new.name, new.read_bytes()))
    press(edith, url, shown)

    assert markdown.render(capture(register)) == markdown.render(markdown.parse(new.read_bytes()))


HOSTS = "# Hosts\n\n| Run at | Zero data retention | Seat |\n|--|--|--|\n| Acme | No | Germany |\n"


def asked(shown, label: str) -> str:
    """Return the name of the select that asks what the column with a label means."""
    [column] = [
        name.removesuffix("-label")
        for name, value in form_values(shown.content).items()
        if name.startswith("column-") and name.endswith("-label") and value == label
    ]
    return f"{column}-meaning"


@pytest.mark.slow
def test_the_first_cells_of_each_column_are_shown_with_what_they_mean(edith):
    shown = preview(edith, NEW, HOSTS, slug="hosts")

    told = read(shown)
    assert "What the page claims was guessed from its labels." in told
    assert "“No”: all content kept, how long is not said Meaning of “Zero data retention”" in told
    assert "Retention: Yes means not kept" in told
    assert "Its label is not known." in told


def test_a_page_without_claims_needs_no_warning(edith):
    told = read(preview(edith, NEW, "# Hosts\n\n| Host |\n|--|\n| Acme |\n", slug="hosts"))

    assert "was guessed" not in told
    assert "Guessed from its label." in told


@pytest.mark.slow
def test_a_column_gets_another_meaning_and_the_preview_shows_it(edith):
    shown = preview(edith, NEW, HOSTS, slug="hosts")
    meanings = {
        asked(shown, "Run at"): "providers:",
        asked(shown, "Zero data retention"): "retention:is_kept",
        asked(shown, "Seat"): "places:",
    }

    chosen = edith.post(NEW, {**form_values(shown.content), **meanings, "_preview": "1"})

    told = read(chosen)
    assert "“No”: all content not kept" in told
    assert "Chosen here." in told
    assert "What the page claims was guessed" not in told
    assert press(edith, NEW, chosen).status_code == 302
    [section] = capture(Register.objects.get(slug="hosts")).sections
    assert [column.role for column in section.columns] == ["providers", "retention", "places"]
    assert section.columns[1].asks == "is_kept"


@pytest.mark.slow
def test_what_retention_covers_and_counts_can_be_chosen(edith):
    page = "# Hosts\n\n| Host | Retention |\n|--|--|\n| Acme | 30 |\n"
    shown = preview(edith, NEW, page, slug="hosts")
    column = asked(shown, "Retention").removesuffix("-meaning")
    values = {f"{column}-covers": "file", f"{column}-unit": "days"}

    chosen = edith.post(NEW, {**form_values(shown.content), **values, "_preview": "1"})

    assert "“30”: files kept 30 days" in read(chosen)
    assert press(edith, NEW, chosen).status_code == 302
    [_, retention] = capture(Register.objects.get(slug="hosts")).sections[0].columns
    assert (retention.covers, retention.unit, retention.asks) == ("file", "days", "how_long")


@pytest.mark.slow
def test_a_meaning_that_was_chosen_after_the_preview_is_previewed_first(edith):
    shown = preview(edith, NEW, HOSTS, slug="hosts")

    answer = press(edith, NEW, shown, **{asked(shown, "Seat"): "places:"})

    assert "changed after this was shown" in read(answer)
    assert not Register.objects.filter(slug="hosts").exists()
    assert press(edith, NEW, answer).status_code == 302


@pytest.mark.slow
def test_two_columns_cannot_both_hold_the_providers(edith):
    shown = preview(edith, NEW, HOSTS, slug="hosts")
    both = {asked(shown, "Run at"): "providers:", asked(shown, "Seat"): "providers:"}

    answer = edith.post(NEW, {**form_values(shown.content), **both, "_preview": "1"})

    told = read(answer)
    assert "both “Run at” and “Seat” would be it. Set one of them to text." in told
    assert "What this would change" not in told
    assert form_values(answer.content)[asked(answer, "Seat")] == "providers:"


@pytest.mark.slow
def test_a_choice_for_a_label_that_the_page_no_longer_has_is_forgotten(edith):
    shown = preview(edith, NEW, HOSTS, slug="hosts")
    values = {**form_values(shown.content), asked(shown, "Seat"): "places:", "_preview": "1"}

    answer = edith.post(NEW, {**values, "page": HOSTS.replace("Seat", "Desk")})

    assert form_values(answer.content)[asked(answer, "Desk")] == ""


@pytest.mark.slow
def test_a_column_of_the_register_keeps_its_meaning(edith, url):
    told = read(preview(edith, url, NEXT))

    assert "So it is in the register." in told
    assert "was guessed" not in told


def test_json_asks_for_no_meanings(edith, register):
    page = json_format.render(capture(register)).decode()

    assert "What the columns mean" not in read(preview(edith, NEW, page, slug="copy"))


LOGS = "# Hosts\n\n| Host | Logs kept | Notes |\n|--|--|--|\n| Acme | 30 days | Mail |\n"


@pytest.fixture
def hosts() -> Register:
    return import_page(markdown.parse(LOGS), slug="hosts", reason="Begin", label="tests").register


def labels_by_key(register: Register) -> dict[str, str]:
    return {column.key: column.label for column in capture(register).sections[0].columns}


@pytest.mark.slow
def test_a_new_label_is_taken_for_the_only_column_of_its_role(edith, hosts):
    url = reverse("admin:compliance_register_import", args=[hosts.pk])

    shown = preview(edith, url, LOGS.replace("Notes", "Remarks"))

    told = read(shown)
    assert "“Notes”, now headed so: Text, which promises nothing" in told
    assert "is now headed “Remarks”" in told
    press(edith, url, shown)
    assert labels_by_key(hosts)["notes"] == "Remarks"


@pytest.mark.slow
def test_a_new_label_can_be_a_new_column(edith, hosts):
    url = reverse("admin:compliance_register_import", args=[hosts.pk])
    shown = preview(edith, url, LOGS.replace("Notes", "Remarks"))
    meaning = {asked(shown, "Remarks"): "text:"}

    chosen = edith.post(url, {**form_values(shown.content), **meaning, "_preview": "1"})

    assert "is now headed" not in read(chosen)
    assert press(edith, url, chosen).status_code == 302
    assert labels_by_key(hosts) == {
        "providers": "Host",
        "retention": "Logs kept",
        "remarks": "Remarks",
    }


@pytest.mark.slow
def test_a_label_that_is_not_known_can_be_a_column_of_the_register(edith, hosts):
    url = reverse("admin:compliance_register_import", args=[hosts.pk])
    shown = preview(edith, url, LOGS.replace("Logs kept", "What we log"))
    meaning = {asked(shown, "What we log"): "former:retention"}

    chosen = edith.post(url, {**form_values(shown.content), **meaning, "_preview": "1"})

    assert "“30 days”: metadata kept 30 days" in read(chosen)
    assert press(edith, url, chosen).status_code == 302
    [_, column, _] = capture(hosts).sections[0].columns
    assert (column.key, column.label, column.covers) == ("retention", "What we log", "metadata")


@pytest.mark.slow
def test_two_columns_cannot_be_the_same_column_of_the_register(edith, hosts):
    url = reverse("admin:compliance_register_import", args=[hosts.pk])
    shown = preview(edith, url, LOGS.replace("Logs kept", "One").replace("Notes", "Two"))
    both = {asked(shown, label): "former:notes" for label in ("One", "Two")}

    answer = edith.post(url, {**form_values(shown.content), **both, "_preview": "1"})

    assert "“One” and “Two” cannot both be the same column of the register." in read(answer)
