"""The screens of listings. A listing is one row of a table."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst

from compliance.admin.bulk import BulkEditMixin
from compliance.admin.components.labels import (
    NamedRecord,
    first_cell,
    listing_title,
    name_relations,
)
from compliance.admin.components.states import StateFilter, StateMixin
from compliance.admin.history import queries
from compliance.admin.history.rows import rows_of
from compliance.admin.listings.action_views import ActionsMixin
from compliance.admin.listings.actions import LISTING_ACTIONS
from compliance.admin.listings.bulk import ListingBulkForm
from compliance.admin.listings.form import ListingForm
from compliance.admin.site import site
from compliance.models import Citation, Footnote, Listing, RetentionTerm, Section
from compliance.page.vocabulary import ColumnRole

_CITED = (
    "listed_models__citations",
    "listed_providers__citations",
    "listed_documents__citations",
    "cells__citations",
    "cells__column",
)


def sections_with_tables() -> QuerySet[Any]:
    """Return the sections that can have listings, in the order of registers and pages."""
    tables = Section.objects.filter(columns__isnull=False).distinct().select_related("register")
    return tables.order_by("register__title", "register_id", "position", "pk")


class SectionFilter(admin.SimpleListFilter):
    """Filters listings by the section in whose table they stand."""

    title = "section"
    parameter_name = "section"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (str(section.pk), f"{section.register}: {section}")
            for section in sections_with_tables()
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {key for key, _ in self.lookup_choices}
        if self.value() in known:
            return queryset.filter(section=self.value())
        return queryset


@admin.register(Listing, site=site)
class ListingAdmin(StateMixin, ActionsMixin, BulkEditMixin):
    """Listings: which models go to which providers, on which terms, or whatever a table lists."""

    form = ListingForm
    change_form_template = "admin/listings/form.html"
    one_step_actions = LISTING_ACTIONS
    readonly_fields = ["place"]
    list_display = ["name", "state", "providers", "claims", "position", "place"]
    list_display_links = ["name"]
    list_filter = ["section__register", SectionFilter, StateFilter, "listed_providers__provider"]
    allowed_lookups = [
        "section",
        "state",
        "section__register__id__exact",
        "section__id__exact",
        "listed_providers__provider__id__exact",
        "listed_documents__document__provider__id__exact",
        "listed_models__model__id__exact",
        "cells__term__id__exact",
    ]
    list_select_related = ["section__register"]
    search_fields = [
        "listed_models__model__name__says",
        "listed_providers__provider__name__says",
        "cells__text__says",
    ]
    search_help_text = "Search the names of models and providers, and the texts of cells."
    ordering = ["section__register__title", "section__position", "position", "id"]
    bulk_form = ListingBulkForm
    bulk_prefetch = [*name_relations(), *_CITED]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the listings; for their list, with what its columns show."""
        listings = super().get_queryset(request)
        if request.resolver_match is None or not str(request.resolver_match.url_name).endswith(
            "_changelist"
        ):
            return listings.select_related("section__register")
        return listings.prefetch_related(*name_relations(), "cells__column")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields besides the cells, which the template shows in page order."""
        place: list[Any] = ["section", "position"]
        if obj:
            place = ["place", "position"]
        return [(None, {"fields": place})]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the section that the address names, or the only one that has a table.

        The address that leads there from a list has the filters of the list.
        """
        filters = QueryDict(request.GET.get("_changelist_filters", ""))
        if named := request.GET.get("section") or filters.get("section"):
            return {"section": named}
        sections = list(sections_with_tables()[:2])
        return {"section": sections[0].pk} if len(sections) == 1 else {}

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Ask for the section first, where there are several and the address names none."""
        may_ask = request.method in ("GET", "HEAD") and self.has_add_permission(request)
        if may_ask and not self.get_changeform_initial_data(request):
            return self._sections_page(request)
        return super().add_view(request, form_url, extra_context)

    def _sections_page(self, request: HttpRequest) -> TemplateResponse:
        sections = list(sections_with_tables().prefetch_related("columns"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Add listing: choose its table",
            "sections": sections,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/listings/sections.html", context)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Add the cells, the footnotes that can mark them, and the wordings to choose from."""
        form = context["adminform"].form
        may_save = self.has_add_permission(request)
        if context["original"]:
            may_save = self.has_change_permission(request, context["original"])
        context["may_edit_cells"] = may_save
        context["cells"] = form.cells
        context["section"] = form.section
        context["notes"] = self._notes(form)
        context["marked_everywhere"] = self._marked_everywhere(form.instance)
        roles = {cell.column.role for cell in form.cells}
        if may_save and ColumnRole.RETENTION in roles:
            context["wordings"] = RetentionTerm.objects.values_list("wording", flat=True)
        return super().render_change_form(request, context, *args, **kwargs)

    def typed_form(self, request: HttpRequest, key: str) -> Any:
        """Return the form of a deleted listing, with the fields of the section that it stood in."""
        sections = rows_of(Listing).filter(id=key).order_by("-history_id")
        section = sections.values_list("section_id", flat=True).first()
        return self.get_form(request, None)(initial={"section": section})

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write the cells and marks; report what changed and what is probably a mistake."""
        super().save_related(request, form, formsets, change)
        for sentence in form.save_cells():
            self.message_user(request, sentence, messages.SUCCESS)
        for sentence in form.doubts():
            self.message_user(request, sentence, messages.WARNING)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        """Stay in the same table if another listing is to be added."""
        return _in_table(obj, super().response_add(request, obj, post_url_continue))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Stay in the same table if another listing is to be added."""
        return _in_table(obj, super().response_change(request, obj))

    def shown(self, record: Any) -> Any:
        """Return the listing with its title as its name."""
        prefetch_related_objects([record], *name_relations())
        return NamedRecord(record, capfirst(listing_title(record)))

    def names_of(self, rows: Iterable[Any]) -> list[str]:
        """Return the names of listings at the time of their history rows."""
        return queries.names_at_the_time(rows)

    # The columns of the list

    @admin.display(description="Listing")
    def name(self, listing: Listing) -> str:
        """What stands in the first column."""
        return first_cell(listing) or "A row without a name"

    @admin.display(description="Providers")
    def providers(self, listing: Listing) -> str:
        """The providers in order."""
        return ", ".join(row.provider.name for row in listing.listed_providers.all())

    @admin.display(description="Claims of its own")
    def claims(self, listing: Listing) -> str:
        """What the listing itself says about training and retention."""
        stated = []
        for cell in listing.cells.all():
            if ColumnRole(cell.column.role).is_claim:
                stated.append(f"{cell.column}: {cell.words or 'empty on purpose'}")
        return "; ".join(stated)

    @admin.display(description="Table", ordering="section__register__title")
    def place(self, listing: Listing) -> str:
        """The register and the section."""
        return f"{listing.register}: {listing.section}"

    def _notes(self, form: Any) -> list[str]:
        """Return the footnotes of the register, by number."""
        if form.section is None:
            return []
        notes = Footnote.objects.filter(register=form.section.register_id)
        return [f"[{note.position}] {note.text}" for note in notes]

    def _marked_everywhere(self, listing: Listing) -> list[str]:
        """Return the footnotes that mark a model or provider wherever the register lists it."""
        if listing._state.adding:
            return []
        everywhere = Citation.objects.filter(footnote__register=listing.register_id).select_related(
            "footnote", "provider", "model"
        )
        in_models = everywhere.filter(model__listed__listing=listing)
        in_providers = everywhere.filter(provider__listed__listing=listing)
        names = set()
        for citation in [*in_models, *in_providers]:
            names.add(f"{citation.provider or citation.model} [{citation.footnote.position}]")
        return [f"{name}, wherever it is listed" for name in sorted(names)]


def _in_table(listing: Listing, response: HttpResponse) -> HttpResponse:
    """Return a response that, where it leads to the form of a new listing, names the section."""
    path, _, query = response.headers.get("Location", "").partition("?")
    if path == reverse("admin:compliance_listing_add"):
        parameters = QueryDict(query, mutable=True)
        parameters["section"] = str(listing.section_id)
        response.headers["Location"] = f"{path}?{parameters.urlencode()}"
    return response
