"""The screens of listings. A listing is one row of a table."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.text import capfirst

from compliance.admin.bulk import BulkEditMixin
from compliance.admin.components.labels import (
    NamedRecord,
    listing_title,
    name_relations,
    read_names,
    row_name,
)
from compliance.admin.components.states import StateFilter, StateMixin
from compliance.admin.conflicts.values import typed_texts
from compliance.admin.history import queries
from compliance.admin.history.mixin import parse_key
from compliance.admin.history.rows import rows_of
from compliance.admin.listings.action_views import ActionsMixin
from compliance.admin.listings.actions import LISTING_ACTIONS
from compliance.admin.listings.bulk import ListingBulkForm
from compliance.admin.listings.form import ListingForm, like_values
from compliance.admin.listings.lookup import LOOKUPS, look_up
from compliance.admin.listings.page import neighbourhood, page_address
from compliance.admin.site import site
from compliance.models import Citation, Listing, RetentionTerm, Section
from compliance.page import inline
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy.listings import reorder
from compliance.workingcopy.resolve import capture

_CITED = (
    "listed_models__citations",
    "listed_providers__citations",
    "listed_documents__citations",
    "cells__citations",
    "cells__column",
)

# What names a listing, as the form has read it.
_PARTS = ("listed_models", "listed_providers", "listed_documents", "cells")


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
    list_display = ["name", "state", "providers", "claims", "place"]
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

    def get_urls(self) -> list[URLPattern]:
        """Add the lookup of names for the comboboxes."""
        view = self.admin_site.admin_view(self.lookup_view)
        return [
            path("lookup/<slug:kind>/", view, name="compliance_listing_lookup"),
            *super().get_urls(),
        ]

    def lookup_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Return names that contain a text, to people who may edit rows and see such records."""
        if kind not in LOOKUPS:
            raise Http404
        may_edit = self.has_add_permission(request) or self.has_change_permission(request)
        if request.method == "POST" or not may_edit:
            raise PermissionDenied
        if not request.user.has_perm(LOOKUPS[kind][0]):
            raise PermissionDenied
        return JsonResponse(look_up(kind, request.GET.get("q", "")))

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
        if like := _listing_named(request.GET.get("like", "")):
            return {"section": like.section_id, "after": like.pk, **like_values(like)}
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
            "title": "Add a row: choose its table",
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
        context["notes"] = [
            {"number": note.position, "text": inline.plain(note.text)}
            for note in form.register_notes
        ]
        context["marked_everywhere"] = self._marked_everywhere(form.instance)
        context["new_records"] = form.new_records
        context["after"] = form.data.get("after") or form.initial.get("after", "")
        if context["original"]:
            context["row_name"] = row_name(context["original"])
        if may_save:
            context["wordings"] = RetentionTerm.objects.values_list("wording", flat=True)
        if form.section:
            register = form.section.register
            context["register"] = register
            context["table"] = neighbourhood(
                capture(register),
                section=str(form.section.pk),
                row="" if form.instance._state.adding else str(form.instance.pk),
            )
        return super().render_change_form(request, context, *args, **kwargs)

    def typed_form(self, request: HttpRequest, key: str) -> Any:
        """Return the form of a deleted listing, with the fields of the section that it stood in."""
        sections = rows_of(Listing).filter(id=key).order_by("-history_id")
        section = sections.values_list("section_id", flat=True).first()
        return self.get_form(request, None)(initial={"section": section})

    def typed_besides(self, request: HttpRequest, record: Any) -> Any:
        """Return what describes the providers, documents and footnotes that are new."""
        form = self.get_form(request, record, change=True)(request.POST, instance=record)
        return [
            (described.heading, list(typed_texts(described, request.POST)))
            for described in form.new_records.described()
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the row; put a new one below the row that it was added from."""
        super().save_model(request, obj, form, change)
        after = None if change else _listing_named(request.POST.get("after", ""))
        if after and after.section_id == obj.section_id:
            rows = [row for row in obj.section.listings.all() if row.pk != obj.pk]
            rows.insert(next(n for n, row in enumerate(rows, 1) if row.pk == after.pk), obj)
            reorder(obj.section, order=rows)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write the cells and marks; report what changed and what is probably a mistake."""
        super().save_related(request, form, formsets, change)
        sentences = form.save_cells()
        if change:
            form.instance.refresh_from_db(fields=list(_PARTS))
        for sentence in sentences:
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

    def shown_at(self, record: Any) -> str:
        """Return the address of the row on its page."""
        if not record.section_id:
            return ""
        return page_address(record.register_id, "" if record._state.adding else record.pk)

    def register_of(self, record: Any) -> int | None:
        """Return the key of the row's register."""
        return int(record.register_id) if record.section_id else None

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Go to the page that the row stood on."""
        super().response_delete(request, obj_display, obj_id)
        rows = rows_of(Listing).filter(id=obj_id).order_by("-history_id")
        key: Any = rows.values_list("section_id", flat=True).first()
        register = Section.objects.filter(pk=key).values_list("register", flat=True).first()
        if register is None:
            return HttpResponseRedirect(reverse("admin:compliance_listing_changelist"))
        return HttpResponseRedirect(page_address(register))

    def shown(self, record: Any) -> Any:
        """Return the listing with its title as its name."""
        read_names([record])
        return NamedRecord(record, capfirst(listing_title(record)))

    def names_of(self, rows: Iterable[Any]) -> list[str]:
        """Return the names of listings at the time of their history rows."""
        return queries.names_at_the_time(rows)

    # The columns of the list

    @admin.display(description="Row")
    def name(self, listing: Listing) -> str:
        """What the row is called."""
        return row_name(listing)

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

    def _marked_everywhere(self, listing: Listing) -> list[str]:
        """Return the footnotes that mark a model or provider wherever the register lists it."""
        if listing._state.adding:
            return []
        everywhere = Citation.objects.filter(
            Q(model__listed__listing=listing) | Q(provider__listed__listing=listing),
            footnote__register=listing.register_id,
        )
        names = set()
        for citation in everywhere.select_related("footnote", "provider", "model"):
            names.add(f"{citation.provider or citation.model} [{citation.footnote.position}]")
        return [f"{name}, wherever it is listed" for name in sorted(names)]


def _listing_named(key: str) -> Listing | None:
    """Return the row with a key, None for a key that none has."""
    parsed = parse_key(Listing, key)
    return Listing.objects.filter(pk=parsed).first() if parsed else None


def _in_table(listing: Listing, response: HttpResponse) -> HttpResponse:
    """Return a response that, where it leads to the form of a new listing, names the section."""
    path, _, query = response.headers.get("Location", "").partition("?")
    if path == reverse("admin:compliance_listing_add"):
        parameters = QueryDict(query, mutable=True)
        parameters["section"] = str(listing.section_id)
        response.headers["Location"] = f"{path}?{parameters.urlencode()}"
    return response
