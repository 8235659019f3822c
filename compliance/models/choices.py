"""The choices of the models' fields, and constraints that several models share.

The values come from the enumerations of a page's snapshot, so a page and the working copy use the
same ones.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

from django.db.models import CharField, CheckConstraint, IntegerField, Q, Transform
from django.db.models.functions import Length

from compliance.page.slugs import LONGEST_SLUG
from compliance.page.vocabulary import (
    Asks,
    Bound,
    ClauseKind,
    ColumnRole,
    DataClass,
    DocumentKind,
    TrainingUse,
    Trigger,
    Unit,
)

Choices = list[tuple[str, str]]


def _choices(labels: dict[StrEnum, str]) -> Choices:
    return [(value.value, label) for value, label in labels.items()]


TRAINING_USES = _choices(
    {
        TrainingUse.NEVER: "Never",
        TrainingUse.OPT_IN: "Only if the customer opts in",
        TrainingUse.CONDITIONAL: "In some cases",
        TrainingUse.OPT_OUT: "Unless the customer opts out",
        TrainingUse.BY_DEFAULT: "By default",
        TrainingUse.NOT_STATED: "Not stated",
        TrainingUse.UNKNOWN: "Unknown",
    }
)
DATA_CLASSES = _choices(
    {
        DataClass.ALL_CONTENT: "All content",
        DataClass.PROMPT: "Prompts",
        DataClass.OUTPUT: "Outputs",
        DataClass.FILE: "Files",
        DataClass.CACHE: "Cache",
        DataClass.APPLICATION_STATE: "Application state",
        DataClass.ABUSE_LOG: "Abuse logs",
        DataClass.FLAGGED_CONTENT: "Flagged content",
        DataClass.FEEDBACK: "Feedback",
        DataClass.METADATA: "Metadata",
    }
)
CLAUSE_KINDS = _choices(
    {
        ClauseKind.NONE: "Not stored",
        ClauseKind.DURATION: "For a time",
        ClauseKind.UNTIL_EVENT: "Until something happens",
        ClauseKind.INDEFINITE: "Without end",
        ClauseKind.KEPT: "Kept, how long is not said",
        ClauseKind.NOT_STATED: "Not stated",
        ClauseKind.UNKNOWN: "Not understood",
    }
)
BOUNDS = _choices(
    {
        Bound.EXACT: "Exactly",
        Bound.AT_MOST: "At most",
        Bound.AT_LEAST: "At least",
        Bound.ABOUT: "About",
    }
)
TRIGGERS = _choices(
    {Trigger.ALWAYS: "Always", Trigger.FLAGGED: "When flagged", Trigger.OPT_IN: "When opted in"}
)
DOCUMENT_KINDS = _choices(
    {
        DocumentKind.PRIVACY_POLICY: "Privacy policy",
        DocumentKind.FAQ: "FAQ",
        DocumentKind.TERMS: "Terms of service",
        DocumentKind.DPA: "Data processing agreement",
        DocumentKind.AGREEMENT: "Private agreement",
        DocumentKind.OTHER: "Other",
    }
)
COLUMN_ROLES = _choices(
    {
        ColumnRole.MODELS: "Models",
        ColumnRole.PROVIDERS: "Providers",
        ColumnRole.DOCUMENTS: "Policy documents",
        ColumnRole.TRAINING: "Training",
        ColumnRole.RETENTION: "Retention",
        ColumnRole.PLACES: "Places",
        ColumnRole.TEXT: "Text",
    }
)
ASKS = _choices(
    {
        Asks.TRAINS: "Whether it trains: Yes is by default, No is never",
        Asks.DOES_NOT_TRAIN: "Whether it does not train: Yes is never, No is by default",
        Asks.HOW_LONG: "How long: None is not stored, Yes is kept",
        Asks.IS_KEPT: "Whether it is kept: Yes is kept, No is not stored",
        Asks.IS_NOT_KEPT: "Whether it is not kept: Yes is not stored, No is kept",
    }
)
UNITS = _choices({Unit.DAYS: "Days"})


def one_of(
    field: str, choices: Sequence[tuple[Any, str]], *, blank: bool = False
) -> CheckConstraint:
    """Return a constraint that a field has one of its choices, or if `blank` is empty.

    Django checks `choices` only when a form or full_clean() validates. The database checks this one
    on every write.
    """
    allowed = [value for value, _ in choices] + ([""] if blank else [])
    return CheckConstraint(
        condition=Q(**{f"{field}__in": allowed}),
        name=f"%(app_label)s_%(class)s_{field}_known",
        violation_error_message=f"{field} is not one of its choices.",
    )


def not_empty(field: str) -> CheckConstraint:
    """Return a constraint that a text field is not empty: null=False still admits ""."""
    return CheckConstraint(
        condition=Q(**{f"{field}__gt": ""}),
        name=f"%(app_label)s_%(class)s_{field}_not_empty",
        violation_error_message=f"{field} is empty.",
    )


CharField.register_lookup(Length)


@CharField.register_lookup
class ByteLength(Transform):
    """The length of a text in bytes of UTF-8, as the lookup `__bytes`."""

    function = "OCTET_LENGTH"
    lookup_name = "bytes"
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return the SQL for SQLite, which has OCTET_LENGTH only since version 3.43."""
        template = "LENGTH(CAST(%(expressions)s AS BLOB))"
        return self.as_sql(compiler, connection, template=template, **context)


def short_slug(*, longest: int = LONGEST_SLUG, other_than: Collection[str] = ()) -> CheckConstraint:
    """Return a constraint that the slug can be the name of a file, and is none of some words.

    `longest` is in characters, as `max_length` is, which SQLite does not hold.
    """
    fits = Q(slug__gt="", slug__length__lte=longest, slug__bytes__lte=LONGEST_SLUG)
    return CheckConstraint(
        condition=fits & ~Q(slug__in=sorted(other_than)) if other_than else fits,
        name="%(app_label)s_%(class)s_slug_usable",
        violation_error_message="slug is empty, too long, or names another address.",
    )
