"""The forms of a reader's question; they work without scripts, and each value has its own error."""

from typing import Any

from django import forms
from django.http import QueryDict

from compliance.page.filters import Filter, Order
from compliance.page.policy import NOT_KEPT, InvalidPolicy, Policy
from compliance.page.retention import describe_duration, duration_seconds
from compliance.page.snapshot import DURATION, Snapshot, TrainingUse
from compliance.page.training import training_text

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
    """What a reader accepts; the durations offered are those of the page and the reader's own."""

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
        """Return the use for training that is accepted."""
        return _checked(self.cleaned_data["training"], "").training

    def clean_longest(self) -> str | None:
        """Return the retention that is accepted."""
        return _checked("", self.cleaned_data["longest"]).longest

    @property
    def policy(self) -> Policy:
        """What the reader accepts, once the form is valid."""
        return Policy(self.cleaned_data["training"], self.cleaned_data["longest"])


class _Box(forms.CheckboxInput):
    """A box that is ticked by `1` alone, as in our other queries; Django's is ticked by 0 too."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> bool:
        """Return whether it is ticked."""
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
        label="Retention clause by clause", required=False, widget=_Box(attrs={"value": "1"})
    )
    field_order = ["model", "provider", "training", "longest", "sort", "clauses"]

    def __init__(self, query: QueryDict, snapshot: Snapshot) -> None:
        super().__init__(query, snapshot)
        self._providers = {
            each.id: each.name for listing in snapshot.listings for each in listing.providers
        }
        by_name = sorted(self._providers.items(), key=lambda provider: provider[1].casefold())
        self.fields["provider"].widget.choices = [("", "Any"), *by_name]

    def clean_provider(self) -> str:
        """Return the id of a provider that the page names."""
        id: str = self.cleaned_data["provider"]
        if id and id not in self._providers:
            raise forms.ValidationError(
                f"No provider on this page has the id {id[:60]}. Choose one of the list."
            )
        return id

    def clean_sort(self) -> Order:
        """Return what rows are sorted by."""
        sort: str = self.cleaned_data["sort"]
        if sort not in set(Order):
            known = ", ".join(filter(None, Order))
            raise forms.ValidationError(
                f"Rows cannot be sorted by {sort[:60]}. Use one of {known}."
            )
        return Order(sort)

    @property
    def filter(self) -> Filter:
        """Which rows are wanted, once the form is valid."""
        asked = self.cleaned_data
        return Filter(self.policy, asked["model"], asked["provider"], asked["sort"])


def _checked(training: str, longest: str) -> Policy:
    try:
        return Policy.of(training, longest)
    except InvalidPolicy as fault:
        raise forms.ValidationError(str(fault)) from fault


def _durations(snapshot: Snapshot, own: str) -> list[tuple[str, str]]:
    """Return each duration to choose from and its words, the shortest first, one of each length."""
    clauses = [clause for listing in snapshot.listings for clause in listing.retention.clauses]
    named = [clause.duration for clause in clauses if clause.duration]
    found = {duration_seconds(each): each for each in (*named, *filter(DURATION.match, [own]))}
    lengths = [found[length] for length in sorted(found)]
    return [
        (NOT_KEPT, "Not kept at all"),
        *((length, describe_duration(length)) for length in lengths),
    ]
