"""Tests of how the columns of a page are told."""

from compliance.page.formats.base import Origin, ReadColumn
from compliance.page.formats.column_report import describe_columns, has_guessed_claims
from compliance.page.table import Column
from compliance.page.vocabulary import Asks, ColumnRole, DataClass, Unit

ZERO = Column("retention", "Zero data retention", ColumnRole.RETENTION, Asks.IS_NOT_KEPT)
LOGS = Column("retention", "Logs", ColumnRole.RETENTION, covers=DataClass.ABUSE_LOG, unit=Unit.DAYS)
NOTES = Column("notes", "Notes", ColumnRole.TEXT)
MODELS = Column("models", "Model", ColumnRole.MODELS)


def test_a_claim_is_told_with_what_its_first_cells_mean():
    samples = (("No", "all content kept, how long is not said"), ("?", "not understood"))

    [sentence] = describe_columns([ReadColumn(1, ZERO, Origin.LABEL, samples)])

    assert sentence == (
        "Column “Zero data retention”: retention, asks is_not_kept (guessed from its label). "
        "“No”: all content kept, how long is not said; “?”: not understood."
    )


def test_every_column_is_told_with_where_its_meaning_comes_from():
    told = describe_columns(
        [
            ReadColumn(1, MODELS, Origin.REGISTER, (("Uno", ""), ("x" * 70, ""))),
            ReadColumn(1, LOGS, Origin.SET),
            ReadColumn(3, NOTES, Origin.CELLS, (("Mail", ""),)),
        ]
    )

    assert told == (
        f"Table 1, column “Model”: models (as in the register). “Uno”; “{'x' * 59}…”.",
        "Table 1, column “Logs”: retention, asks nothing, covers abuse_log, unit days (set). "
        "All its cells are empty.",
        "Table 2, column “Notes”: text, which promises nothing (its cells do not fit its label). "
        "“Mail”.",
    )


def test_columns_that_the_register_has_are_not_told():
    assert describe_columns([ReadColumn(1, ZERO, Origin.REGISTER)]) == ()
    assert describe_columns([]) == ()


def test_only_claims_that_were_guessed_need_a_warning():
    assert has_guessed_claims([ReadColumn(1, ZERO, Origin.LABEL)])
    assert not has_guessed_claims(
        [
            ReadColumn(1, ZERO, Origin.SET),
            ReadColumn(1, LOGS, Origin.REGISTER),
            ReadColumn(1, MODELS, Origin.LABEL),
            ReadColumn(1, NOTES, Origin.TEXT),
        ]
    )
