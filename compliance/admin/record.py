"""The record, to be read: changesets with what they did, and publications with their decisions and files."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed

from compliance.admin import history
from compliance.admin.sites import site
from compliance.admin.tracked import RefusesUnlistedLookups
from compliance.models import Changeset, Decision, Publication, PublishedFile


class ReadOnlyAdmin(RefusesUnlistedLookups, admin.ModelAdmin):
    """A part of the record: nobody adds, changes or deletes, superusers included."""

    change_form_template = "admin/record_form.html"
    actions = None
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse everybody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse everybody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse everybody."""
        return False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Refuse everybody: the record is the history and has none itself."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        raise Http404


@admin.register(Changeset, site=site)
class ChangesetAdmin(ReadOnlyAdmin):
    """Who edited what, when and why."""

    change_form_template = "admin/changeset.html"
    fields = ["recorded", "who", "reason", "source"]
    list_display = ["recorded", "who", "reason", "source"]
    list_filter = ["source"]
    allowed_lookups = ["source__exact"]
    search_fields = ["label", "reason"]
    search_help_text = "Search names and reasons."

    @admin.display(description="When", ordering="recorded_at")
    def recorded(self, changeset: Changeset) -> str:
        """The moment, in UTC."""
        return f"{changeset.recorded_at:%-d %b %Y, %H:%M} UTC"

    @admin.display(description="Who", ordering="label")
    def who(self, changeset: Changeset) -> str:
        """The account, or the user of the operating system."""
        return history.who(changeset)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add what the changeset did."""
        context["lines"] = history.of_changeset(kwargs["obj"])
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Publication, site=site)
class PublicationAdmin(ReadOnlyAdmin):
    """What was submitted to be public, and what was decided."""

    fields = [
        "register",
        "number",
        "source",
        "content_sha256",
        "submitted_at",
        "label",
        "reason",
        "requested_effective_from",
        "announce",
        "decided",
        "artefacts",
        "findings",
        "answers",
    ]
    list_display = ["number", "register", "state", "effective_from", "submitted_at", "label", "source"]
    list_display_links = ["number", "register"]
    list_filter = ["register", "source"]
    allowed_lookups = ["register__id__exact", "source__exact"]
    list_select_related = ["register"]
    search_fields = ["content_sha256", "reason", "label"]
    search_help_text = "Search hashes, reasons and names."

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the publications with what the decisions made of them."""
        decisions = Decision.objects.filter(publication=OuterRef("pk"))
        approval = decisions.filter(kind=Decision.Kind.APPROVED)
        publications = (
            super()
            .get_queryset(request)
            .prefetch_related("decisions", Prefetch("files", PublishedFile.objects.defer("content")))
        )
        return publications.annotate(
            given_number=Subquery(approval.values("number")),
            given_effective_from=Subquery(approval.values("effective_from")),
            last_kind=Subquery(decisions.order_by("-id").values("kind")[:1]),
        )

    @admin.display(description="Number", ordering="given_number", empty_value="in review")
    def number(self, publication: Any) -> Any:
        """The number given at approval."""
        return publication.given_number

    @admin.display(description="In force from", ordering="given_effective_from")
    def effective_from(self, publication: Any) -> Any:
        """The moment given at approval."""
        return publication.given_effective_from

    @admin.display(description="State")
    def state(self, publication: Any) -> str:
        """What the last decision made of it."""
        return Publication.State(publication.last_kind or Publication.State.IN_REVIEW).label

    @admin.display(description="Decisions")
    def decided(self, publication: Publication) -> str:
        """The decisions, the first first."""
        return "\n".join(
            f"{decision.at:%-d %b %Y, %H:%M} UTC: {decision}. {decision.reason}"
            for decision in publication.decisions.all()
        )

    @admin.display(description="Files")
    def artefacts(self, publication: Publication) -> str:
        """The frozen files with their hashes."""
        return "\n".join(f"{file.format}: SHA-256 {file.sha256}" for file in publication.files.all())
