"""The forms of the pages that answer a reader's question.

They work without scripts, and each field shows its own error.
"""

import re
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.http import QueryDict

from compliance.models.publications import NotADay, as_of
from compliance.page.diff import Effect
from compliance.page.durations import describe_duration, duration_seconds
from compliance.page.filters import Filter, Order
from compliance.page.policy import NOT_KEPT, InvalidPolicy, Policy
from compliance.page.snapshot import Snapshot
from compliance.page.training import training_text
from compliance.page.vocabulary import DURATION, ColumnRole, TrainingUse
from compliance.published.change_filter import ChangeFilter, InvalidFilter, read_effect
from compliance.published.events import list_events
from compliance.published.index import Index
from compliance.published.offerings import NeverListed, PartyKind, find_named_party

# What browsers read in a field of type "date".
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ORDERS = {
    Order.PAGE: "As on the page",
    Order.MODEL: "Model",
    Order.PROVIDER: "Provider",
    Order.TRAINING: "Training, best first",
    Order.TRAINING_WORST: "Training, worst first",
    Order.RETENTION: "Retention, shortest first",
    Order.RETENTION_WORST: "Retention, longest first",
}


class PolicyForm(forms.Form):
    """What a reader accepts.

    The durations to choose from are those of the page and the one of the query.
    """

    training = forms.CharField(
        label="Worst training you accept",
        required=False,
        widget=forms.Select(
            choices=[("", "Any"), *((use, training_text(use)) for use in TrainingUse)]
        ),
    )
    longest = forms.CharField(
        label="Longest retention you accept", required=False, widget=forms.Select()
    )

    def __init__(self, query: QueryDict, snapshot: Snapshot) -> None:
        super().__init__(query)
        self.fields["longest"].widget.choices = [
            ("", "Any"),
            *_durations(snapshot, query.get("longest", "").strip()),
        ]

    def clean_training(self) -> TrainingUse | None:
        """Return the worst use for training that the reader accepts; None for any."""
        return _checked(self.cleaned_data["training"], "").training

    def clean_longest(self) -> str | None:
        """Return the longest retention that the reader accepts; None for any."""
        return _checked("", self.cleaned_data["longest"]).longest

    @property
    def policy(self) -> Policy:
        """What the reader accepts; the form must be valid."""
        return Policy(self.cleaned_data["training"], self.cleaned_data["longest"])


