"""The screens of footnotes: their texts, and the providers and models that they mark everywhere."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from compliance.admin.components.labels import location_label, prefetch_locations
from compliance.admin.components.lines import LinesField, TypedLine
from compliance.admin.components.states import StateFilter, StateMixin
from compliance.admin.site import site
from compliance.admin.tracked import TrackedAdmin, TrackedForm
from compliance.models import AIModel, Footnote, Provider, Register
from compliance.models.positions import next_position
from compliance.workingcopy.citations import set_cited_everywhere

# What each field of lines names.
_EVERYWHERE: dict[str, type[Provider | AIModel]] = {
    "provider_lines": Provider,
    "model_lines": AIModel,
}


class FootnoteForm(TrackedForm):
    """A footnote, with the providers and models that it marks wherever its register lists them."""

    provider_lines = LinesField(
        label="Marks these providers wherever this register lists them",
        rows=3,
        help_text="One name a line.",
    )
    model_lines = LinesField(
        label="Marks these models wherever this register lists them",
        rows=3,
        help_text="One name a line.",
    )

    class Meta:
        model = Footnote
        fields = ["register", "position", "text", "valid_until"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, names in _marked_everywhere(self.instance).items():
            self.initial[field] = "\n".join(str(TypedLine(name)) for name in names)
        if "position" in self.fields:
            self.fields["position"].required = False
            if self.instance._state.adding:
                self.fields["position"].help_text = "Leave it empty for the next number."

    def clean(self) -> Any:
        """Fill in the next number where none was typed; refuse taken numbers and unknown names."""
        cleaned = super().clean()
        register = cleaned.get("register") or (
            None if self.instance._state.adding else self.instance.register
        )
        if register is not None:
            self._number(register)
        self.targets = {field: self._find_all(field) for field in _EVERYWHERE}
        return cleaned

    # No constraint refuses a number twice: an import that swaps two numbers has one of them twice
    # in between.
    def _number(self, register: Register) -> None:
        others = Footnote.objects.filter(register=register).exclude(pk=self.instance.pk)
        number = self.cleaned_data.get("position")
        if number is None and "position" not in self.errors:
            numbers = others.values_list("position", flat=True)
            self.cleaned_data["position"] = next_position(numbers, step=1)
        elif number is not None and (other := others.filter(position=number).first()):
            self.add_error(
                "position",
                f"{number} is the number of “{other.text[:80]}”. Give that note another first.",
            )

    def _find_all(self, field: str) -> list[Any]:
        model = _EVERYWHERE[field]
        names = [line.name for line in self.cleaned_data.get(field, ())]
        known = {record.name: record for record in model.objects.filter(name__in=names)}
        word = model._meta.verbose_name
        for name in names:
            if name not in known:
                self.add_error(
                    field, f"There is no {word} {name}. Write the name as its own page has it."
                )
        return [known[name] for name in dict.fromkeys(names) if name in known]

    def save_marks(self) -> None:
        """Write which providers and models the footnote marks; it is saved already."""
        set_cited_everywhere(
            self.instance, [*self.targets["provider_lines"], *self.targets["model_lines"]]
        )


def _marked_everywhere(note: Footnote) -> dict[str, list[str]]:
    """Return, for each field of lines, the names of what a footnote marks everywhere."""
    names: dict[str, list[str]] = {field: [] for field in _EVERYWHERE}
    if note._state.adding:
        return names
    for citation in note.citations.select_related("provider", "model"):
        if citation.provider:
            names["provider_lines"].append(citation.provider.name)
        elif citation.model:
            names["model_lines"].append(citation.model.name)
    return names


@admin.register(Footnote, site=site)
class FootnoteAdmin(StateMixin, TrackedAdmin):
    """The numbered footnotes of a page."""

    form = FootnoteForm
    fieldsets = [
        (None, {"fields": ["register", "position", "text", "valid_until"]}),
        ("Where it is cited", {"fields": ["provider_lines", "model_lines", "places"]}),
    ]
    readonly_fields = ["places"]
    set_once = ["register"]
    list_display = ["position", "text", "state", "cited", "register"]
    list_display_links = ["position", "text"]
    list_filter = ["register", StateFilter]
    allowed_lookups = ["register__id__exact", "state"]
    list_select_related = ["register"]
    search_fields = ["text__says"]
    search_help_text = "Search the texts."
    ordering = ["register__title", "position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the footnotes with the number of their citations."""
        notes: QuerySet[Any] = (
            super().get_queryset(request).annotate(citation_count=Count("citations"))
        )
        return notes

    def register_of(self, record: Any) -> int | None:
        """Return the key of the footnote's register."""
        return int(record.register_id) if record.register_id else super().register_of(record)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the register where there is only one, so that it need not be chosen."""
        registers = list(Register.objects.all()[:2])
        return {"register": registers[0].pk} if len(registers) == 1 else {}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write what the footnote marks everywhere."""
        super().save_related(request, form, formsets, change)
        form.save_marks()

    @admin.display(description="Cited", ordering="citation_count")
    def cited(self, note: Any) -> str:
        return {0: "nowhere", 1: "once"}.get(note.citation_count, f"{note.citation_count} times")

    @admin.display(description="Cited in rows")
    def places(self, note: Footnote) -> str:
        """Where listings cite the footnote. These citations are edited on the listings' forms."""
        everywhere = Q(provider__isnull=False) | Q(model__isnull=False)
        citations = list(note.citations.exclude(everywhere))
        prefetch_locations(citations)
        if citations:
            return "\n".join(sorted(location_label(citation) for citation in citations))
        if note.citations.filter(everywhere).exists():
            return "Nowhere besides what it marks everywhere."
        return "Nowhere. Set it on a row's form."

    @admin.display(description="Marks these providers wherever this register lists them")
    def provider_lines(self, note: Footnote) -> str:
        """The providers, for people who may not edit."""
        return "\n".join(_marked_everywhere(note)["provider_lines"])

    @admin.display(description="Marks these models wherever this register lists them")
    def model_lines(self, note: Footnote) -> str:
        """The models, for people who may not edit."""
        return "\n".join(_marked_everywhere(note)["model_lines"])
