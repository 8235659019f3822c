"""compliance.rules: findings over plain data."""

from dataclasses import replace

import pytest

from compliance.formats import markdown
from compliance.rules import Severity, findings
from compliance.snapshot import Declared, Footnote, Term, TrainingUse
from compliance.wording import clauses
from tests.conftest import SHARED
from tests.pages import ACME, page, row

SOUND = page(row("GPT 6", "Acme", documents=ACME))


def found(snapshot):
    return [(finding.severity, finding.message) for finding in findings(snapshot)]


def with_listing(**values):
    return replace(SOUND, listings=(replace(SOUND.listings[0], **values),))


def test_nothing_is_found_in_a_sound_page():
    assert found(SOUND) == []


@pytest.mark.parametrize(("snapshot", "severity", "message"), [
    (with_listing(models=()), Severity.BLOCKER, "Row 1 has no model. Add one, or remove the listing."),
    (with_listing(providers=(), documents=()), Severity.BLOCKER, "The row of GPT 6 has no provider. Add one, or retire the listing."),
    (with_listing(models=(replace(SOUND.listings[0].models[0], footnotes=(7,)),)), Severity.BLOCKER, "Footnote 7 is cited, but there is none. Write it, or remove the mark."),
    (replace(SOUND, footnotes=(Footnote("a", 1, "One."),)), Severity.NOTE, "Footnote 1 is cited nowhere in the table. Cite it, or remove it."),
    (page(row("GPT 6", "Acme", documents=ACME), row("GPT 6", "Acme", documents=ACME)), Severity.WARNING, "GPT 6 is listed 2 times. Say in the answer why, or retire the others."),
    (with_listing(documents=()), Severity.WARNING, "The row of GPT 6 shows no document of Acme. Add its privacy policy."),
    (page(row("GPT 6", "Acme", documents=ACME.replace("https", "http"))), Severity.WARNING, "http://acme.example/privacy is not encrypted. Use its https address."),
    (page(row("GPT 6", "Acme", retention="As the moon decides", documents=ACME)), Severity.WARNING, "“As the moon decides” is not understood. Give the retention term its clauses."),
])  # fmt: skip
def test_a_fault_is_found(snapshot, severity, message):
    assert (severity, message) in found(snapshot)


def test_two_footnotes_with_one_number_block():
    notes = (Footnote("a", 1, "One."), Footnote("b", 1, "Two."))

    assert found(replace(SOUND, footnotes=notes))[0] == (
        Severity.BLOCKER, "2 footnotes have the number 1. Give each its own.",
    )  # fmt: skip


def test_a_document_of_another_provider_is_found():
    snapshot = page(row("GPT 6", "Acme, Core", documents=f"{ACME}<br>[Privacy](https://core.example/)"))

    assert any("none of its providers' documents" in message for _, message in found(snapshot))


def test_a_promise_beyond_what_a_provider_declares_is_found():
    declared = Declared(TrainingUse.OPT_OUT, Term("1 year", clauses("1 year")))
    provider = replace(SOUND.listings[0].providers[0], declared=declared)

    assert [message for _, message in found(with_listing(providers=(provider,)))] == [
        "The row of GPT 6 promises “30 days”, but Acme declares “1 year”.",
        "The row of GPT 6 says “No” of training, but Acme declares “Unless you opt out”.",
    ]


def test_keys_tell_findings_apart():
    keys = [finding.key for finding in findings(with_listing(models=(), providers=(), documents=()))]

    assert len(keys) == len(set(keys)) == 2


def test_the_seed_has_no_blocker():
    seed = SHARED / "seed" / "llms-privacy.md"
    if not seed.exists():
        pytest.skip("../shared/seed is not here")
    assert not [
        each for each in findings(markdown.parse(seed.read_text(encoding="utf-8"))) if each.severity == "blocker"
    ]


@pytest.mark.parametrize(
    ("retention", "said"), [("1 year", "This is weaker for readers"), ("1 day", "This is stronger for readers")]
)
def test_a_promise_that_changes_against_the_page_in_force_needs_an_answer(retention, said):
    before, after = page(row("GPT 6", "Acme")), page(row("GPT 6", "Acme", retention=retention))

    found = [finding for finding in findings(after, before=before) if said in finding.message]

    assert [finding.severity for finding in found] == [Severity.WARNING]
    assert found[0].subject == after.listings[0].id


def test_a_new_recipient_needs_an_answer():
    before, after = page(row("GPT 6", "Acme")), page(row("GPT 6", "Acme, Bolt"))

    assert any("Bolt" in finding.message and "weaker" in finding.message for finding in findings(after, before=before))


def test_a_page_that_says_the_same_is_no_change_of_a_promise():
    before = page(row("GPT 6", "Acme"))

    assert findings(before, before=before) == findings(before)


def test_a_page_that_lists_nothing_needs_an_answer():
    assert [finding.key for finding in findings(replace(page(row("GPT 6", "Acme")), listings=()))] == ["no-listing"]
