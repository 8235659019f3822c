"""The forms of the pages that answer a reader's question.

They work without scripts, and each field shows its own error.
"""

from typing import Any

from django import forms
from django.http import QueryDict

from compliance.page.durations import describe_duration, duration_seconds
from compliance.page.filters import Filter, Order
from compliance.page.policy import NOT_KEPT, InvalidPolicy, Policy
from compliance.page.snapshot import Snapshot
from compliance.page.training import training_text
from compliance.page.vocabulary import DURATION, ColumnRole, TrainingUse

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
        super().__init__(query, label_suffix="")
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