class _OneCheckbox(forms.CheckboxInput):
    """A checkbox that only `1` ticks, as in the feeds and the API; Django's is ticked by 0 too."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> bool:
        return bool(data.get(name) == "1")


class FilterForm(PolicyForm):
    """Which rows a reader wants to see, and how."""

    model = forms.CharField(
        label="Model", required=False, max_length=200, help_text="A part of its name"
    )
    provider = forms.CharField(label="Provider", required=False, widget=forms.Select())
    sort = forms.CharField(
        label="Sort by", required=False, widget=forms.Select(choices=list(_ORDERS.items()))
    )
    clauses = forms.BooleanField(
        label="Retention clause by clause",
        required=False,
        widget=_OneCheckbox(attrs={"value": "1"}),
    )
    field_order = ["model", "provider", "training", "longest", "sort", "clauses"]

    def __init__(self, query: QueryDict, snapshot: Snapshot) -> None:
        super().__init__(query, snapshot)
        listed = {item.provider for row in snapshot.rows() for item in row.providers}
        self._providers = {
            provider.id: provider.name for provider in snapshot.providers if provider.id in listed
        }
        by_name = sorted(self._providers.items(), key=lambda id_and_name: id_and_name[1].casefold())
        self.fields["provider"].widget.choices = [("", "Any"), *by_name]

    def clean_provider(self) -> str:
        """Return the id of a provider on the page, or "" for any provider."""
        id: str = self.cleaned_data["provider"]
        if id and id not in self._providers:
            raise forms.ValidationError(
                f"No provider on this page has the id {id[:60]}. Choose one of the list."
            )
        return id

    def clean_sort(self) -> Order:
        """Return the order in which rows are shown."""
        sort: str = self.cleaned_data["sort"]
        if sort not in set(Order):
            known = ", ".join(filter(None, Order))
            raise forms.ValidationError(
                f"Rows cannot be sorted by {sort[:60]}. Use one of {known}."
            )
        return Order(sort)

    @property
    def filter(self) -> Filter:
        """Which rows the reader wants to see; the form must be valid."""
        values = self.cleaned_data
        return Filter(self.policy, values["model"], values["provider"], values["sort"])


class _DayInput(forms.DateInput):
    """A field in which browsers offer a calendar; what they cannot read stays as it was typed."""

    input_type = "date"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        if value and not _ISO_DAY.fullmatch(str(value)):
            context["widget"]["type"] = "text"
        return context


class ChangeForm(forms.Form):
    """Which changes a reader asks for; a model or provider by its name or its id."""

    NAMES = ("effect", "from", "to", "model", "provider")

    def __init__(self, query: QueryDict, index: Index, at: datetime) -> None:
        super().__init__(query)
        self._index, self._at = index, at
        effects = {effect: str(effect).capitalize() for effect in Effect}
        effects[Effect.WEAKER] = "Weaker, mixed, unjudged"
        # Not as attributes of the class: `from` cannot be one.
        self.fields = {
            "effect": forms.CharField(
                label="Effect",
                required=False,
                widget=forms.Select(choices=[("", "Any"), *effects.items()]),
            ),
            "from": forms.CharField(label="From", required=False, widget=_DayInput()),
            "to": forms.CharField(label="To", required=False, widget=_DayInput()),
            "model": forms.CharField(label="Model", required=False, max_length=200),
            "provider": forms.CharField(label="Provider", required=False, max_length=200),
        }

    def clean_effect(self) -> Effect | None:
        """Return the effect that changes must have, None for any."""
        try:
            return read_effect(effect) if (effect := self.cleaned_data["effect"]) else None
        except InvalidFilter as fault:
            raise forms.ValidationError(str(fault)) from fault

    def clean_from(self) -> date | None:
        """Return the first day, None if it is not limited."""
        return self._day("from")

    def clean_to(self) -> date | None:
        """Return the last day, None if it is not limited."""
        return self._day("to")

    def clean_model(self) -> frozenset[str]:
        """Return the ids of a model, none for any."""
        return self._ids(PartyKind.MODEL)

    def clean_provider(self) -> frozenset[str]:
        """Return the ids of a provider, none for any."""
        return self._ids(PartyKind.PROVIDER)

    def clean(self) -> None:
        """Refuse a period that ends before it begins."""
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and last and last < first:
            self.add_error("to", f"{last} is before {first}. Give a later day.")

    @property
    def asked(self) -> dict[str, str]:
        """The filled fields as they were sent."""
        return {name: self.data[name] for name in self.NAMES if self.data.get(name)}

    @property
    def filter(self) -> ChangeFilter:
        """What the reader asks for; the form must be valid."""
        values = self.cleaned_data
        return ChangeFilter(
            values["effect"], values["model"], values["provider"], values["from"], values["to"]
        )

    def _day(self, name: str) -> date | None:
        text = self.cleaned_data[name]
        if not text:
            return None
        latest = list_events(self._index, self._at)[0].moment
        try:
            return as_of(text, now=max(self._at, latest)).astimezone(UTC).date()
        except NotADay as fault:
            raise forms.ValidationError(str(fault)) from fault

    def _ids(self, kind: PartyKind) -> frozenset[str]:
        text: str = self.cleaned_data[kind]
        if not text:
            return frozenset()
        try:
            return find_named_party(self._index, kind, text, self._at).ids
        except NeverListed as fault:
            raise forms.ValidationError(str(fault)) from fault


def _checked(training: str, longest: str) -> Policy:
    """Return the policy that the texts stand for; raises ValidationError if they are invalid."""
    try:
        return Policy.of(training, longest)
    except InvalidPolicy as error:
        raise forms.ValidationError(str(error)) from error


def _durations(snapshot: Snapshot, queried: str) -> list[tuple[str, str]]:
    """Return each duration to choose from with its words, the shortest first.

    They are the durations on the page and the one of the query, which may be no valid duration.
    Of two that are equally long, such as P1D and PT24H, only one is offered.
    """
    durations = []
    for row in snapshot.rows():
        for _, cell in row.claims(ColumnRole.RETENTION):
            durations += [clause.duration for clause in cell.clauses or () if clause.duration]
    if DURATION.match(queried):
        durations.append(queried)
    by_length = {duration_seconds(duration): duration for duration in durations}
    choices = [(NOT_KEPT, "Not kept at all")]
    for length in sorted(by_length):
        choices.append((by_length[length], describe_duration(by_length[length])))
    return choices
