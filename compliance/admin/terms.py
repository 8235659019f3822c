"""The screens of retention terms, with their clauses."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest

from compliance.admin.followers import FollowersForm, FollowersMixin
from compliance.admin.inlines import PartForm, PartInline
from compliance.admin.reviewed import REVIEW_FIELDS, OverdueFilter, ReviewedAdmin
from compliance.admin.site import site
from compliance.models import RetentionClause, RetentionTerm
from compliance.page.durations import describe_duration, split_duration
from compliance.page.retention import read_clauses
from compliance.page.vocabulary import ClauseKind

_UNITS = {
    "T{}M": "minutes",
    "T{}H": "hours",
    "{}D": "days",
    "{}W": "weeks",
    "{}M": "months",
    "{}Y": "years",
}


def _unit_choice(unit: str) -> str:
    """Return the key in `_UNITS` of a unit of `split_duration`: "D" is "{}D", "TH" "T{}H"."""
    return f"{unit[:-1]}{{}}{unit[-1]}"


class ClauseForm(PartForm):
    """A clause with its duration as a number and a unit; stored is an ISO 8601 duration."""

    amount = forms.IntegerField(label="How long", required=False, min_value=1, max_value=999999)
    unit = forms.ChoiceField(choices=list(_UNITS.items()), initial="{}D")

    class Meta:
        model = RetentionClause
        fields = ["data_class", "kind", "bound", "trigger", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.duration:
            amount, unit = split_duration(self.instance.duration)
            self.initial.update(amount=amount, unit=_unit_choice(unit))

    def clean(self) -> Any:
        """Set the duration of the clause; refuse one exactly where its kind does not need it."""
        cleaned = super().clean() or {}
        amount, is_timed = cleaned.get("amount"), cleaned.get("kind") == ClauseKind.DURATION.value
        if is_timed and amount is None and "amount" not in self.errors:
            self.add_error("amount", "The clause is for a time. Say how long.")
        if amount is not None and not is_timed:
            self.add_error(
                "amount",
                f"The clause is not for a time. Clear the {amount}, or choose “For a time”.",
            )
        self.instance.duration = (
            f"P{cleaned['unit'].format(amount)}"
            if is_timed and amount and "unit" in cleaned
            else ""
        )
        return cleaned


class ClauseInline(PartInline):
    """The clauses of a term."""

    model = RetentionClause
    form = ClauseForm
    fields = [("data_class", "trigger"), "kind", ("bound", "amount", "unit"), "position"]
    verbose_name, verbose_name_plural = "clause", "clauses"

    @admin.display(description="How long")
    def amount(self, clause: RetentionClause) -> str:
        """The duration, for people who may not edit."""
        return clause.duration

    @admin.display(description="Unit")
    def unit(self, clause: RetentionClause) -> str:
        """The unit of the duration, for people who may not edit."""
        if not clause.duration:
            return ""
        return _UNITS[_unit_choice(split_duration(clause.duration)[1])]


def _clause_text(clause: RetentionClause) -> str:
    """Return what is kept and how long, for example: All content: 30 days."""
    how_long = describe_duration(clause.duration) if clause.duration else clause.get_kind_display()
    return f"{clause.get_data_class_display()}: {how_long}"


@admin.register(RetentionTerm, site=site)
class RetentionTermAdmin(FollowersMixin, ReviewedAdmin):
    """Retention terms: how long data is kept, as the page words it and as clauses."""

    form = FollowersForm
    fieldsets = [
        (
            None,
            {
                "fields": ["wording"],
                "description": "The wording is what the page prints; the clauses say what it "
                "means. Leave the clauses of a new term out, and they are read from the wording.",
            },
        ),
        ("Review", {"fields": REVIEW_FIELDS, "classes": ["collapse"]}),
    ]
    inlines = [ClauseInline]
    list_display = ["wording", "clauses", "review_due", "owner"]
    list_filter = [OverdueFilter]
    allowed_lookups = ["review"]
    list_select_related = ["owner"]
    search_fields = ["wording__says"]
    search_help_text = "Search wordings."

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("clauses")

    @admin.display(description="Clauses")
    def clauses(self, term: RetentionTerm) -> str:
        return "; ".join(map(_clause_text, term.clauses.all()))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Read the clauses of a new term from its wording where none were typed."""
        super().save_related(request, form, formsets, change)
        term = form.instance
        if change or RetentionClause.objects.filter(term=term).exists():
            return
        clauses = read_clauses(term.wording)
        for position, clause in enumerate(clauses, start=1):
            RetentionClause(
                term=term, position=10 * position, **RetentionClause.values_of(clause)
            ).save()
        # What the reader of wordings does not understand becomes a clause of kind UNKNOWN.
        if any(clause.kind == ClauseKind.UNKNOWN for clause in clauses):
            warning = (
                f"“{term.wording}” was not understood wholly. "
                "Open the term and say in clauses what it means."
            )
            self.message_user(request, warning, messages.WARNING)
        else:
            self.message_user(
                request, "The clauses were read from the wording. Open the term to check them."
            )
