"""compliance.publishing.backfill: pages from before the registry become publications."""

from datetime import UTC, datetime, timedelta

import pytest

from compliance.models import Changeset, Publication, PublishedFile, Register
from compliance.models.publications import NotADay, as_of
from compliance.page import canonical
from compliance.page.formats import FORMATS, markdown
from compliance.published import comparison, reader, writer
from compliance.published.signed_note import UnusableKey
from compliance.publishing import import_history
from compliance.workingcopy.importing import NotImportable, PastPage
from tests.pages import page, row

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST = page(row("GPT 6", "Acme"))
SECOND = page(row("GPT 6, GPT 7", "Acme"))
DAY = timedelta(days=1)


def past(*pages):
    """Return pages one day apart, the last one a day before now."""
    return [
        PastPage(each, NOW - (len(pages) - place) * DAY, f"Summary {place}")
        for place, each in enumerate(pages)
    ]


def bring(*pages, at=NOW, slug="register"):
    return import_history(list(pages), slug=slug, at=at, label="tests")


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Run what follows a commit."""

    def run(*pages, **values):
        with django_capture_on_commit_callbacks(execute=True):
            return bring(*pages, **values)

    return run


@pytest.mark.slow
def test_each_page_becomes_a_publication_in_force_from_its_own_time():
    recorded = bring(*past(FIRST, SECOND))

    publications = [publication for _, publication in recorded]
    assert [publication.number for publication in publications] == [1, 2]
    assert [publication.effective_from for publication in publications] == [
        NOW - 2 * DAY,
        NOW - DAY,
    ]
    assert {publication.state for publication in publications} == {Publication.State.APPROVED}
    assert publications[1].base == publications[0]


@pytest.mark.slow
def test_each_page_is_edited_in_a_changeset_of_its_own():
    bring(*past(FIRST, SECOND))

    assert list(Changeset.objects.order_by("id").values_list("reason", flat=True)) == [
        "Summary 0",
        "Summary 1",
    ]


@pytest.mark.slow
def test_a_publication_holds_its_files_with_their_hashes():
    [(imported, publication)] = bring(*past(FIRST))

    files = {file.format: file for file in publication.files.all()}
    assert set(files) == {*FORMATS, "html"}
    assert all(canonical.sha256(bytes(file.content)) == file.sha256 for file in files.values())
    assert files["json"].sha256 == publication.content_sha256 == imported.snapshot.content_sha256()


@pytest.mark.slow
def test_findings_are_recorded_and_refuse_nothing():
    [(_, publication)] = bring(*past(page(row("GPT 6", "Acme", retention="As the moon decides"))))

    keys = [finding["key"].partition("#")[0] for finding in publication.findings]
    assert "unknown-term:As the moon decides" in keys


@pytest.mark.slow
def test_the_publication_of_each_day_is_the_page_of_that_day(committed):
    committed(*past(FIRST, SECOND))
    register = Register.objects.get()

    def content(at):
        return register.publications.public_at(at).content("md").decode()

    assert content(NOW - 2 * DAY) == markdown.render(FIRST)
    assert content(NOW - DAY - timedelta(seconds=1)) == markdown.render(FIRST)
    assert content(NOW - DAY) == content(NOW) == markdown.render(SECOND)
    assert register.publications.numbered(1).content("md").decode() == markdown.render(FIRST)
    assert register.publications.public_at(NOW - 3 * DAY) is None
    assert register.publications.numbered(3) is None


@pytest.mark.slow
def test_the_published_store_has_imported_pages_after_the_commit(committed):
    committed(*past(FIRST, SECOND))

    index = reader.read_index("register")
    assert [entry.number for entry in index.publications] == [1, 2]
    assert reader.read_file(index, index.in_force(NOW), "md").decode() == markdown.render(SECOND)
    assert comparison.slugs_behind() == []


def test_the_published_store_shows_nothing_before_the_commit():
    bring(*past(FIRST))

    assert reader.readable_index("register") is None


@pytest.mark.slow
def test_more_pages_may_follow_later(committed):
    committed(*past(FIRST))

    committed(PastPage(SECOND, NOW, "Today"))

    assert [entry.number for entry in reader.read_index("register").publications] == [1, 2]


def test_a_page_of_the_future_is_refused():
    with pytest.raises(NotImportable, match="lies in the future"):
        bring(PastPage(FIRST, NOW + DAY, "Tomorrow"))

    assert not Register.objects.exists()


def test_a_page_not_later_than_the_one_before_is_refused_and_all_is_taken_back():
    with pytest.raises(NotImportable, match="not later than publication 1"):
        bring(PastPage(FIRST, NOW - DAY, "First"), PastPage(SECOND, NOW - DAY, "Second"))

    assert not Publication.objects.exists()
    assert not Register.objects.exists()


def test_no_earlier_page_follows_a_publication_of_the_registry():
    bring(*past(FIRST))
    Publication.objects.create(
        register=Register.objects.get(),
        source="native",
        content_sha256="0" * 64,
        submitted_at=NOW,
        label="x",
        reason="x",
    )

    with pytest.raises(NotImportable, match="publications that were approved here"):
        bring(PastPage(SECOND, NOW, "Late"))


@pytest.mark.slow
def test_a_failure_half_way_leaves_nothing(monkeypatch):
    calls = []
    written = writer.write_files

    def fail(*args):
        calls.append(args)
        if len(calls) == 2:
            raise OSError("the disk is full")
        written(*args)

    monkeypatch.setattr(writer, "write_files", fail)

    with pytest.raises(OSError, match="disk"):
        bring(*past(FIRST, SECOND))

    assert not Publication.objects.exists()
    assert not PublishedFile.objects.exists()
    assert reader.readable_index("register") is None


@pytest.mark.parametrize(
    ("day", "moment"),
    [("2026-02-28", datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC)), ("2026-03-01", NOW)],
)
def test_as_of_a_day_is_its_end_and_of_today_now(day, moment):
    assert as_of(day, now=NOW) == moment


@pytest.mark.parametrize(
    "day", ["2026-03-02", "1999-12-31", "2026-02-30", "1.3.2026", "20260301", "2026-W09-1", ""]
)
def test_a_text_that_is_not_a_day_from_2000_to_today_is_refused(day):
    with pytest.raises(NotADay):
        as_of(day, now=NOW)


@pytest.mark.slow
def test_nothing_is_imported_beside_a_log_that_another_key_signed(committed, signing_key, settings):
    committed(*past(FIRST))
    settings.SIGNING_KEY_FILE.unlink()

    for slug in ("register", "another"):
        with pytest.raises(UnusableKey, match="which is not in SIGNING_KEY_FILE"):
            bring(PastPage(SECOND, NOW, "Late"), slug=slug)

    assert Publication.objects.count() == 1
