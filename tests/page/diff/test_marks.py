"""compliance.page.diff.marks: marks of footnotes that came or went, also with models that moved."""

from collections import Counter

import pytest

from compliance.page import inline
from compliance.page.diff import ChangeKind, Effect, compare
from tests.page.diff.test_compare import keyed
from tests.pages import page, row

NOTES = "¹ One.\n\n² Two."


def told(before, after):
    """Return the sentences on marks."""
    kinds = (ChangeKind.CITATION_ADDED, ChangeKind.CITATION_REMOVED)
    changes = compare(keyed(before), keyed(after))
    return [change.sentence for change in changes if change.kind in kinds]


@pytest.fixture
def marked():
    """A page on which a footnote marks how long a row with two models keeps prompts."""
    return page(row("GPT 6, o3", "Acme", retention="30 days¹"), row("GLM", "Bolt²"), notes=NOTES)


def test_a_mark_that_models_lose_by_moving_to_a_new_row_is_told(marked):
    kept, lost = (
        page(
            row("GPT 6", "Acme", retention="30 days¹"),
            row("GLM", "Bolt²"),
            row("o3", "Acme", retention=retention),
            notes=NOTES,
        )
        for retention in ("30 days¹", "30 days")
    )

    assert told(marked, kept) == []
    assert told(marked, lost) == ["Footnote 1 no longer marks the retention cell in the row of o3."]


def test_a_mark_that_a_model_loses_or_gains_in_another_row_is_told_for_that_model(marked):
    moved = page(row("GPT 6", "Acme", retention="30 days¹"), row("GLM, o3", "Bolt²"), notes=NOTES)

    assert told(marked, moved) == [
        "Footnote 1 no longer marks the retention cell in the row of GLM and o3, for o3."
    ]
    assert told(moved, marked) == [
        "Footnote 1 now marks the retention cell in the row of GPT 6 and o3, for o3."
    ]


def test_a_mark_at_the_provider_is_told_where_a_model_moves_to_a_row_without_it():
    before = page(row("GPT 6, o3", "Acme¹"), row("GLM", "Bolt²"), notes=NOTES)
    after = page(row("GPT 6", "Acme¹"), row("GLM", "Bolt²"), row("o3", "Acme"), notes=NOTES)

    assert told(before, after) == ["Footnote 1 no longer marks Acme in the row of o3."]


def test_a_model_that_also_stands_in_a_row_without_the_mark_keeps_it(marked):
    after = page(
        row("GPT 6, o3", "Acme", retention="30 days¹"),
        row("GLM", "Bolt²"),
        row("o3", "Acme"),
        notes=NOTES,
    )

    assert told(marked, after) == []


def test_a_mark_that_a_whole_row_loses_is_told_once_for_all_its_models(marked):
    after = page(row("GPT 6, o3", "Acme"), row("GLM", "Bolt²"), notes=NOTES)

    assert told(marked, after) == [
        "Footnote 1 no longer marks the retention cell in the row of GPT 6 and o3."
    ]


def test_nobody_but_a_person_can_judge_a_mark(marked):
    after = page(row("GPT 6, o3", "Acme"), row("GLM", "Bolt²"), notes=NOTES)

    [change] = compare(keyed(marked), keyed(after))

    assert change.effect is Effect.UNJUDGED
    assert change.needs_grade


def test_a_gain_in_a_row_that_loses_a_mark_is_mixed(marked):
    unmarked, still_marked = (
        page(row("GPT 6, o3", "Acme", retention=words), row("GLM", "Bolt²"), notes=NOTES)
        for words in ("24 hours", "24 hours¹")
    )

    def effects(after):
        return {change.kind: change.effect for change in compare(keyed(marked), keyed(after))}

    assert effects(still_marked) == {ChangeKind.RETENTION: Effect.STRONGER}
    assert effects(unmarked) == {
        ChangeKind.RETENTION: Effect.MIXED,
        ChangeKind.CITATION_REMOVED: Effect.UNJUDGED,
    }


def test_a_gain_in_a_row_whose_footnote_reads_differently_is_mixed(marked):
    other_note, other_row = (
        page(
            row("GPT 6, o3", "Acme", retention="24 hours¹"),
            row("GLM", "Bolt²"),
            notes=NOTES.replace(old, new),
        )
        for old, new in (("One", "All logs are kept"), ("Two", "Something else"))
    )

    def effect(after):
        changes = {change.kind: change.effect for change in compare(keyed(marked), keyed(after))}
        return changes[ChangeKind.RETENTION]

    assert effect(other_note) is Effect.MIXED
    assert effect(other_row) is Effect.STRONGER


def test_models_that_lose_a_provider_and_a_mark_in_one_edit_are_told_as_mixed():
    before = page(row("GPT 6, o3", "Acme, Bolt", retention="30 days¹"), notes=NOTES)
    unmarked, still_marked = (
        page(
            row("GPT 6", "Acme, Bolt", retention="30 days¹"),
            row("o3", "Bolt", retention=words),
            notes=NOTES,
        )
        for words in ("30 days", "30 days¹")
    )

    def effect(after):
        changes = {change.kind: change.effect for change in compare(keyed(before), keyed(after))}
        return changes[ChangeKind.LISTING_SPLIT]

    assert effect(unmarked) is Effect.MIXED
    assert effect(still_marked) is Effect.STRONGER


@pytest.mark.parametrize(("words", "needs_grade"), [
    (("GPT 6", "Acme", "30 days¹"), True),
    (("GPT 6", "Acme¹", "30 days"), True),
    (("GPT 6¹", "Acme", "30 days"), True),
    (("GPT 6", "Acme", "30 days"), False),
])  # fmt: skip
def test_a_footnote_needs_a_grade_where_it_marks_a_claim_a_provider_or_a_model(words, needs_grade):
    models, providers, retention = words
    before, after = (
        page(row(models, providers, retention=retention), notes=notes)
        for notes in ("¹ One.", "¹ Other.")
    )

    [change] = compare(keyed(before), keyed(after))

    assert change.effect is Effect.UNJUDGED
    assert change.needs_grade is needs_grade


@pytest.mark.parametrize("size", [10, 40])
def test_a_name_is_parsed_once_however_many_marks_its_row_has(size, monkeypatch):
    names = [f"GPT {number}\\*" for number in range(size)]
    before = keyed(page(row(", ".join(names), "Acme"), notes="¹ One."))
    after = keyed(page(row(", ".join(f"{name}¹" for name in names), "Acme"), notes="¹ Another."))
    inline.plain.cache_clear()
    parsed = Counter()

    def parse(text):
        parsed[text] += 1
        return parse_inline(text)

    parse_inline = inline._PARSER.parseInline
    monkeypatch.setattr(inline._PARSER, "parseInline", parse)

    compare(before, after)

    assert [parsed[name] for name in names] == [1] * size
