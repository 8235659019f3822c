"""Deleted records and their restoration, and the undoing of a save."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.contrib.admin.utils import unquote
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from compliance import publishing
from compliance.admin.components.labels import name_relations
from compliance.admin.components.summaries import describe_moment
from compliance.admin.components.usage import location_labels
from compliance.admin.history import queries
from compliance.admin.history.mixin import HistoryMixin, parse_key
from compliance.admin.listings.action_form import ActionForm
from compliance.admin.listings.action_views import action_response
from compliance.models import (
    Changeset,
    Column,
    Listing,
    PolicyDocument,
    Provider,
    Publication,
    Register,
    Section,
    graph,
)
from compliance.models.tracked import Tracked
from compliance.page.diff.sentences import FEW, join_names
from compliance.publishing.part_states import PartState, listing_state, part_states
from compliance.publishing.statuses import Status, status
from compliance.rendering.moments import minute_text
from compliance.workingcopy import restore
from compliance.workingcopy.restore import HistoryRow, NotRestorable, States

_DELETED_PER_PAGE = 100
# The parts that are restored by themselves: no other screen brings them back.
_PARTS: dict[type[Tracked], tuple[type[Tracked], ...]] = {
    Provider: (PolicyDocument,),
    Register: (Section, Column),
}


def put_back(states: Callable[[], States]) -> None:
    """Set records back in the open changeset; raises ValidationError with what is in the way."""
    try:
        restore.put_back(states())
    except NotRestorable as refusal:
        raise ValidationError(list(_sentences(refusal))) from refusal
    except ValidationError as error:
        record = error.record  # type: ignore[attr-defined]  # see Tracked.validate
        kind = capfirst(record._meta.verbose_name)
        raise ValidationError(f"{kind} {record}: {' '.join(error.messages)}") from error


def _sentences(refusal: NotRestorable) -> Iterator[str]:
    """Yield a sentence for everything that is in the way."""
    names = queries.names_at_the_time(refusal.missing)
    for row, name in zip(refusal.missing, names, strict=True):
        kind = capfirst(row.instance_type._meta.verbose_name)
        yield f"{kind} {name} was deleted, and is needed for it. Restore that first."
    rows_by_changeset: defaultdict[Changeset, list[HistoryRow]] = defaultdict(list)
    for row in refusal.later:
        rows_by_changeset[row.changeset].append(row)
    for changeset, rows in rows_by_changeset.items():
        written = [f"“{name}”" for name in dict.fromkeys(queries.names_at_the_time(rows))]
        changed = join_names(written, limit=FEW)
        yield (
            f"{queries.editor_name(changeset)} changed {changed} later, on "
            f"{minute_text(changeset.recorded_at)} ({changeset.reason}). Undo that first."
        )
    for label in location_labels(refusal.users):
        yield f"{capfirst(label)} uses what would be deleted. Take it out there first."


class DiscardChanges(ActionForm):
    """Set a listing back to what was published of it last."""

    name, title = "discard", "Discard the changes of this row"
    description = (
        "The row becomes again what the page in force shows or, where a scheduled publication "
        "changes it, what that one will show: its place, its models, providers, documents and "
        "cells, and their footnote marks. What models, providers, terms and notes say themselves "
        "stays as it is."
    )
    is_previewed_at_once = True

    @classmethod
    def is_offered(cls, subject: Any) -> bool:
        """Return whether the register has a page in force."""
        return _in_force(subject) is not None

    def perform(self) -> str:
        key = self.subject.pk
        state = _row_state(self.subject)
        if state.in_review:
            raise ValidationError(
                f"This row is in review (“{state.in_review[-1].reason}”), and could still be "
                "published as it was submitted. Withdraw that submission first, or edit the row."
            )
        # Not to the page in force then: that would take back what is scheduled.
        scheduled = max(state.scheduled, key=attrgetter("takes_effect_at"), default=None)
        publication = scheduled or _in_force(self.subject)
        changeset = publication and publishing.published_as_of(publication, str(key))
        if not changeset:
            raise ValidationError(
                "The page in force does not show this row, so it cannot be set back to it. "
                "To take the row away, delete it."
            )
        if scheduled:
            self.outlook = (
                f"This row is {describe_moment(scheduled)} (“{scheduled.reason}”). It becomes what "
                "that publication will show, not what the page in force shows. The publication "
                "still comes at its moment: to stop it, call it off."
            )
        others = _others_with_models(self.subject)
        states = restore.states_at(Listing, key, changeset)
        edits = _sentence_on_edits(restore.changesets_after(states, changeset))
        put_back(lambda: states)
        emptied = _sentence_on_emptied(others)
        self.outlook = " ".join(filter(None, (edits, self.outlook, emptied)))
        summary = "Discarded the changes of this row."
        if scheduled:
            summary = f"The row is again as it is {describe_moment(scheduled)}."
        return f"{summary} {emptied}".strip()


def _sentence_on_edits(changesets: list[Changeset]) -> str:
    """Return a sentence that names whose edits are taken back, with the reasons of each."""
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for changeset in changesets:
        reasons[queries.editor_name(changeset)].append(f"“{changeset.reason}”")
    editors = [f"{name} ({', '.join(dict.fromkeys(of))})" for name, of in reasons.items()]
    return f"This takes back the edits of {join_names(editors)}." if editors else ""


def _others_with_models(listing: Listing) -> list[Any]:
    """Return the other rows of a register that list a model, with what they are named by."""
    rows = listing.register.listings.exclude(pk=listing.pk).filter(listed_models__isnull=False)
    return list(rows.distinct().prefetch_related(*name_relations()))


def _sentence_on_emptied(rows: list[Any]) -> str:
    """Return a sentence on those rows that listed models before and list none any more."""
    keys = [row.pk for row in rows]
    emptied = set(Listing.objects.filter(pk__in=keys, listed_models=None).values_list("pk"))
    names = [f"“{row}”" for row in rows if (row.pk,) in emptied]
    if not names:
        return ""
    is_one = len(names) == 1
    return (
        f"All models of the row{'' if is_one else 's'} {join_names(names)} come back to this row. "
        f"{'It' if is_one else 'They'} would block publishing without models: delete "
        f"{'it' if is_one else 'them'} next, or list models there."
    )


def _row_state(listing: Listing) -> PartState:
    return listing_state(part_states(listing.register, at=timezone.now()), listing)


def _in_force(listing: Listing) -> Publication | None:
    publications: Any = listing.register.publications
    publication: Publication | None = publications.in_force(timezone.now())
    return publication


class UndoChangeset(ActionForm):
    """Undo one save: everything that it wrote becomes what it was before."""

    name, title = "undo", "Undo this change"
    description = (
        "Everything that this change wrote becomes what it was before it. What was done before and "
        "after stays. The undoing is a change of its own, with its own reason."
    )
    # It may write records of any kind.
    permissions = tuple(
        f"compliance.{get_permission_codename(action, aggregate.model._meta)}"
        for aggregate in graph.AGGREGATES
        for action in ("add", "change", "delete")
    )

    is_previewed_at_once = True

    def perform(self) -> str:
        roots = restore.roots_of(self.subject)
        if publication := publishing.published_from(self.subject, roots, at=timezone.now()):
            raise ValidationError(_sentence_about_page(publication))
        put_back(lambda: restore.states_before(self.subject))
        return "The change was undone."


def _sentence_about_page(publication: Publication) -> str:
    """Return why a save is not undone that a publication shows, and what to do."""
    match status(publication, at=timezone.now()):
        case Status.IN_REVIEW:
            return (
                f"It is in review (“{publication.reason}”). "
                "Withdraw that submission first, or edit the rows."
            )
        case Status.IN_FORCE:
            state, advice = "in force", "Revert to the publication before it"
        case _:
            state, advice = "scheduled", "Call that off first"
    return (
        f"{publication.register} {publication.number} was published from it and is {state}. "
        f"{advice}, or edit the rows."
    )


class RestoreRecord(ActionForm):
    """Restore a deleted record, given by its last history row."""

    name, title = "restore", "Restore"
    description = (
        "It comes back as it was before it was deleted, with its parts, its footnote marks and its "
        "address."
    )
    is_previewed_at_once = True

    def perform(self) -> str:
        model, key = self.subject.instance_type, self.subject.id
        put_back(lambda: restore.states_before_deletion(model, key))
        root = model.objects.get(pk=key).aggregate()
        self.redirect_to = root if type(root) in _ROOTS else None
        [name] = queries.names_at_the_time([self.subject])
        return f"{name} was restored."


_ROOTS = {aggregate.model for aggregate in graph.AGGREGATES}


@dataclass(frozen=True, slots=True)
class DeletedRecord:
    """A deleted record in a list, with the addresses of its history and of its restoration.

    An address is empty where there is no such screen, or the person may not use it.
    """

    name: str
    changeset: Changeset
    history: str
    restoration: str


class RestoreMixin(HistoryMixin):
    """Lists the deleted records of a kind and of its parts, and restores them."""

    def get_urls(self) -> list[URLPattern]:
        """Add the list of deleted records and the restoration of one."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("deleted/", view(self.deleted_view), name=f"{name}_deleted"),
            path(
                "<path:object_id>/restore/<slug:kind>/",
                view(self.restore_view),
                name=f"{name}_restore",
            ),
            *super().get_urls(),
        ]

    @property
    def _kinds(self) -> dict[str, type[Tracked]]:
        """The kinds of record that this screen restores, by their names in addresses."""
        models = [self.model, *_PARTS.get(self.model, ())]
        return {str(model._meta.model_name): model for model in models}

    @method_decorator(require_safe)
    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        """List the deleted records of a kind, with links to their history and restoration."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = request.GET.get("kind", "")
        model = self._kinds.get(chosen, self.model)
        paginator = Paginator(queries.deleted_rows(model), _DELETED_PER_PAGE)
        page = paginator.get_page(request.GET.get("p"))
        plural = str(model._meta.verbose_name_plural)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Deleted {plural}",
            "opts": self.opts,
            "kinds": [
                (name, str(kind._meta.verbose_name_plural), kind is model)
                for name, kind in self._kinds.items()
            ],
            "page": page,
            "records": self._deleted(request, model, list(page)),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/history/deleted.html", context)

    def _deleted(
        self, request: HttpRequest, model: type[Tracked], rows: list[HistoryRow]
    ) -> list[DeletedRecord]:
        is_root = model is self.model
        names = self.names_of(rows) if is_root else queries.names_at_the_time(rows)
        may_restore = self._may_restore(request, model)
        records = []
        for row, name in zip(rows, names, strict=True):
            history = self._address("history", row.id) if is_root else ""
            restoration = ""
            if may_restore:
                restoration = self._address("restore", row.id, model._meta.model_name)
            records.append(DeletedRecord(name, row.changeset, history, restoration))
        return records

    def _may_restore(self, request: HttpRequest, model: type[Tracked]) -> bool:
        """Return whether the person may restore records of a kind; parts belong to a form."""
        if model is self.model:
            return bool(self.has_add_permission(request))
        return bool(self.has_change_permission(request))

    def restore_view(self, request: HttpRequest, object_id: str, kind: str) -> HttpResponse:
        """Show what restoring a deleted record would change, and do it once it is confirmed."""
        model = self._kinds.get(kind)
        if not self._may_restore(request, model or self.model):
            raise PermissionDenied
        key = parse_key(model, unquote(object_id)) if model else None
        row = queries.deleted_rows(model).filter(id=key).first() if model and key else None
        if row is None:
            raise Http404
        [name] = queries.names_at_the_time([row])
        whence = f"{self._address('deleted')}?kind={kind}"
        return action_response(self, request, RestoreRecord, row, whence=(name, whence))

    def _address(self, screen: str, *arguments: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{screen}"
        return reverse(name, args=arguments)
