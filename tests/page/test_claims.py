"""compliance.page.claims: what counts of the claims of a row."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compliance.page.claims import (
    clauses_about,
    compared_clauses,
    effective,
    effective_clauses,
    floor_clauses,
)
from compliance.page.policy import Policy
from compliance.page.retention import read_clauses
from compliance.page.severity import severity
from compliance.page.table import (
    Cell,
    ClaimItem,
    Clause,
    Column,
    Listing,
    Row,
    Section,
    empty_cell,
)
from compliance.page.vocabulary import Bound, ClauseKind, ColumnRole, DataClass, Trigger

CLAUSES = st.builds(
    lambda data_class, kind, days, bound, trigger: Clause(
        data_class,
        kind,
        f"P{days}D" if kind is ClauseKind.DURATION else None,
        bound if kind is ClauseKind.DURATION else Bound.EXACT,
        trigger,
    ),
    st.sampled_from(DataClass),
    st.sampled_from(ClauseKind),
    st.integers(1, 5),
    st.sampled_from(Bound),
    st.sampled_from(Trigger),
)
COLUMN_CLAUSES = st.tuples(st.sampled_from(DataClass), st.lists(CLAUSES, max_size=3).map(tuple))


def row_of(*cells) -> Row:
    """Return a row with a retention column for each pair of what it covers and its clauses."""
    columns, found = [], {}
    for number, (covers, clauses) in enumerate(cells):
        column = Column(f"retention-{number}", "Kept", ColumnRole.RETENTION, covers=covers)
        columns.append(column)
        filled = Cell((ClaimItem("words"),), clauses=clauses)
        found[column.key] = filled if clauses else empty_cell(ColumnRole.RETENTION)
    listing = Listing("row", found)
    return Row(Section("table", "", tuple(columns), (listing,)), listing)


def read(covers: DataClass, wording: str):
    return covers, read_clauses(wording, covers=covers)


def kinds(clauses) -> list[tuple[str, str, str]]:
    return [
        (clause.data_class, clause.trigger, clause.duration or clause.kind) for clause in clauses
    ]


# None of them says how long all content is always kept.
LEAVING_OPEN = [
    "Zero data retention (opt-in)",
    "30 days with opt-in",
    "Flagged prompts: 2 years",
    "Prompt cache: 24 hours",
    "Files: not stored",
    "Prompts: not stored",
    "",
]
NOT_STATED = ("all_content", "always", "not_stated")


@pytest.mark.parametrize("wording", LEAVING_OPEN)
def test_content_that_no_clause_always_covers_is_not_stated(wording):
    assert kinds(effective_clauses(read_clauses(wording)))[-1] == NOT_STATED


@pytest.mark.parametrize(
    "wording",
    ["30 days", "Not stored (flagged prompts: 2 years)", "Prompts: 30 days; outputs: 7 days", "?"],
)
def test_content_that_is_covered_has_no_further_clause(wording):
    clauses = read_clauses(wording)

    assert effective_clauses(clauses) == clauses


def test_a_floor_asks_nothing_of_what_it_does_not_mention():
    found = floor_clauses(read_clauses("Flagged prompts: 2 years"))

    assert kinds(found)[-1] == ("all_content", "always", "none")


def test_the_columns_of_a_row_are_judged_together():
    logs, state = DataClass.ABUSE_LOG, DataClass.APPLICATION_STATE

    assert kinds(effective(row_of(read(logs, "30 days"), read(state, "None")))) == [
        ("abuse_log", "always", "P30D"),
        ("application_state", "always", "none"),
        NOT_STATED,
    ]
    assert kinds(
        effective(row_of(read(DataClass.PROMPT, "7 days"), read(DataClass.OUTPUT, "1 day")))
    ) == [("prompt", "always", "P7D"), ("output", "always", "P1D")]


def test_an_empty_cell_counts_as_not_stated_of_what_its_column_covers():
    whole = DataClass.ALL_CONTENT

    assert effective(row_of((whole, ()))) == effective(row_of(read(whole, "Not stated")))
    for covers in DataClass:
        row = row_of(read(whole, "30 days"), (covers, ()))
        assert effective(row) == effective(
            row_of(read(whole, "30 days"), read(covers, "Not stated"))
        )


def test_an_empty_cell_adds_nothing_to_what_another_column_says_of_the_same_data():
    whole = read(DataClass.ALL_CONTENT, "30 days; abuse logs: 1 year")

    assert effective(row_of(whole, (DataClass.ABUSE_LOG, ()))) == whole[1]


def test_a_row_without_a_retention_column_says_nothing():
    assert kinds(effective(row_of())) == [NOT_STATED]


def test_a_column_about_one_kind_of_data_has_the_clauses_about_that():
    clauses = read_clauses("30 days; abuse logs: 1 year; flagged prompts: 2 years")

    assert kinds(clauses_about(DataClass.ABUSE_LOG, clauses)) == [("all_content", "always", "P1Y")]
    assert kinds(clauses_about(DataClass.PROMPT, clauses)) == [("all_content", "always", "P30D")]
    assert kinds(clauses_about(DataClass.FLAGGED_CONTENT, clauses)) == [
        ("all_content", "always", "P2Y")
    ]
    assert clauses_about(DataClass.FILE, clauses) == ()


def test_prompts_have_a_clause_of_their_own_before_that_on_all_content():
    clauses = read_clauses("Prompts: 7 days; everything: 30 days")

    assert kinds(clauses_about(DataClass.PROMPT, clauses)) == [("all_content", "always", "P7D")]
    assert kinds(clauses_about(DataClass.OUTPUT, clauses)) == [("all_content", "always", "P30D")]


def test_data_with_a_column_of_their_own_are_compared_there():
    row = row_of(read(DataClass.ALL_CONTENT, "30 days"), read(DataClass.ABUSE_LOG, "1 year"))
    clauses = read_clauses("30 days; abuse logs: 2 years; files: 7 days")

    found = [kinds(compared_clauses(row, column, clauses)) for column in row.section.columns]

    assert found == [
        [("all_content", "always", "P30D"), ("file", "always", "P7D")],
        [("all_content", "always", "P2Y")],
    ]


@pytest.mark.slow
@given(st.lists(COLUMN_CLAUSES, max_size=3), st.sampled_from(DataClass), st.data())
def test_a_further_column_about_one_kind_of_data_never_makes_a_row_better(cells, covers, data):
    assume(covers not in (DataClass.ALL_CONTENT, DataClass.PROMPT, DataClass.OUTPUT))
    about = CLAUSES.map(lambda clause: replace(clause, data_class=covers))
    added = data.draw(st.lists(about, max_size=3).map(tuple))
    silent = {covered for covered, clauses in cells if not clauses}
    assume(covers not in silent)

    without, with_column = row_of(*cells), row_of(*cells, (covers, added))

    assert severity(effective(with_column)) >= severity(effective(without))


@given(st.lists(COLUMN_CLAUSES, max_size=3), st.sampled_from(["P0D", "P2D", "P4D", "P9D"]))
def test_a_row_fits_only_if_each_clause_that_counts_does(cells, longest):
    row = row_of(*cells)
    policy = Policy.of("", longest)

    def fits(clauses):
        judged = row_of((DataClass.ALL_CONTENT, clauses))
        return not list(policy.reasons(judged, {}))

    always = Clause(DataClass.ALL_CONTENT, ClauseKind.NONE, None, Bound.EXACT, Trigger.ALWAYS)
    each = [fits((clause, always)) for clause in effective(row)]

    assert (not list(policy.reasons(row, {}))) == all(each)
